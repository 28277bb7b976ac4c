namespace Pulse.Build.Engine.Smt.Budgets;

/// <summary>How much the decisions on one function may take. All of it is counted, nothing is timed.</summary>
internal sealed record DecisionBudget
{
    /// <summary>The solver's count of work for one formula.</summary>
    public uint Query { get; init; } = 1_000_000;

    /// <summary>Characters of one formula. The count of work leaves out much of what comes before the search, which grows faster than the text.</summary>
    public int Characters { get; init; } = 80_000;

    /// <summary>Formulas sent.</summary>
    public int Queries { get; init; } = 400;

    /// <summary>All formulas together, and those of other attempts.</summary>
    public WorkMeter Meter { get; init; } = new(20_000_000);
}
