namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// <see cref="ValuesOnStack"/> over structured code: leaves a value on the stack over whole blocks, ifs and loops, whose branches leave
/// what lies under them alone or drop it.
/// </summary>
/// <example><code>
/// call; set v1; get v0; if … end; get v1; …   =>   call; get v0; if … end; …          with one use
/// call; set v1; get v0; if … end; get v1; …   =>   call; tee v1; get v0; if … end; …  with more
/// </code></example>
internal sealed class ValuesUnderBlocks(Function function, Stackifier code, LocalAllocation locals)
{
    private const int LookAhead = 200;

    /// <summary>A step of one list; <see cref="Node"/> if it is of the code of a block and may be changed.</summary>
    private readonly record struct Step(EmitOp Op, CodeNode? Node, int Pops, int Pushes);

    /// <summary>Shortens the code in <paramref name="list"/>.</summary>
    public void Run(List<Node> list)
    {
        if (!list.Exists(node => node is BlockNode or LoopNode or IfNode))
        {
            return;
        }

        var steps = new List<Step>();
        list.ForEach(node => Flatten(node, steps));
        var isChanged = false;
        for (var at = 0; at < steps.Count; at++)
        {
            if (steps[at] is { Node: not null, Op.Kind: EmitKind.Set } && FirstUse(steps, at) is { } use)
            {
                isChanged = true;
                var value = steps[at].Op.Value;
                steps.RemoveAt(use);
                if (code.IsUsedOnce(value) && locals.Copies(value).Count == 0)
                {
                    steps.RemoveAt(at--);
                }
                else
                {
                    steps[at] = steps[at] with { Op = new EmitOp(EmitKind.Tee, value.Index), Pushes = 1 };
                }
            }
        }

        foreach (var node in isChanged ? list.OfType<CodeNode>() : [])
        {
            code.Replace(node.Block, []);
        }

        foreach (var ops in isChanged ? steps.Where(step => step.Node is not null).GroupBy(step => step.Node!, ReferenceEqualityComparer.Instance) : [])
        {
            code.Replace(((CodeNode)ops.Key!).Block, [.. ops.Select(step => step.Op)]);
        }
    }

    private void Flatten(Node node, List<Step> steps)
    {
        switch (node)
        {
            case CodeNode plain:
                Flatten(plain, steps);
                break;
            case MovesNode moves:
                steps.AddRange(moves.Moves.SelectMany(move => move.Ops).Select(op => Of(op, null)));
                steps.Add(Other(moves.Keep ? 0 : moves.Moves.Count, 0));
                break;
            case IfNode choice:
                steps.Add(Other(1, choice.Result is null ? 0 : 1));
                break;
            case BlockNode or LoopNode:
                steps.Add(Other(0, node is BlockNode { Result: not null } or LoopNode { Result: not null } ? 1 : 0));
                break;
            case BranchIfNode or DropNode or TableNode:
                steps.Add(Other(1, 0));
                break;
            case ExitNode exit:
                steps.Add(Other(function.Arguments(exit.Terminator).Length, 0));
                break;
        }
    }

    private void Flatten(CodeNode node, List<Step> steps)
    {
        foreach (var op in code.Code(node.Block))
        {
            steps.Add(Of(op, node));
        }

        if (node.Negate)
        {
            steps.Add(Other(1, 1));
        }

        foreach (var op in code.Late(node.Block))
        {
            steps.Add(Of(op, null));
        }
    }

    private static Step Other(int pops, int pushes) => new(new EmitOp(EmitKind.Instruction, -1), null, pops, pushes);

    private Step Of(EmitOp op, CodeNode? node)
    {
        var (pops, pushes) = op.Stack(function);
        return new Step(op, node, pops, pushes);
    }

    /// <summary>The first use of what is set at <paramref name="at"/>, when the stack is then as it is there and was never lower.</summary>
    private static int? FirstUse(List<Step> steps, int at)
    {
        var get = new EmitOp(EmitKind.Get, steps[at].Op.Index);
        var height = 0;
        for (var i = at + 1; i < steps.Count && i < at + LookAhead; i++)
        {
            if (steps[i].Op == get)
            {
                return height == 0 && steps[i].Node is not null ? i : null;
            }

            height -= steps[i].Pops;
            if (height < 0)
            {
                return null;
            }

            height += steps[i].Pushes;
        }

        return null;
    }
}
