using Pulse.Build.Engine.Judge.Claims;
using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>Collects pairs of defined functions; those that pairs connect become one class, of which every pair will have to be proved.</summary>
internal sealed class FunctionGroups(DecodedModule before, DecodedModule after)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, before.Functions.Count + after.Functions.Count)];
    private readonly HashSet<int> _pairedBefore = [];
    private readonly HashSet<int> _pairedAfter = [];

    /// <summary>The pairs, in the order in which they were found.</summary>
    public List<FunctionPair> Pairs { get; } = [];

    /// <summary>Adds a pair of defined functions of one type.</summary>
    public void Add(int b, int a)
    {
        var (x, y) = (before.Functions[b], after.Functions[a]);
        if (x.Import is null && y.Import is null && x.Signature.Equals(y.Signature) && !(HasBefore(b) && HasAfter(a) && Pairs.Exists(p => p.Before == b && p.After == a)))
        {
            Pairs.Add(new FunctionPair(b, a));
            _pairedBefore.Add(b);
            _pairedAfter.Add(a);
            var (i, j) = (Root(b), Root(before.Functions.Count + a));
            _parents[Math.Max(i, j)] = Math.Min(i, j);
        }
    }

    public bool HasBefore(int b) => _pairedBefore.Contains(b);

    public bool HasAfter(int a) => _pairedAfter.Contains(a);

    /// <summary>A text that is the same for functions that are taken to be one.</summary>
    public string OfBefore(int b) => before.Functions[b].Import?.Key ?? $"{Root(b)}";

    /// <inheritdoc cref="OfBefore"/>
    public string OfAfter(int a) => after.Functions[a].Import?.Key ?? $"{Root(before.Functions.Count + a)}";

    public ImmutableArray<FunctionClass> Classes =>
    [
        .. Pairs.GroupBy(p => Root(p.Before)).OrderBy(g => g.Key)
            .Select(g => new FunctionClass([.. g.Select(p => p.Before).Distinct().Order()], [.. g.Select(p => p.After).Distinct().Order()])),
    ];

    private int Root(int x)
    {
        while (_parents[x] != x)
        {
            x = _parents[x];
        }

        return x;
    }
}
