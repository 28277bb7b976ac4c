using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// A branch to a label, by rising reach: B T1 ±256 bytes (T2 ±2 KiB), B.W T3 ±1 MiB (T4 ±16 MiB),
/// and for conditions further away the inverse condition around a B.W.
/// </summary>
internal sealed class BranchItem(Label target, Condition condition) : CodeItem
{
    private int _level;

    public override int Size => 2 + 2 * _level;

    public override int MaximumSize => condition == Condition.AL ? 4 : 6;

    public override bool EndsFlow => condition == Condition.AL;

    public override IReadOnlyList<Label> Targets => [target];

    public override bool Relax(CodeLayout layout)
    {
        var before = _level;
        _level = Reach(layout.Distance(Offset, target), condition, _level);
        return _level != before;
    }

    public override void Write(CodeBuffer buffer) => WriteAt(buffer, target, condition, _level);

    /// <summary>The least level, from <paramref name="level"/> on, that reaches <paramref name="distance"/> bytes from the branch.</summary>
    public static int Reach(int distance, Condition condition, int level)
    {
        var bits = condition == Condition.AL ? new[] { 12, 25 } : [9, 21];
        while (level < bits.Length && (distance - 4 < -(1 << (bits[level] - 1)) || distance - 4 >= 1 << (bits[level] - 1)))
        {
            level++;
        }

        return level;
    }

    /// <summary>Writes the branch in the form of <paramref name="level"/>.</summary>
    public static void WriteAt(CodeBuffer buffer, Label target, Condition condition, int level)
    {
        if (level == 2)
        {
            InvariantException.Require(condition != Condition.AL, "a branch spans more than 16 MiB");
            buffer.PutSkip(new Instruction(Operation.B, Form.PcRelative, Condition: condition.Invert()), skipped: 4);
            condition = Condition.AL;
        }

        var label = (condition == Condition.AL ? 2 : 1) + (level == 0 ? 0 : 2);
        buffer.PutRelative(new Instruction(Operation.B, Form.PcRelative, Condition: condition), "T" + (char)('0' + label), target);
    }
}

/// <summary>
/// A branch on a register that is zero or not: CBZ and CBNZ reach 0 to 126 bytes forward, from r0 to r7. Else a compare and a branch;
/// where the flags must stay, the inverse test around a B.
/// </summary>
internal sealed class ZeroBranchItem(Register register, bool whenZero, Label target, FlagEffect flags) : CodeItem
{
    // -1: CBZ; else the level of the branch that follows the compare or the inverse test.
    private int _level = register.IsLow() ? -1 : 0;

    private bool KeepsFlags => flags == FlagEffect.Preserved;

    private Condition Condition => KeepsFlags ? Condition.AL : whenZero ? Condition.EQ : Condition.NE;

    private int FirstSize => register.IsLow() ? 2 : 4;

    public override int Size => _level < 0 ? 2 : FirstSize + 2 + 2 * _level;

    public override int MaximumSize => FirstSize + 6;

    public override IReadOnlyList<Label> Targets => [target];

    public override bool Relax(CodeLayout layout)
    {
        var before = _level;
        if (_level < 0 && layout.Distance(Offset, target) is < 4 or > 130)
        {
            _level = 0;
        }

        if (_level >= 0)
        {
            _level = BranchItem.Reach(layout.Distance(Offset + FirstSize, target), Condition, _level);
        }

        return _level != before;
    }

    public override void Write(CodeBuffer buffer)
    {
        var test = new Instruction(whenZero ? Operation.Cbz : Operation.Cbnz, Form.PcRelative, Rn: register);
        if (_level < 0)
        {
            buffer.PutRelative(test, "T1", target);
        }
        else if (KeepsFlags)
        {
            InvariantException.Require(register.IsLow(), "a test that preserves the flags needs a register of r0 to r7");
            buffer.PutSkip(test with { Operation = whenZero ? Operation.Cbnz : Operation.Cbz }, skipped: 2 + 2 * _level);
            BranchItem.WriteAt(buffer, target, Condition, _level);
        }
        else
        {
            buffer.Put(Instructions.Compare(Operation.Cmp, register, 0), insideIt: false);
            BranchItem.WriteAt(buffer, target, Condition, _level);
        }
    }
}

/// <summary>BL to a label of the section.</summary>
internal sealed class CallItem(Label target) : CodeItem
{
    public override int Size => 4;

    public override int MaximumSize => 4;

    public override IReadOnlyList<Label> Targets => [target];

    public override void Write(CodeBuffer buffer) => buffer.PutRelative(new Instruction(Operation.Bl, Form.PcRelative), "T1", target);
}

/// <summary>BL or B.W to a symbol; the linker fills in the distance.</summary>
internal sealed class SymbolBranchItem(string symbol, bool isCall) : CodeItem
{
    // The program counter reads 4 ahead, and REL relocations keep that in the instruction.
    private const int Addend = -4;

    public override int Size => 4;

    public override int MaximumSize => 4;

    public override bool EndsFlow => !isCall;

    public override void Write(CodeBuffer buffer)
    {
        buffer.Relocate(isCall ? RelocationKind.Call : RelocationKind.Jump, symbol, Addend);
        buffer.Put(new Instruction(isCall ? Operation.Bl : Operation.B, Form.PcRelative, Immediate: Addend), insideIt: false, isCall ? "T1" : "T4");
    }
}

/// <summary>TBB or TBH and its table of distances, which follows it directly.</summary>
internal sealed class TableBranchItem(Register index, Label[] targets) : CodeItem
{
    private bool _halfwords;

    public override int Size => 4 + (_halfwords ? targets.Length * 2 : targets.Length + 1 & ~1);

    public override int MaximumSize => 4 + targets.Length * 2;

    public override bool EndsFlow => true;

    public override IReadOnlyList<Label> Targets => targets;

    public override bool Relax(CodeLayout layout)
    {
        var offset = Offset;
        if (_halfwords || !Array.Exists(targets, target => layout.Distance(offset, target) - 4 > 255 * 2))
        {
            return false;
        }

        return _halfwords = true;
    }

    public override void Write(CodeBuffer buffer)
    {
        buffer.Put(new Instruction(_halfwords ? Operation.Tbh : Operation.Tbb, Form.Registers, Rm: index), insideIt: false);
        buffer.Table(targets, _halfwords);
    }
}
