using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Executes the loop-free code from one cutpoint to the next. Blocks run once, in reverse postorder, on the merged state of all paths that
/// reach them. A loop header ends the fragment, unless it is open and entered from above: then it runs like any block,
/// and an edge that comes back to it ends the fragment. So no fragment ever runs a block twice.
/// </summary>
internal sealed class FragmentExecutor(TermFactory factory, ModuleView view, FlowGraph graph)
{
    private readonly StateMerger _merger = new(factory);

    public FlowGraph Graph => graph;

    /// <summary>
    /// All ways out of the fragment that starts at <paramref name="start"/> in <paramref name="state"/>, where checks have <paramref name="passed"/>,
    /// through the headers that are <paramref name="open"/>.
    /// </summary>
    public Fragment Run(FlowBlock start, Term guard, IEnumerable<Term> passed, MachineState state, IReadOnlySet<int> open) =>
        Run(start, guard, passed, state, open, null);

    private Fragment Run(FlowBlock start, Term guard, IEnumerable<Term> passed, MachineState state, IReadOnlySet<int> open, IReadOnlySet<int>? within)
    {
        var fragment = new Fragment();
        var traps = new TrapCollector(factory, fragment.Traps, passed);
        var stepper = new InstructionStepper(factory, view, traps);
        var pending = new Dictionary<int, List<(Term, MachineState)>>();
        var cuts = new SortedDictionary<int, List<(Term, MachineState)>>();
        for (var order = start.Order; order < graph.Ordered.Count; order++)
        {
            var block = graph.Ordered[order];
            MachineState current;
            Term path;
            if (ReferenceEquals(block, start))
            {
                (current, path) = (state.Clone(), guard);
            }
            else if (pending.Remove(block.Id, out var paths))
            {
                current = _merger.Merge(paths, block.LiveIn, out path);
            }
            else
            {
                continue;
            }

            foreach (var instruction in block.Body)
            {
                stepper.Step(instruction, current, path);
            }

            Leave(block, current, path, fragment, traps, (target, condition) =>
            {
                if (within?.Contains(target) != false)
                {
                    Go(block, target, condition, current, pending, cuts, open);
                }
            });
        }

        InvariantException.Require(pending.Count == 0, "a fragment is not in topological order");
        foreach (var (header, paths) in cuts)
        {
            var merged = _merger.Merge(paths, graph.Blocks[header].LiveIn, out var reached);
            fragment.Cuts[header] = new PathExit(reached, merged);
        }

        return fragment;
    }

    /// <summary>Whether the loop of <paramref name="header"/>, entered in <paramref name="state"/>, is left in its first round.</summary>
    public bool IsLeftAtOnce(FlowBlock header, Term guard, MachineState state)
    {
        var loop = graph.LoopOf(header.Id);
        return loop.All(block => block == header.Id || !graph.Blocks[block].IsHeader)
            && Run(header, guard, [], state, new HashSet<int>(), loop).Cuts.Count == 0;
    }

    private void Go(FlowBlock from, int target, Term condition, MachineState state, Dictionary<int, List<(Term, MachineState)>> pending,
        SortedDictionary<int, List<(Term, MachineState)>> cuts, IReadOnlySet<int> open)
    {
        if (condition.IsFalse)
        {
            return;
        }

        var block = graph.Blocks[target];
        var backwards = block.Order <= from.Order;
        InvariantException.Require(!backwards || block.IsHeader, "an edge back to a block that is no header");
        IDictionary<int, List<(Term, MachineState)>> map = block.IsHeader && (backwards || !open.Contains(target)) ? cuts : pending;
        if (!map.TryGetValue(target, out var list))
        {
            map[target] = list = [];
        }

        list.Add((condition, state));
    }

    private void Leave(FlowBlock block, MachineState state, Term path, Fragment fragment, TrapCollector traps, Action<int, Term> go)
    {
        switch (block.Exit)
        {
            case FlowExit.Goto:
                go(block.Successors[0], path);
                break;
            case FlowExit.Branch:
                var selector = Slot(state, block.Selector);
                var zero = factory.Equal(selector, factory.Constant(0, 32));
                go(block.Successors[0], factory.Both(path, factory.Not(zero)));
                go(block.Successors[1], factory.Both(path, zero));
                break;
            case FlowExit.Switch:
                Switch(block, Slot(state, block.Selector), path, go);
                break;
            case FlowExit.Return:
                fragment.Return = new PathExit(path, state);
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

    private static Term Slot(MachineState state, int slot) => state.Slots[slot] ?? throw new UnmodelledException("invalid code: a value is used before it is set");
}
