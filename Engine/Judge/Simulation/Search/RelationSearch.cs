using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Smt.Sampling;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// Looks for a certificate: discovers the pairs of loop headers that are reached together by executing both sides from one to the next, and
/// refines a relation for each pair until it is inductive. What it finds is checked by somebody else.
/// </summary>
internal sealed class RelationSearch
{
    private const int MaximumRounds = 60;
    private const int MaximumNodes = 120;
    private const int MaximumGuesses = 60;
    private const int Samples = 8;
    private readonly TermFactory _factory;
    private readonly Side _before;
    private readonly Side _after;
    private readonly Guesses _guesses;
    private readonly Dictionary<int, int> _openBefore;
    private readonly Dictionary<int, int> _openAfter;
    private readonly LoopNesting _nestingBefore;
    private readonly LoopNesting _nestingAfter;
    private readonly FragmentExecutor _runBefore;
    private readonly FragmentExecutor _runAfter;
    private readonly List<ProductNode> _nodes = [];
    private int _proofs;

    /// <summary>A search in which control goes through the headers that are open, with the number of phases.</summary>
    public RelationSearch(TermFactory factory, Side before, Side after, Decider decider, HeaderChoice choice)
    {
        (_openBefore, _openAfter) = (new(choice.OpenBefore), new(choice.OpenAfter));
        (_factory, _before, _after, _guesses) = (factory, before, after, new Guesses(factory, decider));
        (_nestingBefore, _nestingAfter) = (new LoopNesting(before.Graph), new LoopNesting(after.Graph));
        _runBefore = new FragmentExecutor(factory, before.View, before.Graph);
        _runAfter = new FragmentExecutor(factory, after.View, after.Graph);
    }

    /// <summary>A certificate.</summary>
    /// <param name="expanded">The calls that are expanded in the first graph.</param>
    /// <exception cref="NoRelationException">There is none of this kind.</exception>
    /// <exception cref="TermLimitException">It would take too many terms.</exception>
    public Certificate Find(IEnumerable<string> expanded)
    {
        _nodes.Add(new ProductNode(0, _before.Graph.Blocks[0], _after.Graph.Blocks[0]) { Facts = _factory.True });
        FindRelations();
        var nodes = Reachable();
        return new Certificate(
            [.. expanded],
            [.. nodes.Select(n => new Cutpoint
            {
                Before = n.Before.Id,
                After = n.After.Id,
                Values = [.. n.Relation?.Values ?? []],
                Facts = n.Facts!,
                Passed = [.. n.Passed ?? []],
                OpenBefore = n.OpenBefore.ToImmutableSortedDictionary(),
                OpenAfter = n.OpenAfter.ToImmutableSortedDictionary(),
            })],
            [.. nodes.SelectMany(n => n.Edges).Select(e => new CutStep(nodes.IndexOf(e.From), nodes.IndexOf(e.To))).Distinct()]);
    }

    /// <summary>The nodes that steps lead to; earlier, more hopeful relations may have left others behind.</summary>
    private List<ProductNode> Reachable()
    {
        var result = new List<ProductNode> { _nodes[0] };
        for (var i = 0; i < result.Count; i++)
        {
            foreach (var edge in result[i].Edges)
            {
                if (!result.Contains(edge.To))
                {
                    result.Add(edge.To);
                }
            }
        }

        result.Sort((a, b) => a.Index.CompareTo(b.Index));
        return result;
    }

    /// <summary>Each node after those that lead to it, but for loops.</summary>
    private List<ProductNode> InOrder()
    {
        var (seen, result) = (new HashSet<ProductNode> { _nodes[0] }, new List<ProductNode>());
        var work = new Stack<(ProductNode Node, int Next)>([(_nodes[0], 0)]);
        while (work.TryPop(out var top))
        {
            if (top.Next == top.Node.Edges.Count)
            {
                result.Add(top.Node);
                continue;
            }

            work.Push((top.Node, top.Next + 1));
            if (seen.Add(top.Node.Edges[top.Next].To))
            {
                work.Push((top.Node.Edges[top.Next].To, 0));
            }
        }

        result.Reverse();
        return result;
    }

    private HashSet<ProductNode> ReachableWithout(ProductNode node)
    {
        var result = new HashSet<ProductNode>();
        var work = new Stack<ProductNode>([_nodes[0]]);
        while (work.TryPop(out var next))
        {
            if (next != node && result.Add(next))
            {
                next.Edges.ForEach(edge => work.Push(edge.To));
            }
        }

        return result;
    }

    private void FindRelations()
    {
        var mayTrust = true;
        for (var round = 0; round < MaximumRounds; round++)
        {
            for (var n = 0; n < _nodes.Count; n++)
            {
                if (_nodes[n].IsStale)
                {
                    Execute(_nodes[n]);
                }
            }

            var changed = false;
            var reachable = Reachable();
            if (reachable.Find(n => n.Relation is { EventsDiffer: true }) is { } different)
            {
                throw new NoRelationException($"{different.Name} events", "the events up to here are not known to be the same", different.Before.Id);
            }

            foreach (var node in InOrder().Skip(1))
            {
                if (Refine(node, reachable, mayTrust))
                {
                    changed = true;
                    Execute(node); // so that what comes after it sees the new values from every side
                }
            }

            var isDone = !changed && (!mayTrust || !reachable.Exists(n => n.Relation is { IsTrusting: true }));
            mayTrust = changed;
            if (isDone)
            {
                return;
            }
        }

        throw new NoRelationException("relations", $"no relation of loop headers after {MaximumRounds} rounds");
    }

    private bool Refine(ProductNode node, List<ProductNode> reachable, bool mayTrust)
    {
        var incoming = reachable.SelectMany(from => from.Edges).Where(e => ReferenceEquals(e.To, node)).ToList();
        if (incoming.Count == 0)
        {
            return false;
        }

        var outside = ReachableWithout(node);
        incoming.ForEach(edge => edge.IsBack = !outside.Contains(edge.From));
        node.Relation ??= new CutpointRelation(_factory, _before.View.Layout, node.Index, _before.Graph.Slots, _after.Graph.Slots);
        var changed = node.Relation.Update(incoming, Prove, mayTrust);
        var facts = FactsOf(node, incoming);
        changed |= !ReferenceEquals(facts, node.Facts);
        node.Facts = facts;
        var passed = PassedAt(node, incoming);
        changed |= passed.Count != node.Passed?.Count;
        node.Passed = passed;
        node.IsStale |= changed;
        return changed;
    }

    /// <summary>The checks that every way in has passed, as far as they speak of what the loop does not change.</summary>
    private List<Term> PassedAt(ProductNode node, List<ProductEdge> incoming)
    {
        var known = (node.Passed ?? incoming[0].Passed).Where(condition => !IsOwn(node, condition)).Distinct().ToList();
        foreach (var edge in incoming)
        {
            var passed = edge.Passed.ToList();
            known.RemoveAll(condition => !passed.Exists(other => TrapCollector.Covers(_factory, other, condition)));
        }

        return known;
    }

    /// <summary>Whether a term speaks of the node's own variables, which mean something else at the next visit.</summary>
    private static bool IsOwn(ProductNode node, Term term) => (term.Owners & 1UL << Math.Min(node.Index, 63)) != 0;

    /// <summary>The conditions that every way in has, as far as they speak of what the loop does not change.</summary>
    private Term FactsOf(ProductNode node, List<ProductEdge> incoming)
    {
        var known = (node.Facts is null ? TermFactory.Conjuncts(incoming[0].Guard) : TermFactory.Conjuncts(node.Facts)).ToArray();
        foreach (var edge in incoming)
        {
            known = TermFactory.Common(known, TermFactory.Conjuncts(edge.Guard));
        }

        return _factory.FromConjuncts(Array.FindAll(known, fact => !IsOwn(node, fact)));
    }

    private bool Prove(ProductEdge edge, Term a, Term b, Effort effort)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        var goal = _factory.Both(edge.Guard, _factory.Not(_factory.Equal(a, b)));
        if (goal.IsFalse)
        {
            return true;
        }

        if (effort != Effort.Solve && Differ(goal) || effort == Effort.SampleAndSolve && _proofs >= MaximumGuesses)
        {
            return false;
        }

        if (effort == Effort.Sample)
        {
            return true;
        }

        _proofs++;
        return _guesses.Never($"guess {edge.From.Name} to {edge.To.Name}{(effort == Effort.Solve ? " component" : "")}", goal, effort == Effort.Solve);
    }

    /// <summary>
    /// A few runs on random values settle most wrong guesses without a solver. Variables that the goal says are constants are.
    /// </summary>
    private static bool Differ(Term goal)
    {
        var given = new Dictionary<Term, ulong>();
        foreach (var fact in TermFactory.Conjuncts(goal))
        {
            if (fact.Op == TermOp.Equal && fact.Args.Any(x => x.IsConstant) && Array.Find(fact.Args, x => x.Op == TermOp.Variable) is { Width: > 0 } variable)
            {
                given[variable] = Array.Find(fact.Args, x => x.IsConstant)!.Value;
            }
        }

        return Enumerable.Range(1, Samples).Any(seed => new TermEvaluator((ulong)seed, given).Evaluate(goal) == 1);
    }

    private void Execute(ProductNode node)
    {
        node.IsStale = false;
        for (var attempt = 0; ; attempt++)
        {
            (node.BeforeFragment, node.OpenBefore) = Run(_runBefore, _openBefore, node, node.Before, node.Relation?.State(true) ?? _before.Entry(_factory));
            (node.AfterFragment, node.OpenAfter) = Run(_runAfter, _openAfter, node, node.After, node.Relation?.State(false) ?? _after.Entry(_factory));
            node.Edges.Clear();
            if (!Match(node) || attempt >= _before.Graph.Blocks.Count + _after.Graph.Blocks.Count)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Runs one side, through loops that it leaves in their first round: the other side may have no such loop, and must not be paired with it.
    /// Whether it does may change with what is known here, so it is tried each time.
    /// </summary>
    private static (Fragment Fragment, IReadOnlyDictionary<int, int> Open) Run(
        FragmentExecutor executor, Dictionary<int, int> open, ProductNode node, FlowBlock start, MachineState state)
    {
        var passable = new Dictionary<int, int>(open);
        var fragment = executor.Run(start, node.Facts!, node.Passed ?? [], state, passable);
        while (fragment.Cuts.FirstOrDefault(cut => !passable.ContainsKey(cut.Key)
            && LoopNesting.ExitsInFirstIteration(executor, executor.Graph.Blocks[cut.Key], cut.Value.Guard, cut.Value.State)) is { Value: not null } cut)
        {
            passable[cut.Key] = 1;
            fragment = executor.Run(start, node.Facts!, node.Passed ?? [], state, passable);
        }

        return (fragment, passable);
    }

    /// <summary>
    /// Pairs the headers that both sides reach. True: a header that only one side stops at was opened, and the node must run again.
    /// </summary>
    private bool Match(ProductNode node)
    {
        var before = node.BeforeFragment!.Cuts.ToList();
        var after = node.AfterFragment!.Cuts.ToList();
        foreach (var (b, exit) in before.ToList())
        {
            var partner = after.FindIndex(a => ReferenceEquals(a.Value.Guard, exit.Guard));
            if (partner >= 0)
            {
                Connect(node, b, exit, after[partner].Key, after[partner].Value, exit.Guard);
                before.RemoveAll(x => x.Key == b);
                after.RemoveAt(partner);
            }
        }

        if (before.Count > 0 && after.Count == 0)
        {
            return Open(before, _openBefore, _before.Graph);
        }

        if (after.Count > 0 && before.Count == 0)
        {
            return Open(after, _openAfter, _after.Graph);
        }

        if (before.Count > 0 && OpenHigher(before, after))
        {
            return true;
        }

        ConnectRest(node, before, after);
        return false;
    }

    /// <summary>
    /// A loop that one side enters under another condition than the other side's loop, and that has more loops inside, may be one that runs once: control goes
    /// through it from above, to the inner loop that is the partner.
    /// </summary>
    private bool OpenHigher(List<KeyValuePair<int, PathExit>> before, List<KeyValuePair<int, PathExit>> after)
    {
        var (x, y) = (Highest(before, _nestingBefore), Highest(after, _nestingAfter));
        return x.Height > y.Height ? _openBefore.TryAdd(x.Header, 1) : y.Height > x.Height && _openAfter.TryAdd(y.Header, 1);
    }

    private static (int Height, int Header) Highest(List<KeyValuePair<int, PathExit>> exits, LoopNesting nesting)
        => exits.Select(x => (nesting.Height(x.Key), x.Key)).MaxBy(x => x.Item1);

    /// <summary>As many on both sides are taken in their order; otherwise every pair that can be reached together becomes a node.</summary>
    private void ConnectRest(ProductNode node, List<KeyValuePair<int, PathExit>> before, List<KeyValuePair<int, PathExit>> after)
    {
        if (before.Count == after.Count)
        {
            var left = before.OrderBy(x => _before.Graph.Blocks[x.Key].Order);
            var right = after.OrderBy(x => _after.Graph.Blocks[x.Key].Order);
            foreach (var (x, y) in left.Zip(right))
            {
                Connect(node, x.Key, x.Value, y.Key, y.Value, x.Value.Guard);
            }

            return;
        }

        foreach (var (b, x) in before)
        {
            foreach (var (a, y) in after)
            {
                var both = _factory.Both(x.Guard, y.Guard);
                if (!both.IsFalse && (Differ(both) || !_guesses.Never($"guess {node.Name} meets", both)))
                {
                    Connect(node, b, x, a, y, both);
                }
            }
        }
    }

    private static bool Open(List<KeyValuePair<int, PathExit>> unmatched, Dictionary<int, int> open, FlowGraph graph)
        => unmatched.OrderBy(x => graph.Blocks[x.Key].Order).Any(x => open.TryAdd(x.Key, 1));

    private void Connect(ProductNode from, int before, PathExit x, int after, PathExit y, Term guard)
    {
        var (b, a) = (_before.Graph.Blocks[before], _after.Graph.Blocks[after]);
        var to = _nodes.Find(n => n.Index > 0 && ReferenceEquals(n.Before, b) && ReferenceEquals(n.After, a));
        if (to is null)
        {
            if (_nodes.Count >= MaximumNodes)
            {
                throw new NoRelationException("relations", $"more than {MaximumNodes} pairs of loop headers");
            }

            to = new ProductNode(_nodes.Count, b, a) { IsStale = false };
            _nodes.Add(to);
        }

        from.Edges.Add(new ProductEdge(from, to, x, y, guard));
    }
}
