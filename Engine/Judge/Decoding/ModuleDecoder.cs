using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>
/// Reads the sections of a core module. It trusts nothing: every index is checked when the module is complete. What it refuses it refuses
/// with a diagnostic; validation of bodies is left to their executor, which refuses what it does not understand.
/// </summary>
internal static class ModuleDecoder
{
    private const ulong Header = 0x0000_0001_6D73_6100;

    public static DecodedModule Decode(byte[] bytes, string file)
    {
        var module = new DecodedModule(bytes, file);
        var cursor = new ByteCursor(bytes, 0, bytes.Length, file);
        if (cursor.Fixed(8) != Header)
        {
            throw new DiagnosticException(DiagnosticId.PULSE1001, Location.AtOffset(file, 0), "no core module header");
        }

        var declared = new Queue<Signature>();
        while (!cursor.AtEnd)
        {
            var id = cursor.U8();
            var section = cursor.Slice(cursor.Count());
            ReadSection(module, id, ref section, declared);
            if (id != 0 && !section.AtEnd)
            {
                throw section.Fail("a section is longer than its contents");
            }
        }

        if (declared.Count != 0)
        {
            throw cursor.Fail("functions without bodies");
        }

        ReadHandlers(module);
        CheckIndices(module);
        return module;
    }

    private static void ReadSection(DecodedModule module, byte id, ref ByteCursor c, Queue<Signature> declared)
    {
        switch (id)
        {
            case 0:
                module.Customs.Add(new CustomSection(c.Name(), module.Bytes.AsMemory(c.Position, c.End - c.Position)));
                return;
            case 8:
                module.Start = c.Index();
                return;
            case 12:
                c.U32();
                return;
        }

        for (var count = c.Count(); count > 0; count--)
        {
            switch (id)
            {
                case 1: module.Types.Add(ReadType(ref c)); break;
                case 2: ReadImport(module, ref c); break;
                case 3: declared.Enqueue(ReadSignature(module, ref c)); break;
                case 4: module.Tables.Add(ReadTable(module, ref c)); break;
                case 5: module.Memories.Add(new MemoryEntity(module.Memories.Count, ReadLimits(ref c), null)); break;
                case 6: module.Globals.Add(ReadGlobal(module, ref c)); break;
                case 7: module.Exports.Add(new ExportEntity(c.Name(), (EntityKind)c.U8(), c.Index())); break;
                case 9: module.Elements.Add(SegmentDecoder.ReadElement(module, ref c)); break;
                case 10: ReadBody(module, ref c, declared); break;
                case 11: module.Data.Add(SegmentDecoder.ReadData(module, ref c)); break;
                case 13: module.Tags.Add(ReadTag(module, ref c, null)); break;
                default: throw c.Fail($"unknown section {id}");
            }
        }
    }

    private static Signature ReadType(ref ByteCursor c)
        => c.U8() == 0x60 ? new Signature(ReadKinds(ref c), ReadKinds(ref c)) : throw c.Unsupported("types other than function types");

    private static ImmutableArray<ValueKind> ReadKinds(ref ByteCursor c)
    {
        var kinds = ImmutableArray.CreateBuilder<ValueKind>();
        for (var count = c.Count(); count > 0; count--)
        {
            kinds.Add(ReadKind(ref c));
        }

        return kinds.ToImmutable();
    }

    internal static ValueKind ReadKind(ref ByteCursor c)
    {
        var kind = (ValueKind)c.U8();
        return Enum.IsDefined(kind) ? kind : throw c.Unsupported($"value type 0x{(byte)kind:x2}");
    }

    private static Limits ReadLimits(ref ByteCursor c)
    {
        var flags = c.U8();
        if (flags > 15)
        {
            throw c.Fail("limits flags are not understood");
        }

        var minimum = c.U64();
        ulong? maximum = (flags & 1) != 0 ? c.U64() : null;
        return new Limits(minimum, maximum, (flags & 4) != 0, (flags & 2) != 0, (flags & 8) != 0 ? (int)Math.Min(c.U32(), 64) : 16);
    }

    private static void ReadImport(DecodedModule module, ref ByteCursor c)
    {
        var name = new ImportName(c.Name(), c.Name());
        var kind = (EntityKind)c.U8();
        switch (kind)
        {
            case EntityKind.Function:
                module.Functions.Add(new FunctionEntity(module.Functions.Count, ReadSignature(module, ref c), name, null));
                break;
            case EntityKind.Table:
                var element = ReadKind(ref c);
                module.Tables.Add(new TableEntity(module.Tables.Count, element, ReadLimits(ref c), name, null));
                break;
            case EntityKind.Memory:
                module.Memories.Add(new MemoryEntity(module.Memories.Count, ReadLimits(ref c), name));
                break;
            case EntityKind.Global:
                var value = ReadKind(ref c);
                module.Globals.Add(new GlobalEntity(module.Globals.Count, value, c.U8() != 0, name, null));
                break;
            default:
                module.Tags.Add(ReadTag(module, ref c, name));
                break;
        }
    }

    private static TagEntity ReadTag(DecodedModule module, ref ByteCursor c, ImportName? import)
    {
        c.U8();
        return new TagEntity(ReadSignature(module, ref c), import);
    }

    private static Signature ReadSignature(DecodedModule module, ref ByteCursor c)
        => c.Index() is var type && type < module.Types.Count ? module.Types[type] : throw c.Fail("type index out of range");

    private static TableEntity ReadTable(DecodedModule module, ref ByteCursor c)
    {
        var explicitFill = c.Peek() == 0x40;
        if (explicitFill)
        {
            c.Skip(2);
        }

        var kind = ReadKind(ref c);
        var limits = ReadLimits(ref c);
        return new TableEntity(module.Tables.Count, kind, limits, null, explicitFill ? InitialDecoder.Read(ref c) : null);
    }

    private static GlobalEntity ReadGlobal(DecodedModule module, ref ByteCursor c)
    {
        var kind = ReadKind(ref c);
        var mutable = c.U8() != 0;
        return new GlobalEntity(module.Globals.Count, kind, mutable, null, InitialDecoder.Read(ref c));
    }

    private static void ReadBody(DecodedModule module, ref ByteCursor c, Queue<Signature> declared)
    {
        const int MaximumLocals = 50_000;
        var body = c.Slice(c.Count());
        var locals = ImmutableArray.CreateBuilder<ValueKind>();
        for (var groups = body.Count(); groups > 0; groups--)
        {
            var repeat = body.U32();
            var kind = ReadKind(ref body);
            if (repeat > MaximumLocals - locals.Count)
            {
                throw body.Fail("too many locals");
            }

            locals.AddRange(Enumerable.Repeat(kind, (int)repeat));
        }

        var signature = declared.TryDequeue(out var next) ? next : throw body.Fail("a body without a function");
        module.Functions.Add(new FunctionEntity(module.Functions.Count, signature, null, new BodyRange(body.Position, body.End, locals.ToImmutable())));
    }

    /// <summary>
    /// Reads <c>pulse.interrupts</c>, the exports that interrupts run: <c>version:u32 = 1, vec(export:name, vector:name, priority:u32)</c>. Verdicts rest
    /// on it, so what cannot be read is refused.
    /// </summary>
    private static void ReadHandlers(DecodedModule module)
    {
        foreach (var section in module.Customs.Where(section => section.Name == "pulse.interrupts"))
        {
            var c = new ByteCursor(section.Bytes.ToArray(), 0, section.Bytes.Length, module.File);
            if (c.U32() != 1)
            {
                throw c.Unsupported("a version of pulse.interrupts that is not known");
            }

            for (var count = c.Count(); count > 0; count--)
            {
                module.Handlers.Add(c.Name());
                c.Name();
                c.U32();
            }

            if (!c.AtEnd)
            {
                throw c.Fail("pulse.interrupts is longer than its contents");
            }
        }
    }

    /// <summary>Checks the indices that sections hold, once every index space is complete.</summary>
    private static void CheckIndices(DecodedModule module)
    {
        void Require(bool holds, string what) => _ = holds ? 0 : throw new DiagnosticException(DiagnosticId.PULSE1001, Location.AtOffset(module.File, 0), what);
        int SizeOf(EntityKind kind) => kind switch
        {
            EntityKind.Function => module.Functions.Count,
            EntityKind.Table => module.Tables.Count,
            EntityKind.Memory => module.Memories.Count,
            EntityKind.Global => module.Globals.Count,
            EntityKind.Tag => module.Tags.Count,
            _ => 0,
        };
        module.Exports.ForEach(e => Require(e.Index < SizeOf(e.Kind), $"export '{e.Name}' names nothing"));
        Require(module.Start is not { } start || start < module.Functions.Count, "the start function does not exist");
        module.Handlers.ForEach(h => Require(module.Exports.Exists(e => e.Kind == EntityKind.Function && e.Name == h), $"the handler '{h}' is not exported"));
        module.Elements.ForEach(e => Require(e.Mode != SegmentMode.Active || e.Table < module.Tables.Count, "an element segment names no table"));
        module.Data.ForEach(d => Require(d.Mode != SegmentMode.Active || d.Memory < module.Memories.Count, "a data segment names no memory"));
        var initials = module.Globals.Select(g => g.Initial).Concat(module.Tables.Select(t => t.Fill)).Concat(module.Data.Select(d => d.Offset))
            .Concat(module.Elements.SelectMany(e => e.Items.Append(e.Offset)));
        foreach (var initial in initials.OfType<Initial>())
        {
            Require(initial.Kind != InitialKind.Function || initial.Value < (ulong)module.Functions.Count, "a function index is out of range");
            Require(initial.Reads.All(g => g < module.Globals.Count), "a global index is out of range");
        }
    }
}
