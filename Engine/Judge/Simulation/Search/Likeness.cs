using System.Globalization;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// How much a target function looks like what a source function may have become: what the source does itself should still be there, and what is there
/// should come from the source or from what it calls.
/// </summary>
internal sealed class Likeness(DecodedModule before, CodeFacts factsBefore, DecodedModule after, CodeFacts factsAfter, FunctionGroups classes)
{
    /// <summary>Features of one function with its callees in place of their calls: beyond that it looks like anything.</summary>
    private const int MostFeatures = 100_000;

    private readonly Dictionary<int, Dictionary<string, int>> _own = [];
    private readonly Dictionary<int, Dictionary<string, int>> _whole = [];
    private readonly Dictionary<int, Dictionary<string, int>> _target = [];

    /// <summary>From 0, nothing in common, to 1000.</summary>
    public int Of(int b, int a)
    {
        var (own, whole, target) = (Own(b), Whole(b, []), Target(a));
        var kept = 1000L * Shared(own, target) / Math.Max(1, own.Values.Sum());
        var explained = 1000L * Shared(whole, target) / Math.Max(1, target.Values.Sum());
        return own.Count == 0 && target.Count == 0 ? 1000 : (int)(kept * explained / 1000);
    }

    private static int Shared(Dictionary<string, int> x, Dictionary<string, int> y) => y.Sum(feature => Math.Min(feature.Value, x.GetValueOrDefault(feature.Key)));

    private Dictionary<string, int> Own(int b) => _own.TryGetValue(b, out var known) ? known : _own[b] = Features(factsBefore, b, before, classes.OfBefore);

    private Dictionary<string, int> Target(int a) => _target.TryGetValue(a, out var known) ? known : _target[a] = Features(factsAfter, a, after, classes.OfAfter);

    /// <summary>What a source function would have if all that it calls stood in its place; what calls itself stands once.</summary>
    private Dictionary<string, int> Whole(int b, HashSet<int> chain)
    {
        if (_whole.TryGetValue(b, out var known))
        {
            return known;
        }

        var whole = new Dictionary<string, int>(Own(b), StringComparer.Ordinal);
        chain.Add(b);
        foreach (var i in factsBefore.CodeOf(b) ?? [])
        {
            if (i.Opcode == 0x10 && i.Index(0) is var callee && callee < before.Functions.Count && before.Functions[callee].Body is not null && !chain.Contains(callee))
            {
                foreach (var (feature, count) in Whole(callee, chain))
                {
                    whole[feature] = Math.Min(MostFeatures, whole.GetValueOrDefault(feature) + count);
                }
            }
        }

        chain.Remove(b);
        return _whole[b] = whole;
    }

    /// <summary>Operations, constants, offsets and callees.</summary>
    private static Dictionary<string, int> Features(CodeFacts facts, int function, DecodedModule module, Func<int, string> classOf)
    {
        var features = new Dictionary<string, int>(StringComparer.Ordinal);
        void Count(string feature) => features[feature] = features.GetValueOrDefault(feature) + 1;
        foreach (var i in facts.CodeOf(function) ?? [])
        {
            if (i.Operands is [_, { Kind: OperandKind.Memory }])
            {
                Count(string.Create(CultureInfo.InvariantCulture, $"offset {i[0]}"));
            }

            var text = i.Opcode switch
            {
                0x10 when i.Index(0) is var callee && callee < module.Functions.Count => "call " + classOf(callee),
                0x41 or 0x42 => string.Create(CultureInfo.InvariantCulture, $"const {i[0]}"),
                _ when i.Operands is [_, { Kind: OperandKind.Memory }] => string.Create(CultureInfo.InvariantCulture, $"access {i.Opcode}"),
                0x11 or 0x0E or >= 0x45 => string.Create(CultureInfo.InvariantCulture, $"op {i.Opcode}"),
                _ => null,
            };
            if (text is not null)
            {
                Count(text);
            }
        }

        return features;
    }
}
