using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>The ways to the end of a block, if or loop: falling out of it and branches, and what it costs that each brings a value on the stack.</summary>
internal sealed class BlockExits(Function function, Stackifier code, LocalAllocation locals)
{
    /// <summary>Bytes of an access of a local.</summary>
    public const int LocalBytes = 2;

    private const int ElseBytes = 1;
    private const int DropBytes = 1;

    /// <summary><c>if</c>, its type, <c>end</c>, setting the local and <c>br</c> go; <c>br_if</c> and <c>drop</c> come.</summary>
    private const int ShortBranchGain = 4;

    private readonly Dictionary<BranchLabel, List<Exit>> _branches = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, int?> _costs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IfNode, Exit> _choices = new(ReferenceEqualityComparer.Instance);
    private Value? _value;

    /// <summary>A branch in <see cref="List"/>, or an <c>if</c>; with <see cref="Around"/>, an <c>if</c> of that list which does nothing else.</summary>
    private sealed record Exit(List<Node> List, int At, Node Branch, IfNode? Around)
    {
        /// <summary>The place in the list, which may have become longer in front of it.</summary>
        public int Place => List.IndexOf((Node?)Around ?? Branch, Math.Min(At, List.Count));
    }

    /// <summary>Notes the branches in <paramref name="list"/>.</summary>
    public void Find(List<Node> list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var node = list[i];
            if (node is IfNode any)
            {
                _choices[any] = new Exit(list, i, any, null);
            }

            switch (node)
            {
                case BranchNode branch:
                    Note(branch.Label, new Exit(list, i, node, null));
                    break;
                case BranchIfNode branch:
                    Note(branch.Label, new Exit(list, i, node, null));
                    break;
                case TableNode table:
                    var way = new Exit(list, i, node, null);
                    Array.ForEach([.. table.Labels], label => Note(label, way));
                    break;
                case IfNode { Else.Count: 0, Then: [MovesNode, BranchNode branch] } choice:
                    var ways = _branches[branch.Label];
                    ways[ways.FindLastIndex(known => known.Branch == branch)] = new Exit(list, i, branch, choice);
                    break;
            }
        }
    }

    private void Note(BranchLabel label, Exit way)
    {
        if (!_branches.TryGetValue(label, out var ways))
        {
            _branches.Add(label, ways = []);
        }

        ways.Add(way);
    }

    private int? Cost(Exit way, Value value) => way switch
    {
        { Around: { } choice } when Short(way, choice, value) is not null => -ShortBranchGain,
        { Around: { } choice } => IsLast(choice.Then, 0, value) ? -LocalBytes : LocalBytes,
        { Branch: BranchNode } => IsLast(way.List, way.List.Count - 2, value) ? -LocalBytes : LocalBytes,
        { Branch: BranchIfNode branch } when Hoisted(way, branch.Condition, value) is { } move && CanPush(branch.Condition, move.Ops[0]) => DropBytes - LocalBytes,
        { Branch: BranchIfNode branch } when IsBehind(way, branch.Condition) && CanPush(branch.Condition, Get(value)) => LocalBytes + DropBytes,
        _ => null,
    };

    private void Leave(Exit way, Value value)
    {
        if (way is { Around: { } choice } && Short(way, choice, value) is { } push)
        {
            Push(choice.Condition, push);
            way.List[way.Place] = new BranchIfNode(choice.Condition, ((BranchNode)way.Branch).Label) { Drops = true };
        }
        else if (way.Branch is BranchIfNode branch)
        {
            var move = Hoisted(way, branch.Condition, value);
            Push(branch.Condition, move?.Ops[0] ?? Get(value));
            branch.Drops = true;
            if (move is not null)
            {
                Remove(way, move);
            }
        }
        else
        {
            var list = way.Around?.Then ?? way.List;
            Leave(list, list.Count - 1, value);
        }
    }

    private static StackInstruction Get(Value value) => new(EmitKind.Get, value.Index);

    /// <summary>What an <c>if</c> pushes whose only purpose is to pass it on to the end of a block, when that can be pushed before its condition.</summary>
    private StackInstruction? Short(Exit way, IfNode choice, Value value) =>
        choice is { Result: null, Else.Count: 0, Then: [MovesNode { Left: null, Moves: [{ Ops: [var op] } move] }, _] } && IsSame(move.Parameter, value)
        && IsBehind(way, choice.Condition) && CanPush(choice.Condition, op) ? op : null;

    /// <summary>The move to the value's local that is made between a condition and its branch for the sake of one edge alone, when it is as plain as can be.</summary>
    private EdgeMove? Hoisted(Exit way, CodeNode condition, Value value)
    {
        if (way.Place is not (> 1 and var at) || way.List[at - 2] != condition || way.List[at - 1] is not MovesNode { Left: null, Keep: false } moves
            || moves.Moves.FirstOrDefault(move => IsSame(move.Parameter, value)) is not { Ops: [var op] } found
            || (op.Kind == EmitKind.Get && moves.Moves.Any(move => locals.LocalOf(move.Parameter) == locals.LocalOf(op.Value))))
        {
            return null;
        }

        var terminator = function.Last(condition.Block);
        var edges = Enumerable.Range(0, function.TargetCount(terminator)).Count(i => code.Moves(terminator, i).Any(move => IsSame(move.Parameter, value)));
        return edges == 1 ? found : null;
    }

    private static void Remove(Exit way, EdgeMove move) =>
        way.List[way.Place - 1] = new MovesNode([.. ((MovesNode)way.List[way.Place - 1]).Moves.Where(other => other != move)]);

    /// <summary>Whether nothing stands between the code that makes a condition and what branches on it.</summary>
    private static bool IsBehind(Exit way, CodeNode condition) => way.Place is > 0 and var at && way.List[at - 1] == condition;

    /// <summary>Whether <paramref name="op"/> pushes the same before the condition as behind all the code of its block.</summary>
    private bool CanPush(CodeNode condition, StackInstruction op)
    {
        var ops = code.Code(condition.Block);
        if (StackInstruction.StartOfLast(function, ops) is not { } start)
        {
            return false;
        }

        if (op.Kind != EmitKind.Get)
        {
            return op.Kind == EmitKind.Instruction && code.IsRematerialized(op.Inst);
        }

        var local = locals.LocalOf(op.Value);
        return !Sets(ops[start..], local) && !Sets(code.Sunk(condition.Block), local)
            && locals.Early(condition.Block).All(move => locals.LocalOf(move.Parameter) != local);
    }

    private bool Sets(ReadOnlySpan<StackInstruction> ops, int local)
    {
        foreach (var op in ops)
        {
            if (op.Kind is EmitKind.Set or EmitKind.Tee
                && (locals.LocalOf(op.Value) == local || locals.Copies(op.Value).Any(copy => locals.LocalOf(copy) == local)))
            {
                return true;
            }
        }

        return false;
    }

    private void Push(CodeNode condition, StackInstruction op)
    {
        var ops = code.Code(condition.Block).ToArray();
        var start = StackInstruction.StartOfLast(function, ops)!.Value;
        code.Replace(condition.Block, [.. ops[..start], op, .. ops[start..]]);
    }

    /// <summary>Bytes that <paramref name="node"/> grows by when it leaves the value; null when it cannot.</summary>
    public int? Cost(Node node, Value value)
    {
        if (_value != value)
        {
            _costs.Clear();
            _value = value;
        }

        if (!_costs.TryGetValue(node, out var cost))
        {
            _costs.Add(node, cost = Sum(node, value));
        }

        return cost;
    }

    private int? Sum(Node node, Value value)
    {
        switch (node)
        {
            case IfNode { Else.Count: 0 } choice when Hoisted(_choices[choice], choice.Condition, value) is not null:
                return Cost(choice.Then, value) + ElseBytes - LocalBytes;
            case IfNode choice:
                return Cost(choice.Then, value) + Cost(choice.Else, value) + (choice.Else.Count == 0 ? ElseBytes : 0);
            case LoopNode loop:
                return Cost(loop.Body, value);
            case BlockNode block:
                int? cost = Cost(block.Body, value);
                foreach (var way in _branches.GetValueOrDefault(block.Label) ?? [])
                {
                    cost += Cost(way, value);
                }

                return cost;
            default:
                return null;
        }
    }

    private int Cost(List<Node> list, Value value)
    {
        if (RecursionGuard.IsLow)
        {
            var result = 0;
            RecursionGuard.ContinueOnNewStack(() => result = Cost(list, value));
            return result;
        }

        return !Flow.Falls(list) ? 0
            : IsLast(list, list.Count - 1, value) ? -LocalBytes
            : list.Count > 0 && Cost(list[^1], value) is { } inside && inside < LocalBytes ? inside
            : LocalBytes;
    }

    /// <summary>Whether the moves at <paramref name="at"/> can leave <paramref name="value"/>: it is pushed first, or all are that plain.</summary>
    private bool IsLast(List<Node> list, int at, Value value) =>
        at >= 0 && list[at] is MovesNode { Left: null } moves && moves.Moves.Any(move => IsSame(move.Parameter, value))
        && (IsSame(moves.Moves[0].Parameter, value) || moves.Moves.All(move => move.Ops.Count == 1));

    /// <summary>A parameter that is passed on under another name, and nothing else is done with it, is the same.</summary>
    private bool IsSame(Value parameter, Value value) => locals.LocalOf(parameter) == locals.LocalOf(value);

    /// <summary>Makes <paramref name="node"/> leave the value.</summary>
    public void Leave(Node node, Value value)
    {
        switch (node)
        {
            case IfNode choice:
                choice.Result = function.TypeOf(value);
                Leave(choice.Then, value);
                if (choice.Else.Count == 0 && Hoisted(_choices[choice], choice.Condition, value) is { } move)
                {
                    Remove(_choices[choice], move);
                    choice.Else = [new MovesNode([move]) { Left = value }];
                    break;
                }

                Leave(choice.Else, value);
                break;
            case LoopNode loop:
                loop.Result = function.TypeOf(value);
                Leave(loop.Body, value);
                break;
            case BlockNode block:
                block.Result = function.TypeOf(value);
                Leave(block.Body, value);
                foreach (var way in _branches.GetValueOrDefault(block.Label) ?? [])
                {
                    Leave(way, value);
                }

                break;
        }
    }

    private void Leave(List<Node> list, Value value)
    {
        if (RecursionGuard.IsLow)
        {
            RecursionGuard.ContinueOnNewStack(() => Leave(list, value));
            return;
        }

        if (!Flow.Falls(list))
        {
            // The end of a block that never ends is reached as far as the validator can see: it too has to have the type.
            Leave(list[^1], value);
        }
        else if (!IsLast(list, list.Count - 1, value) && list.Count > 0 && Cost(list[^1], value) < LocalBytes)
        {
            Leave(list[^1], value);
        }
        else
        {
            Leave(list, list.Count, value);
        }
    }

    /// <summary>Leaves the value right before <paramref name="at"/>.</summary>
    private void Leave(List<Node> list, int at, Value value)
    {
        if (IsLast(list, at - 1, value))
        {
            var moves = ((MovesNode)list[at - 1]).Moves;
            list[at - 1] = new MovesNode([.. moves.OrderByDescending(move => IsSame(move.Parameter, value))]) { Left = value };
        }
        else
        {
            list.Insert(at, new MovesNode([new EdgeMove(value, [new StackInstruction(EmitKind.Get, value.Index)])]) { Left = value });
        }
    }
}
