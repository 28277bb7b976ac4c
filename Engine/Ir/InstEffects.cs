using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Whether instructions may be removed, or change places.</summary>
internal static class InstEffects
{
    private const Effects Observations = Effects.ReadsMemory | Effects.ReadsGlobal | Effects.ReadsTable;
    private const Effects Ordered =
        Effects.ReadsMemory | Effects.WritesMemory | Effects.GrowsMemory | Effects.Traps | Effects.Synchronizes;

    private const Effects Writes = Effects.WritesMemory | Effects.GrowsMemory | Effects.WritesGlobal | Effects.WritesTable;

    /// <summary>Whether an instruction with these effects can go when nothing uses its results: it only looks, and cannot trap.</summary>
    public static bool CanBeRemoved(this Effects effects) => (effects & ~Observations) == 0;

    /// <summary>Whether two instructions of <paramref name="function"/> must keep their order.</summary>
    public static bool Conflict(Function function, Inst first, Inst second)
    {
        var (a, b) = (function.EffectsOf(first), function.EffectsOf(second));
        if (a == Effects.Pure || b == Effects.Pure)
        {
            return false;
        }

        if (((a | b) & Effects.Calls) != 0)
        {
            return true;
        }

        // What synchronises is a wall to every access of memory and every trap: another thread can see on which side they are.
        if ((Has(a, Effects.Synchronizes) && Has(b, Ordered)) || (Has(b, Effects.Synchronizes) && Has(a, Ordered)))
        {
            return true;
        }

        // A handler can see on which side of an event another one is, and so can whoever catches a trap.
        if ((Has(a, Effects.Shares) && Has(b, Ordered | Effects.Shares)) || (Has(b, Effects.Shares) && Has(a, Ordered)))
        {
            return true;
        }

        // Which trap comes first, and what is written before a trap, can be seen.
        if ((Has(a, Effects.Traps) && (b & Writes) != 0) || (Has(b, Effects.Traps) && (a & Writes) != 0)
            || (Has(a, Effects.Traps) && Has(b, Effects.Traps) && TrapsDiffer(function, first, second)))
        {
            return true;
        }

        return Touches(a, b, Effects.ReadsMemory, Effects.WritesMemory | Effects.GrowsMemory)
            || Touches(a, b, Effects.ReadsTable, Effects.WritesTable)
            || (Touches(a, b, Effects.ReadsGlobal, Effects.WritesGlobal)
                && function.ImmediatesOf(first).A == function.ImmediatesOf(second).A);
    }

    private static bool Has(Effects effects, Effects flag) => (effects & flag) != 0;

    /// <summary>Two accesses of memory trap in the same way.</summary>
    private static bool TrapsDiffer(Function function, Inst first, Inst second) =>
        function.InfoOf(first).AccessBytes == 0 || function.InfoOf(second).AccessBytes == 0;

    private static bool Touches(Effects a, Effects b, Effects reads, Effects writes) =>
        ((a & writes) != 0 && (b & (reads | writes)) != 0) || ((b & writes) != 0 && (a & (reads | writes)) != 0);
}
