using System.Collections.Frozen;

namespace Pulse.Build.Engine.Codegen.Plan;

/// <summary>How accesses are kept inside linear memory.</summary>
internal enum BoundsMode
{
    /// <summary>A compare and a trap, where nothing proves it useless.</summary>
    Software,

    /// <summary>No check.</summary>
    None,
}

/// <summary>What the cost model aims at.</summary>
internal enum CostMode
{
    Balanced,
    Size,
    Speed,
}

/// <summary>What <see cref="ModuleCompiler"/> is asked to do.</summary>
/// <param name="Bounds">How accesses are kept inside linear memory.</param>
/// <param name="Mode">What the cost model aims at.</param>
/// <param name="CheckAllocation">Whether the allocation of every function is checked symbolically.</param>
internal sealed record CompilerOptions(BoundsMode Bounds = BoundsMode.Software, CostMode Mode = CostMode.Balanced, bool CheckAllocation = true)
{
    /// <summary>Symbols of the functions that look whether there is stack left before they take any: those that lie on a cycle of calls.</summary>
    public IReadOnlySet<string> StackChecked { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Whether each guard has a <c>udf</c> of its own, so that its address says which one it was.</summary>
    public bool ExactTraps { get; init; }

    /// <summary>Whether the start function fills memories whose initial content is mostly zeros, because nobody else can.</summary>
    public bool FillsMemories { get; init; }
}
