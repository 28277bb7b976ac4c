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
    /// <summary>Shortens the code in <paramref name="list"/>.</summary>
    public void Run(List<Node> list)
    {
        if (!list.Exists(node => node is BlockNode or LoopNode or IfNode))
        {
            return;
        }

        var steps = new List<StackStep>();
        list.ForEach(node => Flatten(node, steps));
        var isChanged = false;
        for (var at = 0; at < steps.Count; at++)
        {
            if (StackStep.Leave(steps, at, value => !code.IsUsedOnce(value) || locals.Copies(value).Count > 0) is { } isGone)
            {
                isChanged = true;
                at -= isGone ? 1 : 0;
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

    private void Flatten(Node node, List<StackStep> steps)
    {
        switch (node)
        {
            case CodeNode plain:
                Flatten(plain, steps);
                break;
            case MovesNode moves:
                steps.AddRange(moves.Moves.SelectMany(move => move.Ops).Select(op => StackStep.Of(function, op, isFixed: true)));
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

    private void Flatten(CodeNode node, List<StackStep> steps)
    {
        foreach (var op in code.Code(node.Block))
        {
            steps.Add(StackStep.Of(function, op, node));
        }

        if (node.Negate)
        {
            steps.Add(Other(1, 1));
        }

        foreach (var op in code.Sunk(node.Block))
        {
            steps.Add(StackStep.Of(function, op, isFixed: true));
        }
    }

    private static StackStep Other(int pops, int pushes) => new(new StackInstruction(EmitKind.Instruction, -1), null, true, pops, pushes);
}
