using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>A pair of functions that is to be proved.</summary>
/// <param name="Before">Index in the source module.</param>
/// <param name="After">Index in the target module.</param>
/// <param name="Certain">Whether the correspondence is forced (export, import, start, table slot, witness, name) and not a guess.</param>
internal sealed record FunctionPair(int Before, int After, bool Certain);

/// <summary>
/// Which functions correspond. Every pair is proved, and calls of all functions that pairs connect are the same call, so merged duplicates
/// and copies need nothing special.
/// </summary>
internal sealed class FunctionClasses(DecodedModule before, DecodedModule after)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, before.Functions.Count + after.Functions.Count)];

    public List<FunctionPair> Pairs { get; } = [];

    /// <summary>Adds a pair of equal types; whether it could.</summary>
    public bool Add(int b, int a, bool certain)
    {
        if (Pairs.Exists(p => p.Before == b && p.After == a))
        {
            return true;
        }

        if (!before.Functions[b].Signature.Equals(after.Functions[a].Signature) || before.Functions[b].Import is null != after.Functions[a].Import is null)
        {
            return false;
        }

        Pairs.Add(new FunctionPair(b, a, certain));
        var (x, y) = (Root(b), Root(before.Functions.Count + a));
        _parents[Math.Max(x, y)] = Math.Min(x, y);
        return true;
    }

    public bool HasBefore(int b) => Pairs.Exists(p => p.Before == b);

    public bool HasAfter(int a) => Pairs.Exists(p => p.After == a);

    /// <summary>The class of a source function.</summary>
    public int OfBefore(int b) => Root(b);

    /// <summary>The class of a target function.</summary>
    public int OfAfter(int a) => Root(before.Functions.Count + a);

    private int Root(int x)
    {
        while (_parents[x] != x)
        {
            x = _parents[x];
        }

        return x;
    }
}
