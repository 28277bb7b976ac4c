namespace Pulse.Build.Engine.Thumb;

/// <summary>Where a linear reader of code stands in an IT block.</summary>
/// <param name="First">First condition.</param>
/// <param name="Mask">What is left of the mask; 0 outside a block.</param>
internal readonly record struct ItState(Condition First, int Mask)
{
    /// <summary>Outside any block.</summary>
    public static ItState Outside => new(Condition.AL, 0);

    /// <summary>Whether the next instruction is in a block.</summary>
    public bool IsInside => (Mask & 15) != 0;

    /// <summary>Whether the next instruction is the last of its block.</summary>
    public bool IsLast => (Mask & 15) == 8;

    /// <summary>The condition of the next instruction.</summary>
    public Condition Condition => IsInside ? First : Condition.AL;

    /// <summary>The state after the IT instruction <paramref name="it"/>.</summary>
    public static ItState After(in Instruction it) => new(it.Condition, it.Immediate);

    /// <summary>The state after one instruction of the block: the mask moves up, its top bit becomes bit 0 of the condition.</summary>
    public ItState Next()
    {
        if (!IsInside || IsLast)
        {
            return Outside;
        }

        var top = Mask >> 3 & 1;
        return new((Condition)((int)First & ~1 | top), Mask << 1 & 15);
    }
}
