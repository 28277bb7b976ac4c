using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pulse.Build.Engine.Wasm;

/// <summary>The content of each section.</summary>
internal sealed partial class ModuleReader
{
    /// <summary>Makes room for so many entities, which is cheaper than to grow; the bytes that back the count are there.</summary>
    private static int Expect<T>(List<T> list, int count)
    {
        list.EnsureCapacity(list.Count + count);
        return count;
    }

    private void ReadTypes(ref ByteReader section)
    {
        for (var left = Expect(_module.Types, section.Count()); left > 0; left--)
        {
            var start = section.Offset;
            switch (section.U8())
            {
                case 0x60:
                    _module.Types.Add(new FuncType(ReadValueTypes(ref section), ReadValueTypes(ref section)));
                    break;
                case 0x4E or 0x4F or 0x50 or 0x5E or 0x5F:
                    throw section.Unsupported("garbage collection", start);
                case 0x5D:
                    throw section.Unsupported("stack switching", start);
                default:
                    throw section.Malformed("malformed function type", start);
            }
        }
    }

    private static ImmutableArray<ValType> ReadValueTypes(ref ByteReader section)
    {
        var count = section.Count();
        if (count == 0)
        {
            return [];
        }

        var types = new ValType[count];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = ReadValueType(ref section);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(types);
    }

    private static ValType ReadValueType(ref ByteReader section)
    {
        var start = section.Offset;
        int code = section.U8();
        if (code == 0x63 && section is { AtEnd: false } && section.Peek() is 0x70 or 0x6F)
        {
            // The long form of a nullable reference to func or extern.
            code = section.U8();
        }

        if (ValTypes.FromCode(code) is { } type)
        {
            return type;
        }

        throw Proposals.OfType(code) is { } proposal ? section.Unsupported(proposal, start) : section.Malformed("malformed value type", start);
    }

    private static ValType ReadReferenceType(ref ByteReader section)
    {
        var start = section.Offset;
        var type = ReadValueType(ref section);
        return type.IsReference() ? type : throw section.Malformed("malformed reference type", start);
    }

    private static Limits ReadLimits(ref ByteReader section, int allowed, out int flags)
    {
        var start = section.Offset;
        flags = section.U8();
        if ((flags & ~allowed) != 0)
        {
            throw section.Malformed("malformed limits flags", start);
        }

        // 64 bits whatever the address type: what is too large for it is invalid, not malformed.
        var minimum = section.U64();
        ulong? maximum = (flags & 1) == 0 ? null : section.U64();
        return new Limits(minimum, maximum, (flags & 4) != 0, (flags & 2) != 0);
    }

    private static ModuleTable ReadTableType(ref ByteReader section, Import? import)
    {
        var type = ReadReferenceType(ref section);
        return new ModuleTable(type, ReadLimits(ref section, 0b0101, out _), import);
    }

    private static ModuleMemory ReadMemoryType(ref ByteReader section, Import? import)
    {
        var limits = ReadLimits(ref section, 0b1111, out var flags);
        var start = section.Offset;
        uint? pageSize = (flags & 8) == 0 ? null : section.U32();
        return pageSize is null or <= 64 ? new ModuleMemory(limits, import, (int?)pageSize) : throw section.Malformed("malformed custom page size", start);
    }

    private static (ValType Type, bool IsMutable) ReadGlobalType(ref ByteReader section)
    {
        var type = ReadValueType(ref section);
        var start = section.Offset;
        return section.U8() switch
        {
            0 => (type, false),
            1 => (type, true),
            _ => throw section.Malformed("malformed mutability", start),
        };
    }

    private void ReadImports(ref ByteReader section)
    {
        for (var left = Expect(_module.Imports, section.Count(4)); left > 0; left--)
        {
            var module = section.Name();
            var name = section.Name();
            var start = section.Offset;
            var kind = (ExternKind)section.U8();
            var import = new Import(module, name, kind);
            switch (kind)
            {
                case ExternKind.Function:
                    _module.Functions.Add(new ModuleFunction(new TypeIndex(section.Index()), import, null));
                    break;
                case ExternKind.Table:
                    _module.Tables.Add(ReadTableType(ref section, import));
                    break;
                case ExternKind.Memory:
                    _module.Memories.Add(ReadMemoryType(ref section, import));
                    break;
                case ExternKind.Global:
                    var (type, isMutable) = ReadGlobalType(ref section);
                    _module.Globals.Add(new ModuleGlobal(type, isMutable, import, null));
                    break;
                case (ExternKind)4:
                    throw section.Unsupported("exception handling", start);
                case (ExternKind)0x20:
                    throw section.Unsupported("custom descriptors", start);
                default:
                    throw section.Malformed("malformed import kind", start);
            }

            _module.Imports.Add(import);
        }
    }

    private void ReadFunctions(ref ByteReader section)
    {
        for (var left = Expect(_functionTypes, section.Count()); left > 0; left--)
        {
            _functionTypes.Add(new TypeIndex(section.Index()));
        }
    }

    private void ReadTables(ref ByteReader section)
    {
        for (var left = Expect(_module.Tables, section.Count(3)); left > 0; left--)
        {
            if (section.Peek() != 0x40)
            {
                _module.Tables.Add(ReadTableType(ref section, null));
                continue;
            }

            section.U8();
            if (section.U8() != 0)
            {
                throw section.Malformed("malformed table", section.Offset - 1);
            }

            var table = ReadTableType(ref section, null);
            _module.Tables.Add(table with { Initial = ReadExpression(ref section) });
        }
    }

    private void ReadMemories(ref ByteReader section)
    {
        for (var left = Expect(_module.Memories, section.Count(2)); left > 0; left--)
        {
            _module.Memories.Add(ReadMemoryType(ref section, null));
        }
    }

    private void ReadGlobals(ref ByteReader section)
    {
        for (var left = Expect(_module.Globals, section.Count(3)); left > 0; left--)
        {
            var (type, isMutable) = ReadGlobalType(ref section);
            _module.Globals.Add(new ModuleGlobal(type, isMutable, null, ReadExpression(ref section)));
        }
    }

    private void ReadExports(ref ByteReader section)
    {
        for (var left = Expect(_module.Exports, section.Count(3)); left > 0; left--)
        {
            var name = section.Name();
            var start = section.Offset;
            var kind = section.U8();
            if (kind > (int)ExternKind.Global)
            {
                throw kind == 4 ? section.Unsupported("exception handling", start) : section.Malformed("malformed export kind", start);
            }

            _module.Exports.Add(new Export(name, (ExternKind)kind, section.Index()));
        }
    }

    private void ReadElements(ref ByteReader section)
    {
        for (var left = Expect(_module.Elements, section.Count()); left > 0; left--)
        {
            _module.Elements.Add(ReadElement(ref section));
        }
    }

    /// <summary>Flag bit 0: not active; bit 1: explicit table, or declarative; bit 2: expressions instead of indices.</summary>
    private ElementSegment ReadElement(ref ByteReader section)
    {
        var start = section.Offset;
        var flags = section.U32();
        if (flags > 7)
        {
            throw section.Malformed("malformed elements segment kind", start);
        }

        var mode = (flags & 1) == 0 ? SegmentMode.Active : (flags & 2) == 0 ? SegmentMode.Passive : SegmentMode.Declarative;
        var table = mode == SegmentMode.Active && (flags & 2) != 0 ? section.Index() : 0;
        var offset = mode == SegmentMode.Active ? ReadExpression(ref section) : null;
        var type = ValType.FuncRef;
        if ((flags & 3) != 0)
        {
            type = (flags & 4) != 0 ? ReadReferenceType(ref section) : ReadElementKind(ref section);
        }

        var asExpressions = (flags & 4) != 0;
        var count = section.Count(asExpressions ? 2 : 1);
        var functions = asExpressions || count == 0 ? [] : new FuncIndex[count];
        var expressions = asExpressions && count > 0 ? new ConstantExpression[count] : [];
        for (var i = 0; i < count; i++)
        {
            if (asExpressions)
            {
                expressions[i] = ReadExpression(ref section);
            }
            else
            {
                functions[i] = new FuncIndex(section.Index());
            }
        }

        return new ElementSegment(
            mode,
            new TableIndex(table),
            offset,
            type,
            ImmutableCollectionsMarshal.AsImmutableArray(functions),
            ImmutableCollectionsMarshal.AsImmutableArray(expressions));
    }

    private static ValType ReadElementKind(ref ByteReader section)
    {
        var start = section.Offset;
        return section.U8() == 0 ? ValType.FuncRef : throw section.Malformed("malformed element kind", start);
    }

    private ConstantExpression ReadExpression(ref ByteReader section)
    {
        var start = section.Offset;
        var reader = new InstructionReader(section.Rest, start, _path);
        var depth = 0;
        while (depth >= 0)
        {
            if (!reader.TryRead(out var instruction))
            {
                throw section.Malformed("END opcode expected", reader.Offset);
            }

            depth += instruction.Opcode == Opcode.End ? -1 : instruction.Info.Immediate == ImmediateKind.BlockType ? 1 : 0;
        }

        section.Bytes(reader.Position);
        return new ConstantExpression(Slice(start, reader.Position), start);
    }

    private void ReadCode(ref ByteReader section)
    {
        var start = section.Offset;
        _bodies = section.Count(2);
        if (_bodies != _functionTypes.Count)
        {
            throw section.Malformed("function and code section have inconsistent lengths", start);
        }

        Expect(_module.Functions, _bodies);
        foreach (var type in _functionTypes)
        {
            var size = section.Count();
            var body = new ByteReader(section.Bytes(size), section.Offset - size, _path);
            _module.Functions.Add(new ModuleFunction(type, null, ReadBody(ref body)));
        }
    }

    private FunctionBody ReadBody(ref ByteReader body)
    {
        var count = body.Count(2);
        var groups = count == 0 ? [] : new LocalGroup[count];
        ulong total = 0;
        for (var i = 0; i < groups.Length; i++)
        {
            var start = body.Offset;
            groups[i] = new LocalGroup(body.U32(), ReadValueType(ref body));
            total += groups[i].Count;
            if (total > uint.MaxValue)
            {
                throw body.Malformed("too many locals", start);
            }
        }

        if (body.AtEnd || body.Rest[^1] != (byte)Opcode.End)
        {
            throw body.Malformed("END opcode expected", body.Offset + body.Remaining);
        }

        return new FunctionBody(ImmutableCollectionsMarshal.AsImmutableArray(groups), Slice(body.Offset, body.Remaining), body.Offset);
    }

    private void ReadData(ref ByteReader section)
    {
        for (var left = Expect(_module.Data, section.Count(2)); left > 0; left--)
        {
            var start = section.Offset;
            var flags = section.U32();
            if (flags > 2)
            {
                throw section.Malformed("malformed data segment kind", start);
            }

            var memory = flags == 2 ? section.Index() : 0;
            var offset = flags == 1 ? null : ReadExpression(ref section);
            var size = section.Count();
            var at = section.Offset;
            section.Bytes(size);
            _module.Data.Add(new DataSegment(flags == 1 ? SegmentMode.Passive : SegmentMode.Active, new MemoryIndex(memory), offset, Slice(at, size), at));
        }
    }
}
