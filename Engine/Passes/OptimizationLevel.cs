using System.Collections.Immutable;

namespace Pulse.Build.Engine.Passes;

/// <summary>How much is done to one function, most first. A function whose change is not proved goes down step by step.</summary>
internal enum OptimizationLevel
{
    /// <summary>Everything.</summary>
    Full,

    /// <summary>Named callees are not inlined, nor what would bring them along.</summary>
    WithoutCallees,

    /// <summary>No callee is inlined.</summary>
    WithoutInlining,

    /// <summary>Passes over loops do not run either.</summary>
    WithoutLoopPasses,

    /// <summary>The function stays as it is.</summary>
    Original,
}

/// <summary>The level of one function.</summary>
/// <param name="Level">How much is done.</param>
/// <param name="Callees">What <see cref="OptimizationLevel.WithoutCallees"/> names, by index in the module that came in.</param>
internal sealed record FunctionLevel(OptimizationLevel Level, ImmutableSortedSet<int> Callees)
{
    /// <summary>Everything is done.</summary>
    public static FunctionLevel Full { get; } = new(OptimizationLevel.Full, []);

    /// <summary>Whether a callee may be inlined that brings along <paramref name="brought"/>, itself included.</summary>
    public bool Allows(IEnumerable<int> brought) => Level switch
    {
        OptimizationLevel.Full => true,
        OptimizationLevel.WithoutCallees => !brought.Any(Callees.Contains),
        _ => false,
    };
}
