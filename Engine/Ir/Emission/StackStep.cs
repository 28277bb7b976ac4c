namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>A step of code that runs from first to last, as the stack sees it: an operation, or all that a block does.</summary>
/// <param name="Op">The operation, if it is one.</param>
/// <param name="Node">The code it belongs to, when it is of structured code.</param>
/// <param name="IsFixed">It is not to be changed.</param>
/// <param name="Pops">Values it takes from the stack.</param>
/// <param name="Pushes">Values it puts there then.</param>
internal readonly record struct StackStep(StackInstruction Op, CodeNode? Node, bool IsFixed, int Pops, int Pushes)
{
    /// <summary>How far a use is looked for.</summary>
    private const int LookAhead = 200;

    /// <summary>The step of one operation.</summary>
    public static StackStep Of(Function function, StackInstruction op, CodeNode? node = null, bool isFixed = false)
    {
        var (pops, pushes) = op.Stack(function);
        return new StackStep(op, node, isFixed, pops, pushes);
    }

    /// <summary>
    /// Leaves what is set at <paramref name="at"/> on the stack up to its first use: true when nothing is left in its place, false when the
    /// local is still set, null when that is not possible.
    /// </summary>
    public static bool? Leave(List<StackStep> steps, int at, Predicate<Value> needsLocal)
    {
        if (steps[at] is not { IsFixed: false, Op.Kind: EmitKind.Set } || FirstUse(steps, at) is not { } use)
        {
            return null;
        }

        var value = steps[at].Op.Value;
        steps.RemoveAt(use);
        if (needsLocal(value))
        {
            steps[at] = steps[at] with { Op = new StackInstruction(EmitKind.Tee, value.Index), Pushes = 1 };
            return false;
        }

        steps.RemoveAt(at);
        return true;
    }

    /// <summary>
    /// Drops what lies under the value that is set before the drop at <paramref name="at"/> where everything over it has been used, if the
    /// value can be left on the stack then.
    /// </summary>
    public static void DropLater(List<StackStep> steps, int at)
    {
        var drop = steps[at];
        if (at == 0 || drop is not { IsFixed: false, Op.Kind: EmitKind.Drop } || steps[at - 1] is not { IsFixed: false, Op.Kind: EmitKind.Set })
        {
            return;
        }

        steps.RemoveAt(at);
        steps.Insert(FirstUse(steps, at - 1) is { } use ? LastAtHeight(steps, at, use) : at, drop);
    }

    /// <summary>The last place behind <paramref name="use"/> where the stack is as it is at <paramref name="at"/> and was never lower; else <paramref name="at"/>.</summary>
    private static int LastAtHeight(List<StackStep> steps, int at, int use)
    {
        var (height, found) = (0, at);
        for (var i = at; i < steps.Count && i < at + LookAhead; i++)
        {
            height -= steps[i].Pops;
            if (height < 0)
            {
                break;
            }

            height += steps[i].Pushes;
            if (height == 0 && i >= use)
            {
                found = i + 1;
            }
        }

        return found;
    }

    /// <summary>The first use of what is set at <paramref name="at"/>, when the stack is then as it is there and was never lower.</summary>
    private static int? FirstUse(List<StackStep> steps, int at)
    {
        var get = new StackInstruction(EmitKind.Get, steps[at].Op.Index);
        var height = 0;
        for (var i = at + 1; i < steps.Count && i < at + LookAhead; i++)
        {
            if (steps[i].Op == get)
            {
                return height == 0 && !steps[i].IsFixed ? i : null;
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
