using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>Both fragments that start at a cutpoint.</summary>
internal sealed record FragmentPair(string Name, Cutpoint Cutpoint, Fragment Before, Fragment After);

/// <summary>
/// Checks a certificate: runs the fragments of each cutpoint from the states that it claims and discharges every obligation of the proof
/// rule of docs/proofs.md, which are named in brackets below. It guesses nothing: what the certificate does not say is not tried.
/// </summary>
internal sealed class CertificateChecker(TermFactory factory, Side before, Side after, Obligations obligations)
{
    /// <summary>Phases that a header may be open for: fragments are finite, and short enough to run.</summary>
    private const int MaximumPhases = 256;
    private readonly HashSet<int> _plain = [];
    private readonly FragmentExecutor _runBefore = new(factory, before.View, before.Graph);
    private readonly FragmentExecutor _runAfter = new(factory, after.View, after.Graph);

    /// <summary>Whether every obligation holds; if not, their log has the first that does not.</summary>
    public bool Check(Certificate certificate)
    {
        if (!IsWellFormed(certificate))
        {
            return false;
        }

        var traps = new TrapChecker(factory, obligations);
        var exits = new ExitChecker(factory, before, after, obligations);
        var steps = new StepChecker(factory, before.View.Layout, before.Graph.Slots + after.Graph.Slots, obligations);
        var ways = certificate.Steps.ToLookup(s => s.From, s => s.To);
        var (reached, open) = (new HashSet<int> { 0 }, new SortedSet<int> { 0 });

        // A cutpoint is run once a step has established it, so its values are there and of the right sorts; what no step reaches says nothing.
        while (open.Count > 0)
        {
            var from = open.Min;
            open.Remove(from);
            var pair = Run(from, certificate.Cutpoints[from]);
            if (!traps.Check(pair.Name, pair.Before.Traps, pair.After.Traps) || !exits.Check(pair, [.. ways[from].Select(to => certificate.Cutpoints[to])]))
            {
                return false;
            }

            foreach (var to in ways[from].Distinct())
            {
                var guard = steps.Guard(pair, certificate.Cutpoints[to]);
                if (guard.IsFalse)
                {
                    continue; // the step is never taken
                }

                if (!steps.Check(pair, certificate.Cutpoints[to], to, guard))
                {
                    return false;
                }

                _ = reached.Add(to) && open.Add(to);
            }
        }

        return true;
    }

    /// <summary>
    /// Entries come first, the others are headers, every component has a value, and the history is one term at each [R0]. Every term has a meaning, and none
    /// speaks of a variable that the elimination of memories makes for something else.
    /// </summary>
    private bool IsWellFormed(Certificate certificate)
    {
        var world = before.Graph.Slots + after.Graph.Slots + StateLayout.World;
        var parts = before.View.Layout.Parts.Count;
        for (var i = 0; i < certificate.Cutpoints.Length; i++)
        {
            var cut = certificate.Cutpoints[i];
            if (i == 0 ? cut.Before != 0 || cut.After != 0 || cut.Values.Length != 0 || !cut.Facts.IsTrue || cut.Passed.Length != 0
                : !IsHeader(before.Graph, cut.Before) || !IsHeader(after.Graph, cut.After) || cut.Values.Length != world + 2 * parts
                || cut.Values.AsSpan()[world..].Contains(null))
            {
                return obligations.Reject(NameOf(i), "the certificate does not fit the functions");
            }

            if (cut.Facts.Width != Sort.Bool || cut.OpenBefore.Values.Concat(cut.OpenAfter.Values).Any(phases => phases > MaximumPhases)
                || cut.Values.OfType<Term>().Concat(cut.Passed).Append(cut.Facts).Any(MeansNothing))
            {
                return obligations.Reject(NameOf(i), "the certificate says what none may say");
            }

            if (i > 0 && !ReferenceEquals(cut.Values[world], cut.Values[world + parts]))
            {
                return obligations.Reject($"{NameOf(i)} events", "the events up to here are not known to be the same");
            }
        }

        return certificate.Cutpoints.Length > 0 && certificate.Steps.All(s => s.To > 0 && s.To < certificate.Cutpoints.Length)
            || obligations.Reject("certificate", "it has no entry, or a step that leads nowhere");
    }

    /// <summary>Whether a term is not well-sorted, or a variable below has a name of those that stand for bytes and results in queries.</summary>
    private bool MeansNothing(Term t)
        => _plain.Add(t.Id) && (!TermSorts.Fits(t) || t is { Op: TermOp.Variable, Name: ['!', ..] } || Array.Exists(t.Args, MeansNothing));

    private static bool IsHeader(FlowGraph graph, int block) => block >= 0 && block < graph.Blocks.Count && graph.Blocks[block].IsHeader;

    /// <summary>What a cutpoint is called in the names of obligations.</summary>
    public static string NameOf(int cutpoint) => cutpoint == 0 ? "entry" : FormattableString.Invariant($"loop{cutpoint}");

    private FragmentPair Run(int index, Cutpoint cut)
    {
        var (x, y) = index == 0 ? (before.Entry(factory), after.Entry(factory)) : (StateOf(cut, true), StateOf(cut, false));
        return new FragmentPair(
            NameOf(index),
            cut,
            _runBefore.Run(before.Graph.Blocks[cut.Before], cut.Facts, cut.Passed, x, cut.OpenBefore),
            _runAfter.Run(after.Graph.Blocks[cut.After], cut.Facts, cut.Passed, y, cut.OpenAfter));
    }

    private MachineState StateOf(Cutpoint cut, bool first)
    {
        var (slots, parts) = (before.Graph.Slots + after.Graph.Slots, before.View.Layout.Parts.Count);
        var values = cut.Values.AsSpan();
        return new MachineState(
            (first ? values[..before.Graph.Slots] : values[before.Graph.Slots..slots]).ToArray(),
            values.Slice(slots + (first ? 0 : parts), parts).ToArray()!);
    }
}
