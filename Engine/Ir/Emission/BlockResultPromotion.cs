using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Lets a block leave on the stack what all ways to its end set, where the code behind it takes that first and this is shorter:
/// <code>
/// if A; set p else B; set p end; get p             =>  if (result) A else B end           with one use
/// if A; set p else B; set p end; get p             =>  if (result) A else B end; tee p    with more
/// if A; set p else B; set p end; …                 =>  if (result) A else B end; set p; …
/// c; if A; set p else B; set p end; get v; get p   =>  get v; c; if (result) A else B end
/// block … set p; br 0 … set p end; get p           =>  block (result) … br 0 … end
/// block … c; if set p x; br 1 end … set p end      =>  block (result) … x; c; br_if 0; drop … end
/// </code>
/// </summary>
internal sealed class BlockResultPromotion(DominatorTree dominators, Function function, Stackifier code, LocalAllocation locals)
{
    /// <summary>Parameters of one block that are looked at.</summary>
    private const int MaximumParameters = 16;

    /// <summary>Values that the code behind a block may want below its result.</summary>
    private const int MaximumPushes = 4;

    private readonly BlockExits _ways = new(function, code, locals);

    /// <summary>A parameter of <see cref="Block"/> that goes over the stack, the first use of it after so many pushes, and the bytes that costs.</summary>
    private readonly record struct Taken(Value Value, Block Block, int? FirstUse, int Cost);

    /// <summary>Changes <paramref name="body"/>, the code of the whole function.</summary>
    public void Run(List<Node> body)
    {
        Visit(body, new ValuesUnderBlocks(function, code, locals).Run);
        Visit(body, _ways.Find);
        Visit(body, TakeResults);
    }

    /// <summary>Calls <paramref name="action"/> for every list, inner ones first.</summary>
    private static void Visit(List<Node> list, Action<List<Node>> action)
    {
        if (RecursionGuard.IsLow)
        {
            RecursionGuard.ContinueOnNewStack(() => Visit(list, action));
            return;
        }

        foreach (var node in list)
        {
            foreach (var inner in Lists(node))
            {
                Visit(inner, action);
            }
        }

        action(list);
    }

    private static List<Node>[] Lists(Node node) => node switch
    {
        BlockNode block => [block.Body],
        LoopNode loop => [loop.Body],
        IfNode choice => [choice.Then, choice.Else],
        _ => [],
    };

    private void TakeResults(List<Node> list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (list[i - 1] is BlockNode or LoopNode or IfNode && list[i] is CodeNode next && Best(list, i, next.Block) is { } taken)
            {
                _ways.Leave(list[i - 1], taken.Value);
                i += Take(list, i, taken);
            }
        }
    }

    /// <summary>The parameter of <paramref name="block"/> whose way over the stack saves most; null when none saves anything.</summary>
    private Taken? Best(List<Node> list, int at, Block block)
    {
        Taken? best = null;
        foreach (var value in function.Parameters(block)[..Math.Min(MaximumParameters, function.Parameters(block).Length)])
        {
            if (code.IsInLocal(value) && _ways.Cost(list[at - 1], value) is { } cost)
            {
                var first = FirstUse(list, at, block, value);
                cost += first is null ? BlockExits.LocalBytes : code.IsUsedOnce(value) ? -BlockExits.LocalBytes : 0;
                best = cost < (best?.Cost ?? 0) ? new Taken(value, block, first, cost) : best;
            }
        }

        return best;
    }

    /// <summary>
    /// How many pushes come before the first use of <paramref name="value"/>, when they can be made before the block that leaves it; null when
    /// it has to be put into its local.
    /// </summary>
    private int? FirstUse(List<Node> list, int at, Block block, Value value)
    {
        var ops = code.Code(block);
        var use = ops.IndexOf(new StackInstruction(EmitKind.Get, value.Index));
        return use == 0 || (use > 0 && use <= MaximumPushes && PlaceBefore(list, at - 1, block, ops[..use]) is not null) ? use : null;
    }

    /// <summary>Where <paramref name="pushes"/> can be made for the code behind the node at <paramref name="at"/>: in front of it, or of its condition.</summary>
    private (CodeNode? Condition, int Op)? PlaceBefore(List<Node> list, int at, Block block, ReadOnlySpan<StackInstruction> pushes)
    {
        var condition = (list[at] as IfNode)?.Condition;
        var ops = condition is null ? [] : code.Code(condition.Block);
        var start = StackInstruction.StartOfLast(function, ops);
        if (list[at] is LoopNode || dominators.ImmediateDominator(block) is not { } before
            || (condition is not null && (start is null || condition.Block != before || !list.Contains(condition))))
        {
            return null;
        }

        foreach (var push in pushes)
        {
            if (push.Kind == EmitKind.Get && !IsThere(push.Value, before, ops[..(start ?? 0)]))
            {
                return null;
            }

            if (push.Kind != EmitKind.Get && (push.Kind != EmitKind.Instruction || !code.IsRematerialized(push.Inst)))
            {
                return null;
            }
        }

        return (condition, start ?? 0);
    }

    /// <summary>Whether the local of <paramref name="value"/> has it after <paramref name="ops"/>, the first of the code of <paramref name="block"/>.</summary>
    private bool IsThere(Value value, Block block, ReadOnlySpan<StackInstruction> ops)
    {
        if (value.Index >= function.ValueCount)
        {
            return false;
        }

        var home = function.DefiningBlock(value);
        return home == block
            ? !function.DefiningInst(value).Exists || ops.Contains(new StackInstruction(EmitKind.Set, value.Index)) || ops.Contains(new StackInstruction(EmitKind.Tee, value.Index))
            : dominators.Dominates(home, block);
    }

    /// <summary>Makes the code at <paramref name="at"/> take the value; gives how many nodes come before it that were not there.</summary>
    private int Take(List<Node> list, int at, Taken taken)
    {
        var ops = code.Code(taken.Block).ToArray();
        var value = taken.Value.Index;
        if (taken.FirstUse is not { } use)
        {
            code.Replace(taken.Block, [new StackInstruction(EmitKind.Set, value), .. ops]);
            return 0;
        }

        var place = use == 0 ? null : PlaceBefore(list, at - 1, taken.Block, ops.AsSpan(0, use));
        StackInstruction[] tee = code.IsUsedOnce(taken.Value) ? [] : [new StackInstruction(EmitKind.Tee, value)];
        code.Replace(taken.Block, [.. tee, .. ops[(use + 1)..]]);
        if (place is (not null and var condition, var start))
        {
            var old = code.Code(condition.Block).ToArray();
            code.Replace(condition.Block, [.. old[..start], .. ops[..use], .. old[start..]]);
        }
        else if (place is not null)
        {
            list.Insert(at - 1, new MovesNode([new EdgeMove(taken.Value, [.. ops[..use]])]) { Keep = true });
            return 1;
        }

        return 0;
    }
}
