using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Structured control flow from the dominator tree: a block with several ways in comes behind a wasm block that encloses the code of its
/// dominator, so that all of them can branch to it; a block with one way in stands where it is branched from; a loop's header opens a loop.
/// </summary>
/// <remarks>
/// The idea is that of Ramsey, "Beyond Relooper" (ICFP 2022). <c>next</c> is the block that is reached by falling through, so that no branch
/// is made to it. What stands last in a list is built in a loop, so the recursion is as deep as the wasm code is nested.
/// </remarks>
internal sealed class StructureBuilder
{
    private readonly Function _function;
    private readonly ControlFlow _flow;
    private readonly DominatorTree _dominators;
    private readonly LoopForest _loops;
    private readonly EdgeMoves _moves;
    private readonly Conditions _conditions;
    private readonly EntityMap<Block, BranchLabel?> _blockLabels = new();
    private readonly EntityMap<Block, BranchLabel?> _loopLabels = new();
    private readonly EntitySet<Block> _merges = new();

    public StructureBuilder(DominatorTree dominators, LoopForest loops, EdgeMoves moves, Conditions conditions)
    {
        (_dominators, _flow, _loops, _moves, _conditions) = (dominators, dominators.Flow, loops, moves, conditions);
        _function = _flow.Function;
        foreach (var block in _flow.ReversePostOrder)
        {
            var forward = _flow.Predecessors(block).Where(edge => !IsBackEdge(edge.From, block)).ToArray();
            if (forward.Length > 1 || forward.Any(edge => _function.OpcodeOf(edge.Terminator) == Opcode.BrTable))
            {
                _merges.Add(block);
            }
        }
    }

    /// <summary>The label of the function's end, for functions without results.</summary>
    public BranchLabel FunctionEnd { get; } = new();

    /// <summary>The code of the whole function.</summary>
    public List<Node> Build()
    {
        var body = new List<Node>();
        Build(_function.Entry, body, null);
        return body;
    }

    private bool IsBackEdge(Block from, Block to) => _dominators.Dominates(to, from);

    private void Build(Block start, List<Node> list, Block? next)
    {
        if (RecursionGuard.IsLow)
        {
            RecursionGuard.ContinueOnNewStack(() => Build(start, list, next));
            return;
        }

        var opened = new Stack<(Block Header, List<Node> Outside)>();
        for (Block? block = start; block is { } current;)
        {
            // What falls out of a loop stands behind it: a thousand loops one after the other are not in each other.
            while (opened.TryPeek(out var last) && !_loops.Contains(_loops.InnermostLoop(last.Header)!, current))
            {
                list = opened.Pop().Outside;
            }

            if (_loops.IsHeader(current))
            {
                opened.Push((current, list));
                var loop = new LoopNode();
                _loopLabels[current] = loop.Label;
                list.Add(loop);
                list = loop.Body;
            }

            var merges = _dominators.Children(current).Where(_merges.Contains).ToArray();
            if (merges.Length == 0)
            {
                block = Terminate(current, list, next);
                continue;
            }

            // The first in reverse post-order is reached first: it stands behind the innermost block.
            var lists = new List<Node>[merges.Length];
            var inner = list;
            for (var i = merges.Length - 1; i >= 0; i--)
            {
                lists[i] = inner;
                var wrapper = new BlockNode();
                _blockLabels[merges[i]] = wrapper.Label;
                inner.Add(wrapper);
                inner = wrapper.Body;
            }

            if (Terminate(current, inner, merges[0]) is { } rest)
            {
                Build(rest, inner, merges[0]);
            }

            for (var i = 0; i < merges.Length - 1; i++)
            {
                Build(merges[i], lists[i], merges[i + 1]);
            }

            block = merges[^1];
        }
    }

    /// <summary>Adds the code of <paramref name="block"/> and its terminator; gives the block to go on with in the same list, if there is one.</summary>
    private Block? Terminate(Block block, List<Node> list, Block? next)
    {
        var terminator = _function.Last(block);
        var code = new CodeNode(block);
        switch (_function.OpcodeOf(terminator))
        {
            case Opcode.Br:
                list.Add(code);
                return Jump(block, terminator, 0, list, next);
            case Opcode.BrIf:
                list.Add(code);
                return Branch(code, terminator, list, next);
            case Opcode.BrTable:
                Table(code, terminator, list, next);
                return null;
            default:
                list.Add(code);
                list.Add(new ExitNode(terminator));
                return null;
        }
    }

    /// <summary>The moves of an edge and the way to its target, unless that is built next.</summary>
    private Block? Jump(Block from, Inst terminator, int position, List<Node> list, Block? next)
    {
        var target = _function.Target(terminator, position);
        var moves = _moves.Of(terminator, position);
        if (_moves.ReturnOf(terminator, position) is { } exit)
        {
            list.AddRange(exit);
            return null;
        }

        if (moves.Count > 0)
        {
            list.Add(new MovesNode(moves));
        }

        return Go(from, target, list, next);
    }

    private Block? Go(Block from, Block target, List<Node> list, Block? next)
    {
        if (IsInline(from, target))
        {
            return target;
        }

        if (!FallsTo(from, target, next))
        {
            list.Add(_moves.IsBareReturn(target) ? new ExitNode(_function.Last(target)) : new BranchNode(Use(from, target)));
        }

        return null;
    }

    private bool IsInline(Block from, Block target) => !IsBackEdge(from, target) && !_merges.Contains(target);

    private bool FallsTo(Block from, Block target, Block? next) => next == target && !IsBackEdge(from, target);

    private BranchLabel Use(Block from, Block target)
    {
        var label = _moves.IsBareReturn(target) ? FunctionEnd : (IsBackEdge(from, target) ? _loopLabels[target] : _blockLabels[target])
            ?? throw new InvariantException($"{target} is branched to before it is opened: the graph is not reducible");
        label.Uses++;
        return label;
    }

    private Block? Branch(CodeNode code, Inst terminator, List<Node> list, Block? next)
    {
        var block = code.Block;
        var (then, otherwise) = (_function.Target(terminator, 0), _function.Target(terminator, 1));
        var hoisted = _moves.Hoist(terminator);
        if (hoisted.Before.Count > 0)
        {
            list.Add(new MovesNode(hoisted.Before));
        }

        var (plainThen, plainElse) = (!hoisted.Then && !IsInline(block, then), !hoisted.Else && !IsInline(block, otherwise));
        var (fallsThen, fallsElse) = (FallsTo(block, then, next), FallsTo(block, otherwise, next));
        if (plainThen && !fallsThen && !(plainElse && !fallsElse && _conditions.NegationCost(code) < 0))
        {
            list.Add(new BranchIfNode(code, Use(block, then)));
            return Arm(block, terminator, 1, hoisted.Else, list, next);
        }

        if (plainElse && !fallsElse)
        {
            code.Negate = true;
            list.Add(new BranchIfNode(code, Use(block, otherwise)));
            return Arm(block, terminator, 0, hoisted.Then, list, next);
        }

        var node = new IfNode(code);
        list.Add(node);
        if (Arm(block, terminator, 0, hoisted.Then, node.Then, next) is { } first)
        {
            Build(first, node.Then, next);
        }

        // An arm that never ends needs no else: the other one goes on behind the if.
        var rest = Flow.Falls(node.Then) ? node.Else : list;
        var second = Arm(block, terminator, 1, hoisted.Else, rest, next);
        if (second is { } tail && rest == node.Else)
        {
            Build(tail, rest, next);
            return null;
        }

        return second;
    }

    private Block? Arm(Block from, Inst terminator, int position, bool moves, List<Node> list, Block? next) =>
        moves ? Jump(from, terminator, position, list, next) : Go(from, _function.Target(terminator, position), list, next);

    /// <summary>Edges that move something go through a block of their own, which encloses the table.</summary>
    private void Table(CodeNode code, Inst terminator, List<Node> list, Block? next)
    {
        var block = code.Block;
        var labels = new BranchLabel[_function.TargetCount(terminator)];
        var shared = _moves.HoistTable(terminator);
        List<Node> inner = shared is null ? [code] : [code, new MovesNode(shared)];
        var detours = new List<(BlockNode Node, int Position)>();
        var detoursTo = new Dictionary<Block, List<int>>();
        for (var i = 0; i < labels.Length; i++)
        {
            if (shared is not null || _moves.Of(terminator, i).Count == 0)
            {
                labels[i] = Use(block, _function.Target(terminator, i));
                continue;
            }

            var target = _function.Target(terminator, i);
            if (!detoursTo.TryGetValue(target, out var known))
            {
                detoursTo.Add(target, known = []);
            }

            var same = known.FindIndex(detour => _moves.Same(terminator, detours[detour].Position, i));
            if (same < 0)
            {
                same = known.Count;
                known.Add(detours.Count);
                detours.Add((new BlockNode(), i));
            }

            labels[i] = detours[known[same]].Node.Label;
            labels[i].Uses++;
        }

        inner.Add(new TableNode(labels));
        foreach (var (node, position) in detours)
        {
            node.Body = inner;
            inner = [node];
            Jump(block, terminator, position, inner, node == detours[^1].Node ? next : null);
        }

        list.AddRange(inner);
    }
}
