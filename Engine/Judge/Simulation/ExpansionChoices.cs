using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Engine.Judge.Simulation;

/// <summary>
/// Which calls of the source to expand so that it makes the calls that the target still makes: every call whose callee the target calls
/// nowhere; then, where a callee is called less often than before, the calls that do not fit into the target's sequence. A witness narrows
/// it to what was inlined, and adds the choice of all of that.
/// </summary>
internal sealed class ExpansionChoices(ModulePair pair, RefinementWitness witness, FunctionPair functions, FlowGraph after)
{
    private const int MaximumRounds = 4;

    public IEnumerable<Expander.Choice> Candidates()
    {
        var hinted = witness.Inlined.TryGetValue(functions.After, out var inlined);
        var kept = CallsOf(after, pair.Classes.OfAfter).ToHashSet();
        var sites = new HashSet<string>();
        bool Gone(string site, int callee) => (!hinted || inlined.Contains(callee)) && (!kept.Contains(pair.Classes.OfBefore(callee)) || sites.Contains(site));
        yield return Gone;

        var wanted = CallsOf(after, pair.Classes.OfAfter);
        for (var round = 0; round < MaximumRounds; round++)
        {
            var graph = new Expander(pair.Before).Build(functions.Before, Gone);
            var calls = Expander.Calls(graph).ToList();
            var have = calls.ConvertAll(c => pair.Classes.OfBefore(c.Callee));
            if (have.SequenceEqual(wanted))
            {
                break;
            }

            var matched = LongestCommon(have, wanted);
            var extra = Enumerable.Range(0, calls.Count).Where(i => !matched.Contains(i) && pair.Before.Module.Functions[calls[i].Callee].Body is not null).ToList();
            if (extra.Count == 0)
            {
                break;
            }

            extra.ForEach(i => sites.Add(calls[i].Site));
            yield return Gone;
        }

        if (hinted)
        {
            yield return (_, callee) => inlined.Contains(callee);
        }
    }

    private static List<int> CallsOf(FlowGraph graph, Func<int, int> classOf) => [.. Expander.Calls(graph).Select(c => classOf(c.Callee))];

    /// <summary>Positions of the first list that belong to a longest common subsequence.</summary>
    private static HashSet<int> LongestCommon(List<int> x, List<int> y)
    {
        var length = new int[x.Count + 1, y.Count + 1];
        for (var i = x.Count - 1; i >= 0; i--)
        {
            for (var j = y.Count - 1; j >= 0; j--)
            {
                length[i, j] = x[i] == y[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
            }
        }

        var result = new HashSet<int>();
        for (int i = 0, j = 0; i < x.Count && j < y.Count;)
        {
            if (x[i] == y[j])
            {
                result.Add(i++);
                j++;
            }
            else if (length[i + 1, j] >= length[i, j + 1])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return result;
    }
}
