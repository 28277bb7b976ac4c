using Pulse.Build.Engine.Codegen.Plan;

namespace Pulse.Build.Tests.Codegen.Suite;

/// <summary>How modules of the suite are lowered: what the cost models aim at, and whether the optimiser runs before.</summary>
internal sealed record LoweringSetting(CostMode Mode, bool IsOptimized)
{
    /// <summary>All of them.</summary>
    public static IEnumerable<LoweringSetting> All =>
        Enum.GetValues<CostMode>().SelectMany(mode => new[] { false, true }.Select(isOptimized => new LoweringSetting(mode, isOptimized)));

    public override string ToString() => $"{Mode}{(IsOptimized ? ", optimised" : "")}";
}
