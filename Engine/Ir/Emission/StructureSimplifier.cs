using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Shortens structured code, from the inside out:
/// <code>
/// block … end, never branched to           =>  …
/// if br L else A end                       =>  br_if L; A
/// if else A end                            =>  if (not) A end
/// if A br L else B end                     =>  if A br L end; B
/// block A if B end end                     =>  block A br_if 0 (not) B end      where that is shorter
/// if return end                            =>  br_if (end of the function)      without results
/// </code>
/// </summary>
internal sealed class StructureSimplifier(Function function, Stackifier code, LocalAllocation locals, Conditions conditions, BranchLabel functionEnd)
{
    private const int IfBytes = 3;
    private const int BranchIfBytes = 2;
    private const int BlockBytes = 3;

    /// <summary>The simplified list.</summary>
    public List<Node> Run(List<Node> list)
    {
        if (RecursionGuard.IsLow)
        {
            List<Node> simplified = [];
            RecursionGuard.ContinueOnNewStack(() => simplified = Run(list));
            return simplified;
        }

        var result = new List<Node>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            if (result.Count > 0 && !Flow.Falls(result[^1]))
            {
                Discard(list[i]);
                continue;
            }

            Add(list[i], ref result);
        }

        return result;
    }

    private void Add(Node node, ref List<Node> result)
    {
        switch (node)
        {
            case CodeNode plain when IsEmpty(plain.Block):
                break;
            case BlockNode block:
                block.Body = Run(block.Body);
                TailIfs(block);
                if (block.Label.Uses == 0)
                {
                    Append(block.Body, ref result);
                }
                else
                {
                    result.Add(block);
                }

                break;
            case LoopNode loop:
                loop.Body = Run(loop.Body);
                result.Add(loop);
                break;
            case IfNode choice:
                AddIf(choice, ref result);
                break;
            default:
                result.Add(node);
                break;
        }
    }

    private bool IsEmpty(Block block) => code.Code(block).IsEmpty && code.Sunk(block).IsEmpty && locals.Early(block).Count == 0;

    /// <summary>Adds <paramref name="nodes"/>, which nothing else holds; the longer list takes the shorter one, since each may be nested in another.</summary>
    private static void Append(List<Node> nodes, ref List<Node> result)
    {
        if (nodes.Count > result.Count)
        {
            nodes.InsertRange(0, result);
            result = nodes;
        }
        else
        {
            result.AddRange(nodes);
        }
    }

    private void AddIf(IfNode node, ref List<Node> result)
    {
        node.Then = Run(node.Then);
        node.Else = Run(node.Else);
        if (node.Then.Count == 0 && node.Else.Count == 0)
        {
            result.Add(new DropNode());
            return;
        }

        if (TargetOfOnly(node.Then) is { } then)
        {
            result.Add(new BranchIfNode(node.Condition, then));
            Append(node.Else, ref result);
            return;
        }

        if (node.Then.Count == 0 || (node.Else.Count > 0 && SwapPays(node)))
        {
            Swap(node);
            if (TargetOfOnly(node.Then) is { } otherwise)
            {
                result.Add(new BranchIfNode(node.Condition, otherwise));
                Append(node.Else, ref result);
                return;
            }
        }

        result.Add(node);
        if (node.Else.Count > 0 && !Flow.Falls(node.Then))
        {
            Append(node.Else, ref result);
            node.Else = [];
        }
    }

    /// <summary>An else that never ends can go in front; so can one that is only a branch; and an <c>eqz</c> is not worth its byte.</summary>
    private bool SwapPays(IfNode node)
    {
        var cost = conditions.NegationCost(node.Condition);
        return TargetOfOnly(node.Else) is not null || cost < 0 || (cost == 0 && Flow.Falls(node.Then) && !Flow.Falls(node.Else));
    }

    private static void Swap(IfNode node)
    {
        (node.Then, node.Else) = (node.Else, node.Then);
        node.Condition.Negate = !node.Condition.Negate;
    }

    /// <summary>The label, when the list is a branch and nothing else.</summary>
    private BranchLabel? TargetOfOnly(List<Node> list)
    {
        switch (list)
        {
            case [BranchNode branch]:
                return branch.Label;
            case [ExitNode exit] when function.OpcodeOf(exit.Terminator) == Opcode.Return && function.Type.Results.IsEmpty:
                functionEnd.Uses++;
                return functionEnd;
            default:
                return null;
        }
    }

    /// <summary>Ifs at the end of a block, each the end of the one before: branches over their code to the end of the block do the same.</summary>
    private void TailIfs(BlockNode block)
    {
        if (block.Body is not [.., IfNode { Else.Count: 0 } last] || TailGain(last) <= (block.Label.Uses > 0 ? 0 : BlockBytes))
        {
            return;
        }

        var lists = Tail(last).Select(node => node.Then).Prepend(block.Body).ToArray();
        for (var i = lists.Length - 2; i >= 0; i--)
        {
            var node = (IfNode)lists[i][^1];
            node.Condition.Negate = !node.Condition.Negate;
            block.Label.Uses++;
            lists[i][^1] = new BranchIfNode(node.Condition, block.Label);
            lists[i].AddRange(node.Then);
        }
    }

    /// <summary>Bytes that branches over the code of <paramref name="first"/>, and of the ifs at its end, save; each if is counted once.</summary>
    private int TailGain(IfNode first)
    {
        var open = Tail(first).TakeWhile(node => node.TailGain is null).ToList();
        var gain = open.Count > 0 && open[^1].Then is [.., IfNode { Else.Count: 0 } next] ? next.TailGain!.Value : 0;
        for (var i = open.Count - 1; i >= 0; i--)
        {
            // The condition of the if is as it stands; a branch over its code needs it turned around.
            gain += IfBytes - BranchIfBytes - conditions.NegationCost(open[i].Condition);
            open[i].TailGain = gain;
        }

        return first.TailGain!.Value;
    }

    /// <summary>The if and those without an else that are each the end of the one before.</summary>
    private static IEnumerable<IfNode> Tail(IfNode first)
    {
        yield return first;
        for (var list = first.Then; list is [.., IfNode { Else.Count: 0 } next]; list = next.Then)
        {
            yield return next;
        }
    }

    /// <summary>Code that is never reached: its branches do not count.</summary>
    private static void Discard(Node node)
    {
        if (RecursionGuard.IsLow)
        {
            RecursionGuard.ContinueOnNewStack(() => Discard(node));
            return;
        }

        switch (node)
        {
            case BranchNode branch:
                branch.Label.Uses--;
                break;
            case BranchIfNode branch:
                branch.Label.Uses--;
                break;
            case TableNode table:
                foreach (var label in table.Labels)
                {
                    label.Uses--;
                }

                break;
            case BlockNode block:
                block.Body.ForEach(Discard);
                break;
            case LoopNode loop:
                loop.Body.ForEach(Discard);
                break;
            case IfNode choice:
                choice.Then.ForEach(Discard);
                choice.Else.ForEach(Discard);
                break;
        }
    }
}
