using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Whether structured code falls through.</summary>
internal static class Flow
{
    /// <summary>Whether the end of <paramref name="list"/>, which is complete, can be reached.</summary>
    public static bool Falls(List<Node> list) => list.Count == 0 || Falls(list[^1]);

    /// <summary>Whether what stands behind <paramref name="node"/> can be reached from it.</summary>
    public static bool Falls(Node node)
    {
        while (true)
        {
            List<Node> inside;
            switch (node)
            {
                case BranchNode or TableNode or ExitNode:
                    return false;
                case LoopNode loop:
                    inside = loop.Body;
                    break;
                case BlockNode block when block.Label.Uses == 0:
                    inside = block.Body;
                    break;
                case IfNode { Else.Count: > 0 } choice:
                    return choice.Falls ??= FallsFrom(choice);
                default:
                    return true;
            }

            if (inside.Count == 0)
            {
                return true;
            }

            node = inside[^1];
        }
    }

    private static bool FallsFrom(IfNode choice)
    {
        if (RecursionGuard.IsLow)
        {
            var falls = false;
            RecursionGuard.ContinueOnNewStack(() => falls = FallsFrom(choice));
            return falls;
        }

        return Falls(choice.Then) || Falls(choice.Else);
    }
}
