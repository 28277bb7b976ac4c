using System.Globalization;

namespace Pulse.Build.Engine.Wasm;

/// <summary>
/// Decodes the instructions of one body or constant expression, one at a time, driven by <see cref="Opcodes"/>. Allocates only for
/// label tables and the types of a typed <c>select</c>. It checks encodings, not validity: indices and types are the validator's.
/// </summary>
/// <example><code>
/// var reader = new InstructionReader(body.Code.Span, body.Offset, path);
/// while (reader.TryRead(out var instruction)) { … }
/// </code></example>
internal ref struct InstructionReader(ReadOnlySpan<byte> code, int baseOffset, string path)
{
    private const uint MemoryIndexFollows = 0x40;

    /// <summary>The long form of a reference type: its heap type follows.</summary>
    private const int NullableReference = 0x63 - 0x80;

    private ByteReader _reader = new(code, baseOffset, path);

    /// <summary>Offset in the file of the next instruction.</summary>
    public readonly int Offset => _reader.Offset;

    /// <summary>Position of the next instruction from the first byte of the code.</summary>
    public readonly int Position => _reader.Position;

    /// <summary>The next instruction; false at the end of the bytes.</summary>
    public bool TryRead(out Instruction instruction)
    {
        if (_reader.AtEnd)
        {
            instruction = default;
            return false;
        }

        var offset = _reader.Offset;
        instruction = ReadImmediates(ReadOpcode(), offset);
        return true;
    }

    private OpcodeInfo ReadOpcode()
    {
        var start = _reader.Offset;
        int code = _reader.U8();
        if (code is >= 0xFB and <= 0xFE)
        {
            var number = _reader.U32();
            code = number < 0x10000 ? (code << 16) | (int)number : -1;
        }

        if (Opcodes.Find((Opcode)code) is { } row)
        {
            return row;
        }

        if (Proposals.OfOpcode((Opcode)code) is { } proposal)
        {
            throw _reader.Unsupported(proposal, start);
        }

        throw _reader.Malformed(code < 0 ? "illegal opcode" : "illegal opcode " + code.ToString("x2", CultureInfo.InvariantCulture), start);
    }

    /// <summary>One instruction is made, at the end: a temporary for each kind would cost more than the reading.</summary>
    private Instruction ReadImmediates(OpcodeInfo row, int offset)
    {
        var (a, b) = (0, 0);
        var (wide, high) = (0UL, 0UL);
        int[]? labels = null;
        switch (row.Immediate)
        {
            case ImmediateKind.None:
                break;
            case ImmediateKind.Label or ImmediateKind.Function or ImmediateKind.Local or ImmediateKind.Global or ImmediateKind.Table
                or ImmediateKind.Memory or ImmediateKind.Data or ImmediateKind.Element:
                a = _reader.Index();
                break;
            case ImmediateKind.TypeTable or ImmediateKind.MemoryMemory or ImmediateKind.DataMemory or ImmediateKind.ElementTable
                or ImmediateKind.TableTable:
                a = _reader.Index();
                b = _reader.Index();
                break;
            case ImmediateKind.Const32:
                wide = _reader.S32().ZeroExtended();
                break;
            case ImmediateKind.Const64:
                wide = _reader.S64().ToUnsigned();
                break;
            case ImmediateKind.Float32:
                wide = _reader.Fixed32();
                break;
            case ImmediateKind.Float64:
                wide = _reader.Fixed64();
                break;
            case ImmediateKind.Const128 or ImmediateKind.Shuffle:
                wide = _reader.Fixed64();
                high = _reader.Fixed64();
                break;
            case ImmediateKind.MemArg or ImmediateKind.AtomicMemArg or ImmediateKind.MemArgLane:
                (a, b) = Memory();
                wide = _reader.U64();
                high = row.Immediate == ImmediateKind.MemArgLane ? _reader.U8() : 0UL;
                break;
            case ImmediateKind.Lane:
                a = _reader.U8();
                break;
            case ImmediateKind.BlockType:
                a = BlockType();
                break;
            case ImmediateKind.HeapType:
                a = HeapType();
                break;
            case ImmediateKind.LabelTable:
                labels = LabelTable();
                break;
            case ImmediateKind.SelectTypes:
                labels = SelectTypes();
                break;
            case ImmediateKind.Fence:
                Fence();
                break;
            default:
                throw new Support.InvariantException($"immediate {row.Immediate} cannot be read");
        }

        return new(row, offset) { A = a, B = b, Wide = wide, High = high, Labels = labels };
    }

    private int BlockType()
    {
        var start = _reader.Offset;
        var code = _reader.S33();
        if (code is -0x40)
        {
            return -0x40;
        }

        if (code is NullableReference)
        {
            return HeapType() - 0x80;
        }

        if (code < 0)
        {
            CheckValueType(code, start);
            return (int)code;
        }

        return code <= int.MaxValue ? (int)code : throw _reader.Malformed("unknown type", start);
    }

    private readonly void CheckValueType(long signed, int start)
    {
        var code = signed >= -0x40 ? (int)(signed & 0x7F) : -1;
        if (ValTypes.FromCode(code) is null)
        {
            throw Proposals.OfType(code) is { } proposal
                ? _reader.Unsupported(proposal, start)
                : _reader.Malformed("malformed value type", start);
        }
    }

    private int[] LabelTable()
    {
        var labels = new int[_reader.Count() + 1];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = _reader.Index();
        }

        return labels;
    }

    private int[] SelectTypes()
    {
        var types = new int[_reader.Count()];
        for (var i = 0; i < types.Length; i++)
        {
            var start = _reader.Offset;
            types[i] = _reader.U8();
            if (types[i] == NullableReference + 0x80)
            {
                types[i] = HeapType();
                continue;
            }

            CheckValueType(types[i] < 0x80 ? types[i] - 0x80 : -0x80, start);
        }

        return types;
    }

    /// <summary>The memory and the logarithm of the alignment, which one integer holds unless the memory has an index of its own.</summary>
    private (int Memory, int Alignment) Memory()
    {
        var start = _reader.Offset;
        var flags = _reader.U32();
        if (flags >= 2 * MemoryIndexFollows)
        {
            throw _reader.Malformed("malformed memop flags", start);
        }

        return ((flags & MemoryIndexFollows) != 0 ? _reader.Index() : 0, (int)(flags & ~MemoryIndexFollows));
    }

    private void Fence()
    {
        var start = _reader.Offset;
        if (_reader.U8() != 0)
        {
            throw _reader.Malformed("zero byte expected", start);
        }
    }

    private int HeapType()
    {
        var start = _reader.Offset;
        var code = _reader.S33();
        if (code is -0x10 or -0x11)
        {
            return (int)(code & 0x7F);
        }

        var proposal = code >= 0 ? "typed function references" : code >= -0x40 ? Proposals.OfType((int)(code & 0x7F)) : null;
        throw proposal is not null
            ? _reader.Unsupported(proposal, start)
            : _reader.Malformed("malformed heap type", start);
    }
}
