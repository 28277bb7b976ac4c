using System.Collections.Frozen;
using System.Numerics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Encodes the instructions of one body or constant expression, flat or folded. Immediates are read by the kind in the instruction's row;
/// only blocks, <c>if</c> and <c>select</c> have rules of their own.
/// </summary>
/// <remarks>Core 3.0 #text-instructions</remarks>
internal sealed class WatInstructions(WatSymbols symbols, WatTypes types)
{
    private static readonly FrozenDictionary<string, OpcodeInfo> ByMnemonic =
        Opcodes.Rows.Where(row => row.Opcode != Opcode.SelectTyped).ToFrozenDictionary(row => row.Mnemonic, StringComparer.Ordinal);

    private readonly ByteWriter _output = new();
    private readonly Dictionary<string, int> _locals = new(StringComparer.Ordinal);
    private readonly WatLabels _labels = new();
    private int _localCount;
    private int _blocks;

    private InstructionWriter Writer => new(_output);

    /// <summary>Whether an instruction names a data segment, so that the module needs a data count section.</summary>
    public bool UsesDataSegments { get; private set; }

    /// <summary>Identifiers of the locals, parameters included.</summary>
    public SortedDictionary<int, string> LocalNames { get; } = [];

    /// <summary>Identifiers of the blocks, by position among the block instructions.</summary>
    public SortedDictionary<int, string> LabelNames { get; } = [];

    /// <summary>Adds a parameter or local.</summary>
    public void AddLocal(WatNode? id, WatCursor cursor)
    {
        if (id is not null && !_locals.TryAdd(id.Text, _localCount))
        {
            throw cursor.Error($"duplicate local ${id.Text}", id);
        }

        if (id is not null)
        {
            LocalNames[_localCount] = id.Text;
        }

        _localCount++;
    }

    /// <summary>The code of all instructions that are left in <paramref name="cursor"/>, with <c>end</c> added.</summary>
    public byte[] Encode(WatCursor cursor)
    {
        Sequence(cursor);
        cursor.ExpectEnd();
        Writer.End();
        return _output.ToArray();
    }

    /// <summary>The code of one instruction with its operands, as in <c>(offset)</c> abbreviations, with <c>end</c> added.</summary>
    public byte[] EncodeOne(WatCursor cursor)
    {
        Folded(cursor.List("an instruction"));
        Writer.End();
        return _output.ToArray();
    }

    /// <summary>Instructions up to the end of the list or a keyword that closes a block.</summary>
    private void Sequence(WatCursor cursor)
    {
        // Blocks of the flat form are on a stack of their own, so that their nesting costs no recursion.
        var open = new Stack<Opcode>();
        while (cursor.Peek is { } node)
        {
            if (node.Kind == WatKind.List)
            {
                Folded(cursor.List("an instruction"));
                continue;
            }

            if (node.Kind == WatKind.Annotation)
            {
                cursor.Next("an annotation");
                continue;
            }

            var row = Row(cursor);
            switch (row.Opcode)
            {
                case Opcode.Block or Opcode.Loop or Opcode.If:
                    open.Push(row.Opcode);
                    Begin(row, cursor);
                    break;
                case Opcode.Else:
                    Close(open, cursor, node, isElse: true);
                    break;
                case Opcode.End:
                    Close(open, cursor, node, isElse: false);
                    break;
                default:
                    Plain(row, cursor);
                    break;
            }
        }

        if (open.Count > 0)
        {
            throw cursor.Error("unexpected end: 'end' expected");
        }
    }

    private void Close(Stack<Opcode> open, WatCursor cursor, WatNode node, bool isElse)
    {
        if (!open.TryPop(out var opener) || (isElse && opener != Opcode.If))
        {
            throw cursor.Error($"unexpected token '{node.Text}'", node);
        }

        if (cursor.TryId() is { } label && label.Text != _labels.Innermost)
        {
            throw cursor.Error("mismatching label", label);
        }

        if (isElse)
        {
            open.Push(Opcode.Else);
            Writer.Op(Opcode.Else);
        }
        else
        {
            Finish();
        }
    }

    private void Begin(OpcodeInfo row, WatCursor cursor)
    {
        var label = cursor.TryId();
        if (label is not null)
        {
            LabelNames[_blocks] = label.Text;
        }

        _blocks++;
        var type = types.BlockType(cursor);
        _labels.Push(label?.Text);
        Writer.Block(row.Opcode, type);
    }

    private void Finish()
    {
        _labels.Pop();
        Writer.End();
    }

    private void Folded(WatCursor inner)
    {
        var row = Row(inner);
        switch (row.Opcode)
        {
            case Opcode.Block or Opcode.Loop:
                Begin(row, inner);
                Sequence(inner);
                Finish();
                break;
            case Opcode.If:
                FoldedIf(row, inner);
                break;
            case Opcode.Else or Opcode.End:
                throw inner.Error($"unexpected token '{row.Mnemonic}'", inner.Owner);
            default:
                // Immediates come first in the text, but operands come first in the code.
                var instruction = Immediates(row, inner);
                while (!inner.AtEnd)
                {
                    Folded(inner.List("an operand"));
                }

                Writer.Write(instruction);
                break;
        }
    }

    /// <summary><c>(if label? type condition* (then …) (else …)?)</c>: the conditions are evaluated before the <c>if</c>.</summary>
    private void FoldedIf(OpcodeInfo row, WatCursor inner)
    {
        var label = inner.TryId();
        var type = types.BlockType(inner);
        while (inner.Peek is { } node && !node.IsList("then"))
        {
            Folded(inner.List("a condition or 'then'"));
        }

        if (label is not null)
        {
            LabelNames[_blocks] = label.Text;
        }

        _blocks++;
        _labels.Push(label?.Text);
        Writer.Block(row.Opcode, type);
        Sequence(inner.TryList("then") ?? throw inner.Error("unexpected end: 'then' expected", inner.Owner));
        if (inner.TryList("else") is { } otherwise)
        {
            Writer.Op(Opcode.Else);
            Sequence(otherwise);
        }

        inner.ExpectEnd();
        Finish();
    }

    private static OpcodeInfo Row(WatCursor cursor)
    {
        var node = cursor.Atom("an instruction");
        if (ByMnemonic.TryGetValue(node.Text, out var row))
        {
            return row;
        }

        throw Proposals.OfMnemonic(node.Text) is { } proposal
            ? cursor.Unsupported(proposal, node)
            : cursor.Error($"unknown operator '{node.Text}'", node);
    }

    private void Plain(OpcodeInfo row, WatCursor cursor) => Writer.Write(Immediates(row, cursor));

    private Instruction Immediates(OpcodeInfo row, WatCursor cursor)
    {
        if (row.Opcode == Opcode.Select && cursor.Peek is { } next && next.IsList("result"))
        {
            return Select(cursor);
        }

        var kind = row.Immediate;
        var plain = new Instruction(row, 0);
        switch (kind)
        {
            case ImmediateKind.None:
                return plain;
            case ImmediateKind.Label:
                return plain with { A = Label(cursor.Index("a label"), cursor) };
            case ImmediateKind.LabelTable:
                return plain with { Labels = LabelTable(cursor) };
            case ImmediateKind.Local:
                return plain with { A = Local(cursor) };
            case ImmediateKind.TypeTable:
                return TypeTable(plain, cursor);
            case ImmediateKind.Memory or ImmediateKind.Table:
                return plain with { A = Optional(IndexImmediates.First(kind)!.Value, cursor) };
            case ImmediateKind.MemoryMemory or ImmediateKind.TableTable:
                return Pair(plain, IndexImmediates.First(kind)!.Value, cursor);
            case ImmediateKind.DataMemory or ImmediateKind.ElementTable:
                return SegmentPair(plain, cursor);
            case ImmediateKind.Function or ImmediateKind.Global or ImmediateKind.Data or ImmediateKind.Element:
                UsesDataSegments |= kind == ImmediateKind.Data;
                return plain with { A = symbols.Resolve(IndexImmediates.First(kind)!.Value, cursor.Index("an index"), cursor) };
            case ImmediateKind.MemArg or ImmediateKind.AtomicMemArg:
                return MemArg(plain, cursor);
            case ImmediateKind.MemArgLane:
                return MemArgLane(plain, cursor);
            case ImmediateKind.Const128:
                return WatVectors.Constant(plain, cursor);
            case ImmediateKind.Shuffle:
                return WatVectors.Shuffle(plain, cursor);
            case ImmediateKind.Lane:
                return plain with { A = WatVectors.Lane(cursor) };
            case ImmediateKind.Fence:
                return plain;
            case ImmediateKind.HeapType:
                return plain with { A = (int)HeapType(cursor) };
            default:
                return plain with { Wide = Constant(kind, cursor) };
        }
    }

    private static Instruction Select(WatCursor cursor)
    {
        List<int> results = [];
        while (cursor.TryList("result") is { } group)
        {
            while (!group.AtEnd)
            {
                results.Add((int)WatTypes.ValueType(group));
            }
        }

        return new Instruction(Opcodes.Get(Opcode.SelectTyped), 0) { Labels = [.. results] };
    }

    private int Label(WatNode node, WatCursor cursor)
    {
        if (node.Kind != WatKind.Id)
        {
            return WatSymbols.Number(node, "label", cursor);
        }

        var depth = _labels.DepthOf(node.Text);
        return depth >= 0 ? depth : throw cursor.Error($"unknown label ${node.Text}", node);
    }

    private int[] LabelTable(WatCursor cursor)
    {
        List<int> labels = [Label(cursor.Index("a label"), cursor)];
        while (cursor.TryIndex() is { } node)
        {
            labels.Add(Label(node, cursor));
        }

        return [.. labels];
    }

    private int Local(WatCursor cursor)
    {
        var node = cursor.Index("a local");
        if (node.Kind != WatKind.Id)
        {
            return WatSymbols.Number(node, "local", cursor);
        }

        return _locals.TryGetValue(node.Text, out var index) ? index : throw cursor.Error($"unknown local ${node.Text}", node);
    }

    private int Optional(IndexSpace space, WatCursor cursor) => cursor.TryIndex() is { } node ? symbols.Resolve(space, node, cursor) : 0;

    private Instruction TypeTable(Instruction plain, WatCursor cursor)
    {
        var table = Optional(IndexSpace.Table, cursor);
        return plain with { A = types.IndexOf(types.Use(cursor, allowIds: false)).Index, B = table };
    }

    private Instruction Pair(Instruction plain, IndexSpace space, WatCursor cursor)
    {
        if (cursor.TryIndex() is not { } first)
        {
            return plain;
        }

        return plain with { A = symbols.Resolve(space, first, cursor), B = symbols.Resolve(space, cursor.Index("a second index"), cursor) };
    }

    /// <summary>The memory or table may be left out, and stands before the segment in the text, but behind it in the binary.</summary>
    private Instruction SegmentPair(Instruction plain, WatCursor cursor)
    {
        var isData = plain.Info.Immediate == ImmediateKind.DataMemory;
        var (segments, targets) = isData ? (IndexSpace.Data, IndexSpace.Memory) : (IndexSpace.Element, IndexSpace.Table);
        UsesDataSegments |= isData;
        var first = cursor.Index("a segment");
        return cursor.TryIndex() is { } second
            ? plain with { A = symbols.Resolve(segments, second, cursor), B = symbols.Resolve(targets, first, cursor) }
            : plain with { A = symbols.Resolve(segments, first, cursor) };
    }

    private Instruction MemArg(Instruction plain, WatCursor cursor)
    {
        return Offset(plain, Optional(IndexSpace.Memory, cursor), cursor);
    }

    private static Instruction Offset(Instruction plain, int memory, WatCursor cursor)
    {
        var offset = Keyed("offset=", ulong.MaxValue, cursor) ?? 0;
        var alignNode = cursor.Peek;
        var align = Keyed("align=", uint.MaxValue, cursor) ?? (ulong)plain.Info.AccessBytes;
        if (!BitOperations.IsPow2(align))
        {
            throw cursor.Error("alignment must be a power of two", alignNode);
        }

        return plain with { A = memory, B = BitOperations.Log2(align), Wide = offset };
    }

    /// <summary>
    /// The lane stands last and alone must be there, so that a single number is the lane: it is the memory only when another number or
    /// key follows.
    /// </summary>
    private Instruction MemArgLane(Instruction plain, WatCursor cursor)
    {
        var hasMemory = cursor.Peek is { Kind: WatKind.Id } || (cursor.Peek is { IsIndex: true } && cursor.PeekSecond is { Kind: WatKind.Atom } second
            && (second.IsIndex || second.Text.Contains('=', StringComparison.Ordinal)));
        var access = hasMemory ? MemArg(plain, cursor) : Offset(plain, 0, cursor);
        return access with { High = (ulong)WatVectors.Lane(cursor) };
    }

    private static ulong? Keyed(string key, ulong maximum, WatCursor cursor)
    {
        if (cursor.Peek is not { Kind: WatKind.Atom } node || !node.Text.StartsWith(key, StringComparison.Ordinal))
        {
            return null;
        }

        cursor.Next(key);
        return WatNumbers.TryNatural(node.Text.AsSpan(key.Length), maximum, out var value)
            ? value
            : throw cursor.Error($"'{node.Text}' out of range", node);
    }

    private static ValType HeapType(WatCursor cursor)
    {
        var node = cursor.Next("a heap type");
        if (WatTypes.TryHeapType(node) is { } type)
        {
            return type;
        }

        throw node.IsIndex ? cursor.Unsupported("typed function references", node)
            : Proposals.OfTypeName(node.Text) is { } proposal ? cursor.Unsupported(proposal, node)
            : cursor.Error($"unexpected token '{node.Text}': a heap type expected", node);
    }

    private static ulong Constant(ImmediateKind kind, WatCursor cursor)
    {
        var node = cursor.Atom("a constant");
        ulong bits;
        var parsed = kind switch
        {
            ImmediateKind.Const32 => WatNumbers.TryInteger(node.Text, 32, out bits),
            ImmediateKind.Const64 => WatNumbers.TryInteger(node.Text, 64, out bits),
            ImmediateKind.Float32 => WatNumbers.TryFloat(node.Text, 24, out bits),
            ImmediateKind.Float64 => WatNumbers.TryFloat(node.Text, 53, out bits),
            _ => throw new InvariantException($"immediate {kind} cannot be parsed"),
        };
        return parsed ? bits : throw cursor.Error($"constant '{node.Text}' is malformed or out of range", node);
    }
}
