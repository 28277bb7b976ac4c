namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Whether structured code falls through.</summary>
internal static class Flow
{
    /// <summary>Whether the end of <paramref name="list"/> can be reached.</summary>
    public static bool Falls(List<Node> list)
    {
        while (list.Count > 0)
        {
            switch (list[^1])
            {
                case BranchNode or TableNode or ExitNode:
                    return false;
                case LoopNode loop:
                    list = loop.Body;
                    continue;
                case BlockNode block when block.Label.Uses == 0:
                    list = block.Body;
                    continue;
                case IfNode { Else.Count: > 0 } node:
                    return Falls(node.Then) || Falls(node.Else);
                default:
                    return true;
            }
        }

        return true;
    }
}
