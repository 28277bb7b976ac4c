namespace Pulse.Build.Engine.Thumb;

/// <summary>A 32-bit literal: a number, or the address of a symbol plus a number.</summary>
internal readonly record struct Literal(string? Symbol, int Value);

/// <summary>
/// One entry of an assembler's stream. Its size only grows while the layout is relaxed, so relaxation ends;
/// alignment and pools are the exceptions, whose padding follows their offset.
/// </summary>
internal abstract class CodeItem
{
    /// <summary>Offset in the section, as of the last layout.</summary>
    public int Offset { get; set; }

    /// <summary>Bytes, as of the last layout.</summary>
    public abstract int Size { get; }

    /// <summary>Bytes in the longest form.</summary>
    public abstract int MaximumSize { get; }

    /// <summary>The condition for which the item needs an IT block; always when it needs none.</summary>
    public virtual Condition ItCondition => Condition.AL;

    /// <summary>Whether the item has been put into an IT block.</summary>
    public bool InsideIt { get; set; }

    /// <summary>Whether it must be the last of its IT block.</summary>
    public virtual bool EndsIt => false;

    /// <summary>Whether control never reaches the next item from this one.</summary>
    public virtual bool EndsFlow => false;

    /// <summary>Labels it refers to.</summary>
    public virtual IReadOnlyList<Label> Targets => [];

    /// <summary>Grows when the present form does not reach; true when it grew.</summary>
    public virtual bool Relax(CodeLayout layout) => false;

    /// <summary>Appends the bytes.</summary>
    public abstract void Write(CodeBuffer buffer);

    /// <summary>A copy in its narrowest form, so that an assembler can be laid out again.</summary>
    public CodeItem Fresh() => (CodeItem)MemberwiseClone();
}

/// <summary>Where a label is bound.</summary>
internal sealed class LabelItem(Label label) : CodeItem
{
    /// <summary>The label.</summary>
    public Label Label => label;

    public override int Size => 0;

    public override int MaximumSize => 0;

    public override void Write(CodeBuffer buffer) { }
}

/// <summary>A mark; unlike a label it does not end an IT block.</summary>
internal sealed class MarkItem(int tag) : CodeItem
{
    public override int Size => 0;

    public override int MaximumSize => 0;

    public override void Write(CodeBuffer buffer) => buffer.Mark(tag);
}

/// <summary>An instruction whose encoding depends on nothing else but whether it stands in an IT block.</summary>
internal sealed class PlainItem(Instruction instruction) : CodeItem
{
    private Encoding? _encoding;

    private Encoding Encoding => _encoding ??= Encoder.Find(instruction, Encoder.InsideIt(instruction), out _)
        ?? throw new Support.InvariantException("no single instruction does " + Disassembler.Text(instruction));

    public override int Size => Encoding.Size;

    public override int MaximumSize => Encoding.Size;

    public override Condition ItCondition => Encoder.InsideIt(instruction) ? instruction.Condition : Condition.AL;

    public override bool EndsIt => Encoding.EndsIt(instruction);

    public override bool EndsFlow => instruction.EndsFlow;

    public override void Write(CodeBuffer buffer) => buffer.Put(instruction, InsideIt);
}

/// <summary>The IT instruction that <see cref="ItBlocks"/> puts before a block.</summary>
internal sealed class ItItem(Condition first, int mask) : CodeItem
{
    public override int Size => 2;

    public override int MaximumSize => 2;

    public override void Write(CodeBuffer buffer)
        => buffer.Put(new Instruction(Operation.It, Form.None, Immediate: mask, Condition: first), insideIt: false);
}
