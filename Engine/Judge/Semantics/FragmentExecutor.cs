using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Executes the code from one cutpoint to the next, which is a finite unfolding of the graph: blocks run in their order on the merged
/// state of all paths that reach them, and an edge back begins another phase. A loop header ends the fragment unless it is open in the
/// phase in which it is reached, so that each block runs at most once a phase and there are no more phases than some header is open for.
/// </summary>
internal sealed class FragmentExecutor(TermFactory factory, ModuleView view, FlowGraph graph)
{
    private readonly StateMerger _merger = new(factory);

    public FlowGraph Graph => graph;

    /// <summary>
    /// All ways out of the fragment that starts at <paramref name="start"/> in <paramref name="state"/>, where checks have <paramref name="passed"/>.
    /// </summary>
    /// <param name="start">A header or the entry; it runs whether it is open or not.</param>
    /// <param name="guard">What is known at the start.</param>
    /// <param name="passed">Conditions of traps that do not hold.</param>
    /// <param name="state">The state at the start.</param>
    /// <param name="open">For a header, in how many phases control goes on through it: 1 is from above only.</param>
    /// <param name="within">For a search: ways to other blocks are left out. A proof goes all ways.</param>
    public Fragment Run(FlowBlock start, Term guard, IEnumerable<Term> passed, MachineState state, IReadOnlyDictionary<int, int> open, IReadOnlySet<int>? within = null)
    {
        var fragment = new Fragment();
        var traps = new TrapCollector(factory, fragment.Traps, passed);
        var stepper = new InstructionStepper(factory, view, traps);
        var returns = new List<(Term, MachineState)>();
        var cuts = new SortedDictionary<int, List<(Term, MachineState)>>();
        var pending = new SortedDictionary<(int Phase, int Order, int Block), List<(Term, MachineState)>> { [(0, start.Order, start.Id)] = [(guard, state)] };
        while (pending.Count > 0)
        {
            var (at, paths) = pending.First();
            pending.Remove(at);
            var block = graph.Blocks[at.Block];
            var path = guard;
            var current = ReferenceEquals(paths[0].Item2, state) ? state.Clone() : _merger.Merge(paths, block.LiveIn, out path);
            foreach (var instruction in block.Body)
            {
                stepper.Step(instruction, current, path);
            }

            Leave(block, current, path, returns, traps, (target, condition) =>
            {
                if (!condition.IsFalse && within?.Contains(target) != false)
                {
                    Arrive(at.Phase, at.Order, graph.Blocks[target], open, pending, cuts).Add((condition, current));
                }
            });
        }

        foreach (var (header, paths) in cuts)
        {
            var merged = _merger.Merge(paths, graph.Blocks[header].LiveIn, out var reached);
            fragment.Cuts[header] = new PathExit(reached, merged);
        }

        if (returns.Count > 0)
        {
            var merged = returns.Count == 1 ? returns[0].Item2 : _merger.Merge(returns, null, out _);
            fragment.Return = new PathExit(returns.Select(r => r.Item1).Aggregate(factory.Either), merged);
        }

        return fragment;
    }

    /// <summary>Where the paths are collected that go from one place to <paramref name="target"/>.</summary>
    private static List<(Term, MachineState)> Arrive(int phase, int order, FlowBlock target, IReadOnlyDictionary<int, int> open,
        SortedDictionary<(int, int, int), List<(Term, MachineState)>> pending, SortedDictionary<int, List<(Term, MachineState)>> cuts)
    {
        var backwards = target.Order <= order;
        InvariantException.Require(!backwards || target.IsHeader, "an edge back to a block that is no header");
        phase += backwards ? 1 : 0;
        return target.IsHeader && phase >= open.GetValueOrDefault(target.Id) ? Of(cuts, target.Id) : Of(pending, (phase, target.Order, target.Id));
    }

    private static List<(Term, MachineState)> Of<TKey>(SortedDictionary<TKey, List<(Term, MachineState)>> map, TKey key)
        where TKey : notnull => map.TryGetValue(key, out var list) ? list : map[key] = [];

    private void Leave(FlowBlock block, MachineState state, Term path, List<(Term, MachineState)> returns, TrapCollector traps, Action<int, Term> go)
    {
        switch (block.Exit)
        {
            case FlowExit.Goto:
                go(block.Successors[0], path);
                break;
            case FlowExit.Branch:
                var selector = state.Read(block.Selector);
                var zero = factory.Equal(selector, factory.Constant(0, 32));
                go(block.Successors[0], factory.Both(path, factory.Not(zero)));
                go(block.Successors[1], factory.Both(path, zero));
                break;
            case FlowExit.Switch:
                Switch(block, state.Read(block.Selector), path, go);
                break;
            case FlowExit.Return:
                returns.Add((path, state));
                break;
            default:
                traps.Add(path, TrapKind.Unreachable, factory.True, state.Parts);
                break;
        }
    }

    private void Switch(FlowBlock block, Term selector, Term path, Action<int, Term> go)
    {
        var cases = block.Successors.Count - 1;
        var fallback = block.Successors[cases];
        var byTarget = new SortedDictionary<int, Term>();
        for (var value = 0; value < cases; value++)
        {
            var target = block.Successors[value];
            if (target != fallback)
            {
                var hit = factory.Equal(selector, factory.Constant((ulong)value, 32));
                byTarget[target] = byTarget.TryGetValue(target, out var other) ? factory.Either(other, hit) : hit;
            }
        }

        var rest = path;
        foreach (var (target, condition) in byTarget)
        {
            go(target, factory.Both(path, condition));
            rest = factory.Both(rest, factory.Not(condition));
        }

        go(fallback, rest);
    }
}
