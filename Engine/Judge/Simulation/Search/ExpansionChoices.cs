using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// Which calls of the source to expand so that it makes the calls that the target still makes: every call whose callee the target calls
/// nowhere; then, where a callee is called less often than before, the calls that do not fit into the target's sequence. A witness narrows
/// it to what was inlined, and adds the choice of all of that.
/// </summary>
internal sealed class ExpansionChoices(ModulePair pair, RefinementWitness witness, FunctionPair functions, FlowGraph after)
{
    private const int MaximumRounds = 4;

    public IEnumerable<Func<string, int, bool>> Candidates()
    {
        var hinted = witness.Inlined.TryGetValue(functions.After, out var inlined);
        var kept = CallsOf(after, pair.Classes.OfAfter).ToHashSet();
        var sites = new HashSet<string>();
        bool Gone(string site, int callee) => (!hinted || inlined.Contains(callee)) && (!kept.Contains(pair.Classes.OfBefore(callee)) || sites.Contains(site));
        yield return Gone;

        var wanted = CallsOf(after, pair.Classes.OfAfter);
        for (var round = 0; round < MaximumRounds; round++)
        {
            var graph = Side.Of(pair.Before, functions.Before, Gone).Graph;
            var calls = Calls(graph).ToList();
            var have = calls.ConvertAll(c => pair.Classes.OfBefore(c.Callee));
            if (have.SequenceEqual(wanted))
            {
                break;
            }

            var matched = CommonSubsequence.Of([.. have], [.. wanted]).Select(pair => pair.X).ToHashSet();
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

    /// <summary>The direct calls of a graph in order: its site and its callee.</summary>
    private static IEnumerable<(string Site, int Callee)> Calls(FlowGraph graph)
        => graph.Ordered.SelectMany(b => b.Body).Where(i => i.Opcode == FlowCode.Call).Select(i => (i.Place, (int)i.First));

    private static List<int> CallsOf(FlowGraph graph, Func<int, int> classOf) => [.. Calls(graph).Select(c => classOf(c.Callee))];
}
