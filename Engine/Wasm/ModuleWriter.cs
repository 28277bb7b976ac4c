using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm;

/// <summary>
/// Writes a module in the shortest encoding of everything that changed since it was read; unchanged sections keep their bytes
/// (see <see cref="ModuleSource"/>). Custom sections stay behind the section they followed. The same module always gives the same bytes.
/// </summary>
internal static class ModuleWriter
{
    private static readonly byte[] _header = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>The binary form of <paramref name="module"/>.</summary>
    public static byte[] Write(Module module)
    {
        var parts = Parts(module);
        var output = new byte[parts.Sum(part => part.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.Span.CopyTo(output.AsSpan(at));
            at += part.Length;
        }

        return output;
    }

    /// <summary>
    /// The binary form of <paramref name="module"/> in parts that follow one another. An unchanged section is the part of the file it came from,
    /// so that a large module is written without a second copy in memory.
    /// </summary>
    public static List<ReadOnlyMemory<byte>> Parts(Module module)
    {
        List<ReadOnlyMemory<byte>> parts = [_header];
        AddCustomSections(parts, module, after: 0);
        foreach (var id in SectionId.Order)
        {
            AddSection(parts, module, id);
            AddCustomSections(parts, module, id);
        }

        return parts;
    }

    private static void AddSection(List<ReadOnlyMemory<byte>> parts, Module module, int id)
    {
        if (module.Source?.Unchanged(id, module) is { } original)
        {
            parts.Add(original);
            return;
        }

        var content = new ByteWriter();
        WriteContent(content, module, id);
        if (content.Length > 0)
        {
            AddEncoded(parts, id, content);
        }
    }

    private static void AddCustomSections(List<ReadOnlyMemory<byte>> parts, Module module, int after)
    {
        foreach (var section in module.CustomSections)
        {
            if (section.After != after)
            {
                continue;
            }

            if (module.Source?.EncodedCustom(section) is { } original)
            {
                parts.Add(original);
                continue;
            }

            var content = new ByteWriter();
            content.Name(section.Name);
            content.Bytes(section.Bytes.Span);
            AddEncoded(parts, SectionId.Custom, content);
        }
    }

    private static void AddEncoded(List<ReadOnlyMemory<byte>> parts, int id, ByteWriter content)
    {
        var prefix = new ByteWriter();
        prefix.U8((byte)id);
        prefix.Uleb((ulong)content.Length);
        parts.Add(prefix.ToArray());
        parts.Add(content.WrittenMemory);
    }

    /// <summary>Writes the content of section <paramref name="id"/>; nothing when the module has none.</summary>
    private static void WriteContent(ByteWriter output, Module module, int id)
    {
        switch (id)
        {
            case SectionId.Type:
                WriteVector(output, module.Types, WriteType);
                break;
            case SectionId.Import:
                WriteImports(output, module);
                break;
            case SectionId.Function:
                WriteVector(output, [.. module.Functions.Where(f => f.Import is null)], (to, function) => to.Uleb((ulong)function.Type.Index));
                break;
            case SectionId.Table:
                WriteVector(output, [.. module.Tables.Where(t => t.Import is null)], WriteTable);
                break;
            case SectionId.Memory:
                WriteVector(output, [.. module.Memories.Where(m => m.Import is null)], WriteMemoryType);
                break;
            case SectionId.Global:
                WriteVector(output, [.. module.Globals.Where(g => g.Import is null)], WriteGlobal);
                break;
            case SectionId.Export:
                WriteVector(output, module.Exports, WriteExport);
                break;
            case SectionId.Start when module.Start is { } start:
                output.Uleb((ulong)start.Index);
                break;
            case SectionId.Element:
                WriteVector(output, module.Elements, WriteElement);
                break;
            case SectionId.DataCount when module.HasDataCount:
                output.Uleb((ulong)module.Data.Count);
                break;
            case SectionId.Code:
                var locals = new ByteWriter();
                WriteVector(output, [.. module.Functions.Where(f => f.Import is null)], (to, function) => WriteBody(to, function, locals));
                break;
            case SectionId.Data:
                WriteVector(output, module.Data, WriteData);
                break;
            default:
                break;
        }
    }

    private static void WriteVector<T>(ByteWriter output, List<T> items, Action<ByteWriter, T> write)
    {
        if (items.Count > 0)
        {
            output.Uleb((ulong)items.Count);
            items.ForEach(item => write(output, item));
        }
    }

    private static void WriteType(ByteWriter output, FuncType type)
    {
        output.U8(0x60);
        WriteValueTypes(output, type.Parameters.AsSpan());
        WriteValueTypes(output, type.Results.AsSpan());
    }

    private static void WriteValueTypes(ByteWriter output, ReadOnlySpan<ValType> types)
    {
        output.Uleb((ulong)types.Length);
        foreach (var type in types)
        {
            output.U8((byte)type);
        }
    }

    private static void WriteImports(ByteWriter output, Module module)
    {
        if (module.Imports.Count == 0)
        {
            return;
        }

        int functions = 0, tables = 0, memories = 0, globals = 0;
        output.Uleb((ulong)module.Imports.Count);
        foreach (var import in module.Imports)
        {
            output.Name(import.Module);
            output.Name(import.Name);
            output.U8((byte)import.Kind);
            switch (import.Kind)
            {
                case ExternKind.Function:
                    output.Uleb((ulong)module.Functions[functions++].Type.Index);
                    break;
                case ExternKind.Table:
                    WriteTableType(output, module.Tables[tables++]);
                    break;
                case ExternKind.Memory:
                    WriteMemoryType(output, module.Memories[memories++]);
                    break;
                default:
                    WriteGlobalType(output, module.Globals[globals++]);
                    break;
            }
        }
    }

    private static void WriteLimits(ByteWriter output, Limits limits, int flags)
    {
        output.U8((byte)(flags | (limits.Maximum is null ? 0 : 1) | (limits.Shared ? 2 : 0) | (limits.Is64 ? 4 : 0)));
        output.Uleb(limits.Minimum);
        if (limits.Maximum is { } maximum)
        {
            output.Uleb(maximum);
        }
    }

    private static void WriteTableType(ByteWriter output, ModuleTable table)
    {
        output.U8((byte)table.ElementType);
        WriteLimits(output, table.Limits, 0);
    }

    private static void WriteTable(ByteWriter output, ModuleTable table)
    {
        if (table.Initial is null)
        {
            WriteTableType(output, table);
            return;
        }

        output.U16(0x0040);
        WriteTableType(output, table);
        output.Bytes(table.Initial.Code.Span);
    }

    private static void WriteMemoryType(ByteWriter output, ModuleMemory memory)
    {
        WriteLimits(output, memory.Limits, memory.StatedPageSizeLog2 is null ? 0 : 8);
        if (memory.StatedPageSizeLog2 is { } stated)
        {
            output.Uleb((ulong)stated);
        }
    }

    private static void WriteGlobalType(ByteWriter output, ModuleGlobal global)
    {
        output.U8((byte)global.Type);
        output.U8(global.IsMutable ? (byte)1 : (byte)0);
    }

    private static void WriteGlobal(ByteWriter output, ModuleGlobal global)
    {
        WriteGlobalType(output, global);
        output.Bytes(Required(global.Initial, "a defined global has an initial value").Code.Span);
    }

    private static void WriteExport(ByteWriter output, Export export)
    {
        output.Name(export.Name);
        output.U8((byte)export.Kind);
        output.Uleb((ulong)export.Index);
    }

    private static void WriteElement(ByteWriter output, ElementSegment segment)
    {
        var expressions = segment.UsesExpressions;
        var plain = segment.Mode == SegmentMode.Active && segment.Table.Index == 0 && segment.Type == ValType.FuncRef;
        var mode = segment.Mode switch { SegmentMode.Active => plain ? 0 : 2, SegmentMode.Passive => 1, _ => 3 };
        output.Uleb((ulong)(mode | (expressions ? 4 : 0)));
        if (mode == 2)
        {
            output.Uleb((ulong)segment.Table.Index);
        }

        if (segment.Mode == SegmentMode.Active)
        {
            output.Bytes(Required(segment.Offset, "an active segment has an offset").Code.Span);
        }

        if (mode != 0)
        {
            output.U8(expressions ? (byte)segment.Type : (byte)0);
        }

        output.Uleb((ulong)segment.Count);
        foreach (var function in expressions ? [] : segment.Functions)
        {
            output.Uleb((ulong)function.Index);
        }

        foreach (var expression in expressions ? segment.Expressions : [])
        {
            output.Bytes(expression.Code.Span);
        }
    }

    /// <summary>Writes a body; <paramref name="locals"/> is a buffer for the part whose length must be known first.</summary>
    private static void WriteBody(ByteWriter output, ModuleFunction function, ByteWriter locals)
    {
        var body = Required(function.Body, "a defined function has a body");
        locals.Truncate(0);
        body.WriteLocals(locals);
        output.Uleb((ulong)(locals.Length + body.Code.Length));
        output.Bytes(locals.Written);
        output.Bytes(body.Code.Span);
    }

    private static void WriteData(ByteWriter output, DataSegment segment)
    {
        var mode = segment.Mode == SegmentMode.Passive ? 1 : segment.Memory.Index == 0 ? 0 : 2;
        output.Uleb((ulong)mode);
        if (mode == 2)
        {
            output.Uleb((ulong)segment.Memory.Index);
        }

        if (mode != 1)
        {
            output.Bytes(Required(segment.Offset, "an active segment has an offset").Code.Span);
        }

        output.Vector(segment.Bytes.Span);
    }

    private static T Required<T>(T? value, string invariant) where T : class => value ?? throw new InvariantException(invariant);
}
