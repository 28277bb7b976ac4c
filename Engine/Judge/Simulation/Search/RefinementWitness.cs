using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// What the producer of a module may tell the judge. Nothing of it is believed: a wrong hint costs the proof, never its truth.
/// </summary>
internal sealed record RefinementWitness
{
    /// <summary>No hints.</summary>
    public static RefinementWitness None { get; } = new();

    /// <summary>Source function → target function. What is missing is found as without a witness.</summary>
    public ImmutableDictionary<int, int> Functions { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>Target function → source functions that were inlined into it, directly or through one another. A target without an entry is inferred.</summary>
    public ImmutableDictionary<int, ImmutableArray<int>> Inlined { get; init; } = ImmutableDictionary<int, ImmutableArray<int>>.Empty;

    /// <summary>Source memory → target memory.</summary>
    public ImmutableDictionary<int, int> Memories { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>Source table → target table.</summary>
    public ImmutableDictionary<int, int> Tables { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>The hints of an optimiser that says where each function came from and which callees were expanded into which callers.</summary>
    /// <param name="origins">For each target function, its index in the source.</param>
    /// <param name="inlined">(caller, callee) by source index; what a callee had inlined came along with it.</param>
    public static RefinementWitness Of(IReadOnlyList<int> origins, IEnumerable<(int Caller, int Callee)> inlined)
    {
        var callees = inlined.ToLookup(pair => pair.Caller, pair => pair.Callee);
        var functions = ImmutableDictionary.CreateBuilder<int, int>();
        var expanded = ImmutableDictionary.CreateBuilder<int, ImmutableArray<int>>();
        for (var after = 0; after < origins.Count; after++)
        {
            var closure = new SortedSet<int>();
            var work = new Stack<int>(callees[origins[after]]);
            while (work.TryPop(out var callee))
            {
                if (closure.Add(callee))
                {
                    foreach (var next in callees[callee])
                    {
                        work.Push(next);
                    }
                }
            }

            functions[origins[after]] = after;
            expanded[after] = [.. closure];
        }

        return new RefinementWitness { Functions = functions.ToImmutable(), Inlined = expanded.ToImmutable() };
    }
}
