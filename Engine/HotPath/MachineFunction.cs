using System.Collections.Immutable;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.HotPath;

/// <summary>Where a function is: a place in the object, so that two names of one place are one function; or a name that the object does not define.</summary>
internal readonly record struct MachinePlace(ElfSection? Section, uint Offset, string Name)
{
    /// <summary>The place of <paramref name="symbol"/>.</summary>
    public static MachinePlace Of(ElfSymbol symbol) =>
        symbol.Section is { } section ? new MachinePlace(section, symbol.Value & ~1u, "") : new MachinePlace(null, 0, symbol.Name);
}

/// <summary>A call in machine code.</summary>
/// <param name="Target">Where it goes; null through a register.</param>
/// <param name="IsTail">Whether it is a branch that does not come back.</param>
/// <param name="Moves">Instructions right before it that only put arguments where the callee wants them.</param>
internal readonly record struct MachineCall(MachinePlace? Target, bool IsTail, int Moves);

/// <summary>What a function's machine code says about calls.</summary>
/// <param name="Calls">The calls, in the order of the code.</param>
/// <param name="Enter">Cycles that its prologue takes.</param>
/// <param name="Leave">Cycles that its return takes.</param>
internal sealed record MachineFunction(ImmutableArray<MachineCall> Calls, int Enter, int Leave);
