using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Claims;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>A pair of functions that is to be proved.</summary>
/// <param name="Before">Index in the source module, or -1: the target function has no counterpart.</param>
/// <param name="After">Index in the target module.</param>
internal sealed record FunctionPair(int Before, int After);

/// <summary>
/// Which functions are one at a call: those of one class. A class of defined functions is a whole product, every source with every target, and
/// every pair of it is to be proved, so that a call never stands for another by way of a third function. A class of imports is a
/// module name, a field name and a type. No function is in two classes.
/// </summary>
internal sealed class FunctionClasses
{
    private readonly int[] _before;
    private readonly int[] _after;

    public FunctionClasses(DecodedModule before, DecodedModule after, IEnumerable<FunctionClass> classes)
    {
        _before = [.. Enumerable.Repeat(-1, before.Functions.Count)];
        _after = [.. Enumerable.Repeat(-1, after.Functions.Count)];
        var next = 0;
        var imports = new Dictionary<(ImportName, string), int>();
        foreach (var (module, numbers) in new[] { (before, _before), (after, _after) })
        {
            foreach (var function in module.Functions)
            {
                if (function.Import is { } import && !imports.TryGetValue((import, function.Signature.Text), out numbers[function.Index]))
                {
                    imports[(import, function.Signature.Text)] = numbers[function.Index] = next++;
                }
            }
        }

        var pairs = new List<FunctionPair>();
        foreach (var (number, one) in classes.Select((one, i) => (next + i, one)))
        {
            var signature = one.Before.Where(b => b >= 0 && b < _before.Length).Select(b => before.Functions[b].Signature).FirstOrDefault();
            var left = Take(before, _before, one.Before, signature, number);
            var right = Take(after, _after, one.After, signature, number);
            pairs.AddRange(left.SelectMany(b => right.Select(a => new FunctionPair(b, a))));
        }

        // Whatever is left over is alone.
        next += classes.Count();
        foreach (var numbers in new[] { _before, _after })
        {
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = numbers[i] < 0 ? next++ : numbers[i];
            }
        }

        Pairs = [.. pairs.OrderBy(p => p.After).ThenBy(p => p.Before)];
    }

    /// <summary>Every pair of defined functions in one class.</summary>
    public ImmutableArray<FunctionPair> Pairs { get; }

    public int OfBefore(int b) => _before[b];

    public int OfAfter(int a) => _after[a];

    /// <summary>Whether a call of one is a call of the other.</summary>
    public bool Correspond(int b, int a) => _before[b] == _after[a];

    public bool HasCounterpart(int a) => Array.IndexOf(_before, _after[a]) >= 0;

    private static List<int> Take(DecodedModule module, int[] numbers, IEnumerable<int> members, Signature? signature, int number)
    {
        var taken = members.Distinct()
            .Where(f => f >= 0 && f < numbers.Length && numbers[f] < 0 && module.Functions[f].Import is null && module.Functions[f].Signature.Equals(signature))
            .ToList();
        taken.ForEach(f => numbers[f] = number);
        return taken;
    }
}

/// <summary>Which entity of one index space corresponds to which of the other module's, one to one; -1 for none.</summary>
internal sealed class EntityMatch
{
    /// <summary>Takes the pairs of which neither entity has a partner and that <paramref name="mayPair"/> allows.</summary>
    public EntityMatch(int before, int after, IEnumerable<(int Before, int After)> pairs, Func<int, int, bool> mayPair)
    {
        ToAfter = [.. Enumerable.Repeat(-1, before)];
        ToBefore = [.. Enumerable.Repeat(-1, after)];
        foreach (var (b, a) in pairs)
        {
            if (b >= 0 && b < before && a >= 0 && a < after && ToAfter[b] < 0 && ToBefore[a] < 0 && mayPair(b, a))
            {
                (ToAfter[b], ToBefore[a]) = (a, b);
            }
        }
    }

    public int[] ToAfter { get; }

    public int[] ToBefore { get; }

    /// <summary>The pairs, by rising index in the source.</summary>
    public IEnumerable<(int Before, int After)> Pairs => ToAfter.Index().Where(pair => pair.Item >= 0);
}
