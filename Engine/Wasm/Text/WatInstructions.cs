using System.Numerics;
using System.Text;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Encodes the instructions of bodies and constant expressions, flat or folded, one after the other. Immediates are read by the kind in the
/// instruction's row; only blocks, <c>if</c> and <c>select</c> have rules of their own.
/// </summary>
/// <remarks>Core 3.0 #text-instructions</remarks>
internal sealed class WatInstructions(WatCursor cursor, WatSymbols symbols, WatTypes types, WatSourceMap? places = null)
{
    private static readonly Dictionary<string, OpcodeInfo>.AlternateLookup<ReadOnlySpan<byte>> ByMnemonic =
        Opcodes.Rows.Where(row => row.Opcode != Opcode.SelectTyped).ToDictionary(row => row.Mnemonic, Utf8Comparer.Instance)
            .GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>So many names make a table that would be slow to clear for each of many small functions.</summary>
    private const int Many = 100;

    private readonly ByteWriter _output = new();
    private readonly WatLabels _labels = new();

    /// <summary>The open blocks of the flat form: on a stack of their own, their nesting costs no recursion.</summary>
    private readonly Stack<Opcode> _open = new();
    private readonly List<int> _list = [];
    private Dictionary<string, int> _locals = new(Utf8Comparer.Instance);
    private int _localCount;
    private int _blocks;

    private InstructionWriter Writer => new(_output);

    /// <summary>Whether an instruction names a data segment, so that the module needs a data count section.</summary>
    public bool UsesDataSegments { get; private set; }

    /// <summary>Identifiers of the function's locals, parameters included, when there are any.</summary>
    public SortedDictionary<int, string>? LocalNames { get; private set; }

    /// <summary>Identifiers of the function's blocks, by position among the block instructions, when there are any.</summary>
    public SortedDictionary<int, string>? LabelNames { get; private set; }

    /// <summary>Forgets the last function, and begins one with so many parameters.</summary>
    public void Begin(int parameters)
    {
        if (_locals.Count > Many)
        {
            _locals = new Dictionary<string, int>(Utf8Comparer.Instance);
        }

        _locals.Clear();
        (_localCount, _blocks, LocalNames, LabelNames) = (parameters, 0, null, null);
    }

    /// <summary>Adds a local.</summary>
    public void AddLocal(WatToken? id)
    {
        if (id is { } token)
        {
            NameLocal(_localCount, token);
        }

        _localCount++;
    }

    /// <summary>Gives a parameter or local its identifier.</summary>
    public void NameLocal(int local, WatToken id)
    {
        var name = Encoding.UTF8.GetString(cursor.IdBytes(id));
        if (!_locals.TryAdd(name, local))
        {
            throw cursor.Error($"duplicate local {cursor.Quote(id)}", id);
        }

        (LocalNames ??= [])[local] = name;
    }

    /// <summary>Where the code that is encoded next is taken to stand; 0 when nobody asks for places.</summary>
    public int CodeStart => places?.Base ?? 0;

    /// <summary>The code of all instructions up to the end of the list, with <c>end</c> added.</summary>
    public byte[] Encode()
    {
        _output.Truncate(0);
        Sequence();
        return End();
    }

    /// <summary>The code of one instruction with its operands, as in <c>(offset)</c> abbreviations, with <c>end</c> added.</summary>
    public byte[] EncodeOne()
    {
        _output.Truncate(0);
        cursor.Open("an instruction");
        Folded(isWhole: true);
        return End();
    }

    private byte[] End()
    {
        Mark(cursor.Peek);
        cursor.Close();
        Writer.End();
        places?.Advance(_output.Length);
        return _output.ToArray();
    }

    /// <summary>Remembers that what is written next comes from <paramref name="token"/>.</summary>
    private void Mark(WatToken token) => places?.Add(_output.Length, token.Start);

    /// <summary>Instructions up to the end of the list.</summary>
    private void Sequence()
    {
        var outside = _open.Count;
        while (!cursor.AtEnd)
        {
            if (cursor.Peek.Kind == WatKind.Open)
            {
                cursor.Open("an instruction");
                Folded();
                continue;
            }

            var token = cursor.Peek;
            var row = Row();
            Mark(token);
            switch (row.Opcode)
            {
                case Opcode.Block or Opcode.Loop or Opcode.If:
                    _open.Push(row.Opcode);
                    BeginBlock(row);
                    break;
                case Opcode.Else or Opcode.End:
                    var opener = _open.Count > outside ? _open.Pop() : throw cursor.Error($"unexpected token {cursor.Quote(token)}", token);
                    EndBlock(opener, token, isElse: row.Opcode == Opcode.Else);
                    break;
                default:
                    Writer.Write(Immediates(row));
                    break;
            }
        }

        if (_open.Count > outside)
        {
            throw cursor.Error("unexpected end: 'end' expected");
        }
    }

    private void EndBlock(Opcode opener, WatToken token, bool isElse)
    {
        if (isElse && opener != Opcode.If)
        {
            throw cursor.Error($"unexpected token {cursor.Quote(token)}", token);
        }

        if (cursor.TryId() is { } label && _labels.DepthOf(cursor.IdBytes(label)) != 0)
        {
            throw cursor.Error("mismatching label", label);
        }

        if (isElse)
        {
            _open.Push(Opcode.Else);
            Writer.Op(Opcode.Else);
        }
        else
        {
            Finish();
        }
    }

    private void BeginBlock(OpcodeInfo row)
    {
        var label = cursor.TryId();
        BeginBlock(row, label, types.BlockType(cursor));
    }

    private void BeginBlock(OpcodeInfo row, WatToken? label, int type)
    {
        var name = label is { } id ? Encoding.UTF8.GetString(cursor.IdBytes(id)) : null;
        if (name is not null)
        {
            (LabelNames ??= [])[_blocks] = name;
        }

        _blocks++;
        _labels.Push(name);
        Writer.Block(row.Opcode, type);
    }

    private void Finish()
    {
        _labels.Pop();
        Writer.End();
    }

    /// <summary>The rest of a list whose <c>(</c> is taken; the <c>)</c> of a whole expression is left to who ends it.</summary>
    private void Folded(bool isWhole = false)
    {
        var token = cursor.Peek;
        var row = Row();
        switch (row.Opcode)
        {
            case Opcode.Block or Opcode.Loop:
                Mark(token);
                BeginBlock(row);
                Sequence();
                Mark(cursor.Peek);
                Finish();
                break;
            case Opcode.If:
                FoldedIf(row, token);
                break;
            case Opcode.Else or Opcode.End:
                throw cursor.Error($"unexpected token '{row.Mnemonic}'", token);
            default:
                // Immediates come first in the text, but operands come first in the code.
                var instruction = Immediates(row);
                while (!cursor.AtEnd)
                {
                    cursor.Open("an operand");
                    Folded();
                }

                Mark(token);
                Writer.Write(instruction);
                break;
        }

        if (!isWhole)
        {
            cursor.Close();
        }
    }

    /// <summary><c>if label? type condition* (then …) (else …)?</c>: the conditions are evaluated before the <c>if</c>.</summary>
    private void FoldedIf(OpcodeInfo row, WatToken token)
    {
        var label = cursor.TryId();
        var type = types.BlockType(cursor);
        while (!cursor.TryOpen("then"u8))
        {
            cursor.Open("a condition or 'then'");
            Folded();
        }

        Mark(token);
        BeginBlock(row, label, type);
        Sequence();
        Mark(cursor.Peek);
        cursor.Close();
        if (cursor.TryOpen("else"u8))
        {
            Writer.Op(Opcode.Else);
            Sequence();
            Mark(cursor.Peek);
            cursor.Close();
        }

        Finish();
    }

    private OpcodeInfo Row()
    {
        var token = cursor.Atom("an instruction");
        return ByMnemonic.TryGetValue(cursor.Text(token), out var row) ? row
            : throw (Proposals.OfMnemonic(cursor.Keyword(token)) is { } proposal
                ? cursor.Unsupported(proposal, token)
                : cursor.Error($"unknown operator {cursor.Quote(token)}", token));
    }

    private Instruction Immediates(OpcodeInfo row)
    {
        if (row.Opcode == Opcode.Select && cursor.IsList("result"u8))
        {
            return Select();
        }

        var kind = row.Immediate;
        var plain = new Instruction(row, 0);
        switch (kind)
        {
            case ImmediateKind.None:
                return plain;
            case ImmediateKind.Label:
                return plain with { A = Label(cursor.Index("a label")) };
            case ImmediateKind.LabelTable:
                return plain with { Labels = LabelTable() };
            case ImmediateKind.Local:
                return plain with { A = Local() };
            case ImmediateKind.TypeTable:
                return TypeTable(plain);
            case ImmediateKind.Memory or ImmediateKind.Table:
                return plain with { A = Optional(IndexImmediates.First(kind)!.Value) };
            case ImmediateKind.MemoryMemory or ImmediateKind.TableTable:
                return Pair(plain, IndexImmediates.First(kind)!.Value);
            case ImmediateKind.DataMemory or ImmediateKind.ElementTable:
                return SegmentPair(plain);
            case ImmediateKind.Function or ImmediateKind.Global or ImmediateKind.Data or ImmediateKind.Element:
                UsesDataSegments |= kind == ImmediateKind.Data;
                return plain with { A = symbols.Resolve(IndexImmediates.First(kind)!.Value, cursor.Index("an index"), cursor) };
            case ImmediateKind.MemArg or ImmediateKind.AtomicMemArg:
                return MemArg(plain);
            case ImmediateKind.MemArgLane:
                return MemArgLane(plain);
            case ImmediateKind.Const128:
                return WatVectors.Constant(plain, cursor);
            case ImmediateKind.Shuffle:
                return WatVectors.Shuffle(plain, cursor);
            case ImmediateKind.Lane:
                return plain with { A = WatVectors.Lane(cursor) };
            case ImmediateKind.Fence:
                return plain;
            case ImmediateKind.HeapType:
                return plain with { A = (int)HeapType() };
            default:
                return plain with { Wide = Constant(kind) };
        }
    }

    private Instruction Select()
    {
        _list.Clear();
        while (cursor.TryOpen("result"u8))
        {
            while (!cursor.AtEnd)
            {
                _list.Add((int)WatTypes.ValueType(cursor));
            }

            cursor.Close();
        }

        return new Instruction(Opcodes.Get(Opcode.SelectTyped), 0) { Labels = [.. _list] };
    }

    private int Label(WatToken token)
    {
        if (token.Kind != WatKind.Id)
        {
            return WatSymbols.Number(token, "label", cursor);
        }

        var depth = _labels.DepthOf(cursor.IdBytes(token));
        return depth >= 0 ? depth : throw cursor.Error($"unknown label {cursor.Quote(token)}", token);
    }

    private int[] LabelTable()
    {
        _list.Clear();
        _list.Add(Label(cursor.Index("a label")));
        while (cursor.TryIndex() is { } token)
        {
            _list.Add(Label(token));
        }

        return [.. _list];
    }

    private int Local()
    {
        var token = cursor.Index("a local");
        if (token.Kind != WatKind.Id)
        {
            return WatSymbols.Number(token, "local", cursor);
        }

        var found = _locals.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(cursor.IdBytes(token), out var index);
        return found ? index : throw cursor.Error($"unknown local {cursor.Quote(token)}", token);
    }

    private int Optional(IndexSpace space) => cursor.TryIndex() is { } token ? symbols.Resolve(space, token, cursor) : 0;

    private Instruction TypeTable(Instruction plain)
    {
        var table = Optional(IndexSpace.Table);
        return plain with { A = types.IndexOf(types.Use(cursor, allowIds: false)).Index, B = table };
    }

    private Instruction Pair(Instruction plain, IndexSpace space)
    {
        if (cursor.TryIndex() is not { } first)
        {
            return plain;
        }

        return plain with { A = symbols.Resolve(space, first, cursor), B = symbols.Resolve(space, cursor.Index("a second index"), cursor) };
    }

    /// <summary>The memory or table may be left out, and stands before the segment in the text, but behind it in the binary.</summary>
    private Instruction SegmentPair(Instruction plain)
    {
        var isData = plain.Info.Immediate == ImmediateKind.DataMemory;
        var (segments, targets) = isData ? (IndexSpace.Data, IndexSpace.Memory) : (IndexSpace.Element, IndexSpace.Table);
        UsesDataSegments |= isData;
        var first = cursor.Index("a segment");
        return cursor.TryIndex() is { } second
            ? plain with { A = symbols.Resolve(segments, second, cursor), B = symbols.Resolve(targets, first, cursor) }
            : plain with { A = symbols.Resolve(segments, first, cursor) };
    }

    private Instruction MemArg(Instruction plain) => Offset(plain, Optional(IndexSpace.Memory));

    private Instruction Offset(Instruction plain, int memory)
    {
        var offset = Keyed("offset="u8, ulong.MaxValue) ?? 0;
        var alignToken = cursor.Peek;
        var align = Keyed("align="u8, uint.MaxValue) ?? (ulong)plain.Info.AccessBytes;
        return BitOperations.IsPow2(align)
            ? plain with { A = memory, B = BitOperations.Log2(align), Wide = offset }
            : throw cursor.Error("alignment must be a power of two", alignToken);
    }

    /// <summary>
    /// The lane stands last and alone must be there, so that a single number is the lane: it is the memory only when another number or
    /// key follows.
    /// </summary>
    private Instruction MemArgLane(Instruction plain)
    {
        var hasMemory = cursor.Peek.Kind == WatKind.Id || (cursor.IsIndex(cursor.Peek) && cursor.PeekSecond is { Kind: WatKind.Atom } second
            && (cursor.IsIndex(second) || cursor.Text(second).Contains((byte)'=')));
        var access = hasMemory ? MemArg(plain) : Offset(plain, 0);
        return access with { High = (ulong)WatVectors.Lane(cursor) };
    }

    private ulong? Keyed(ReadOnlySpan<byte> key, ulong maximum)
    {
        var token = cursor.Peek;
        if (token.Kind != WatKind.Atom || !cursor.Text(token).StartsWith(key))
        {
            return null;
        }

        var number = cursor.Text(cursor.Next("a number"))[key.Length..];
        return WatNumbers.TryNatural(number, maximum, out var value) ? value
            : throw (WatNumbers.IsNatural(number) ? cursor.Error($"constant in {cursor.Quote(token)} out of range", token) : cursor.Unexpected(token, "a number behind the '='"));
    }

    private ValType HeapType()
    {
        var token = cursor.Next("a heap type");
        return WatTypes.TryHeapType(token, cursor) ?? throw (cursor.IsIndex(token) ? cursor.Unsupported("typed function references", token)
            : Proposals.OfTypeName(cursor.Keyword(token)) is { } proposal ? cursor.Unsupported(proposal, token)
            : cursor.Unexpected(token, "a heap type"));
    }

    private ulong Constant(ImmediateKind kind) => kind switch
    {
        ImmediateKind.Const32 => cursor.Integer(32, "a constant"),
        ImmediateKind.Const64 => cursor.Integer(64, "a constant"),
        ImmediateKind.Float32 => cursor.Float(24, "a constant"),
        ImmediateKind.Float64 => cursor.Float(53, "a constant"),
        _ => throw new InvariantException($"immediate {kind} cannot be parsed"),
    };
}
