using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>A load of a literal: LDR T1 reaches 1020 bytes forward, LDR.W 4095 either way.</summary>
internal sealed class LiteralItem(Register rd, Literal literal, Condition condition) : CodeItem
{
    private bool _wide = !rd.IsLow();

    /// <summary>What is loaded.</summary>
    public Literal Literal => literal;

    /// <summary>Whether the short form is possible at all.</summary>
    public bool CanBeNarrow => rd.IsLow();

    /// <summary>The pool that holds the literal.</summary>
    public PoolItem? Pool { get; set; }

    public override int Size => _wide ? 4 : 2;

    public override int MaximumSize => 4;

    public override Condition ItCondition => condition;

    public override bool Relax(CodeLayout layout)
    {
        if (_wide || Pool!.OffsetOf(literal) - (Offset + 4 & ~3) is >= 0 and <= 1020)
        {
            return false;
        }

        return _wide = true;
    }

    public override void Write(CodeBuffer buffer)
        => buffer.PutLiteral(new Instruction(Operation.Ldr, Form.PcRelative, rd, Condition: condition), InsideIt, _wide ? "T2" : "T1", Pool!, literal);
}

/// <summary>Literals behind a place that control does not fall into, on a word boundary, each once.</summary>
internal sealed class PoolItem : CodeItem
{
    private readonly List<Literal> _literals = [];

    /// <summary>Number of literals.</summary>
    public int Count => _literals.Count;

    public override int Size => (-Offset & 3) + 4 * Count;

    public override int MaximumSize => 3 + 4 * Count;

    public override bool EndsFlow => true;

    /// <summary>Adds <paramref name="literal"/> unless it is there.</summary>
    public void Add(Literal literal)
    {
        if (!_literals.Contains(literal))
        {
            _literals.Add(literal);
        }
    }

    /// <summary>Where <paramref name="literal"/> stands.</summary>
    public int OffsetOf(Literal literal) => (Offset + 3 & ~3) + 4 * _literals.IndexOf(literal);

    public override void Write(CodeBuffer buffer)
    {
        buffer.Pad(4);
        foreach (var literal in _literals)
        {
            buffer.Word(literal);
        }
    }
}

/// <summary>ADR: T1 reaches 1020 bytes forward to a word boundary, the 32-bit forms 4095 bytes either way.</summary>
internal sealed class AddressItem(Register rd, Label target) : CodeItem
{
    private bool _wide = !rd.IsLow();

    public override int Size => _wide ? 4 : 2;

    public override int MaximumSize => 4;

    public override IReadOnlyList<Label> Targets => [target];

    public override bool Relax(CodeLayout layout)
    {
        var distance = layout.OffsetOf(target) - (Offset + 4 & ~3);
        if (_wide || (distance is >= 0 and <= 1020 && distance % 4 == 0))
        {
            return false;
        }

        return _wide = true;
    }

    public override void Write(CodeBuffer buffer)
    {
        var distance = buffer.OffsetOf(target) - (Offset + 4 & ~3);
        InvariantException.Require(distance is >= -4095 and <= 4095, "an address lies more than 4 KiB away");
        buffer.PutRelative(new Instruction(Operation.Adr, Form.PcRelative, rd), !_wide ? "T1" : distance < 0 ? "T2" : "T3", target);
    }
}

/// <summary>MOVW or MOVT of half a symbol's address.</summary>
internal sealed class SymbolHalfItem(Register rd, string symbol, int addend, bool top, Condition condition) : CodeItem
{
    public override int Size => 4;

    public override int MaximumSize => 4;

    public override Condition ItCondition => condition;

    public override void Write(CodeBuffer buffer)
    {
        InvariantException.Require(addend is >= short.MinValue and <= short.MaxValue, "the addend of MOVW and MOVT has 16 bits");
        buffer.Relocate(top ? RelocationKind.MovtAbs : RelocationKind.MovwAbs, symbol, addend);
        var half = new Instruction(top ? Operation.Movt : Operation.Mov, Form.Immediate, rd, Immediate: addend & 0xFFFF, Condition: condition);
        buffer.Put(half, InsideIt, top ? "T1" : "T3");
    }
}

/// <summary>Bytes of the caller; with a symbol, four bytes that hold the addend of its address.</summary>
internal sealed class DataItem(byte[] bytes, string? symbol) : CodeItem
{
    public override int Size => bytes.Length;

    public override int MaximumSize => bytes.Length;

    public override void Write(CodeBuffer buffer)
    {
        if (symbol is null)
        {
            buffer.Data(bytes);
        }
        else
        {
            buffer.Word(new Literal(symbol, BitConverter.ToInt32(bytes)));
        }
    }
}

/// <summary>Padding to a multiple of 1, 2 or 4.</summary>
internal sealed class AlignItem(int alignment) : CodeItem
{
    public override int Size => -Offset & (alignment - 1);

    public override int MaximumSize => alignment - 1;

    public override void Write(CodeBuffer buffer) => buffer.Pad(alignment);
}
