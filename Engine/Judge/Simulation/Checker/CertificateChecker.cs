using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Ordering;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Judge.Simulation.Discharging;
using Pulse.Build.Engine.Smt.Refuting;
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

/// <summary>One of the two functions: its module and its graph, with the calls expanded that are to be expanded.</summary>
internal sealed record Side(ModuleView View, FlowGraph Graph)
{
    /// <summary>A function with chosen callees in place of their calls, from the bodies of the same module; no <paramref name="choice"/>: with none.</summary>
    public static Side Of(ModuleView view, int function, Func<string, int, bool>? choice = null)
    {
        var graph = BodyDecoder.Decode(view.Module, function, new Expansion(choice ?? ((_, _) => false), table => view.ClosedTables[table]?.Entries));
        graph.SkipEmptyBlocks();
        FlowOrder.Run(graph);
        return new Side(view, graph);
    }

    /// <summary>The state at the entry: parameters and state are variables, which both sides share.</summary>
    public MachineState Entry(TermFactory factory)
    {
        var parameters = Graph.Signature.Parameters.Select((kind, i) => factory.Variable(EntryNames.Parameter(i), BodyDecoder.WidthOf(kind))).ToArray();
        return new MachineState([.. parameters, .. new Term?[Graph.Slots - parameters.Length]], View.Layout.Fresh(factory, EntryNames.Prefix));
    }
}

/// <summary>Which obligations hold: those for which there is a refutation of the very formula that must not.</summary>
internal sealed class Obligations(TermFactory factory, ObligationLog log)
{
    /// <summary>Requires that <paramref name="a"/> and <paramref name="b"/> agree whenever <paramref name="guard"/> and <paramref name="assumption"/> hold.</summary>
    public bool Equal(string what, Term guard, Term a, Term b, Term assumption)
        => Unsatisfiable(what, ReferenceEquals(a, b) ? factory.False : factory.Both(guard, factory.Not(factory.Equal(a, b))), assumption);

    /// <summary>Requires that <paramref name="goal"/> and <paramref name="assumption"/> never hold together.</summary>
    public bool Unsatisfiable(string what, Term goal, Term assumption)
        => log.Refute(what, goal, assumption)?.Goal is { } refuted && (ReferenceEquals(refuted, goal) || ReferenceEquals(refuted, factory.Both(goal, assumption)));

    /// <summary>Whether <paramref name="goal"/> never holds, if that is seen early; nothing depends on it.</summary>
    public bool Perhaps(string what, Term goal) => log.RefuteEarly(what, goal)?.Goal is { } refuted && ReferenceEquals(refuted, goal);

    /// <summary>Requires that one of the <paramref name="goals"/> never holds.</summary>
    public bool Any(string what, IReadOnlyList<Term> goals) => log.RefuteOne(what, goals)?.Goal is { } refuted && goals.Contains(refuted);

    /// <summary>Notes what is wrong with the certificate itself; never holds.</summary>
    public bool Reject(string what, string reason)
    {
        log.Reject(what, reason);
        return false;
    }
}
