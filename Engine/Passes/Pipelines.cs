namespace Pulse.Build.Engine.Passes;

/// <summary>The pipelines, each a list on one screen. The reasons for the order are data, checked when the pipeline is built.</summary>
internal static class Pipelines
{
    /// <summary>What runs on one function, until nothing changes.</summary>
    public static Pipeline Scalar { get; } = new(
        passes:
        [
            new ControlFlowSimplification(),
            new RedundantParameters(),
            new IfConversion(),
            new DominatingConditions(),
            new ConditionalConstants(),
            new Simplify(),
            new GlobalValueNumbering(),
            new LoadElimination(),
            new DeadStoreElimination(),
            new DeadCodeElimination(),
        ],
        orderings:
        [
            Order.Before<ControlFlowSimplification, RedundantParameters>("an edge from an unreachable block would keep a parameter alive"),
            Order.Before<RedundantParameters, GlobalValueNumbering>("equal values must be one value before expressions are compared"),
            Order.Before<ControlFlowSimplification, IfConversion>("an arm is one block once chains are merged"),
            Order.Before<DominatingConditions, ConditionalConstants>("a branch on what is known folds there"),
            Order.Before<Simplify, GlobalValueNumbering>("constants stand on the right before expressions are compared"),
            Order.Before<GlobalValueNumbering, LoadElimination>("equal addresses must be one value before loads are compared"),
            Order.Before<LoadElimination, DeadStoreElimination>("a forwarded load no longer keeps a store alive"),
            Order.Before<DeadStoreElimination, DeadCodeElimination>("the value of a removed store may be dead"),
        ]);

    /// <summary>What runs on the whole program, in order.</summary>
    public static IReadOnlyList<ProgramPass> Whole { get; } =
    [
        new Inlining(Scalar),
    ];

    /// <summary>Whether any pass is one over loops.</summary>
    public static bool HasLoopPasses { get; } = Scalar.Passes.Any(pass => pass.Info.IsLoopPass);

    /// <summary>The names of the passes, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Whole.Select(pass => pass.Info.Name), .. Scalar.Passes.Select(pass => pass.Info.Name)];
}
