namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Leaves a value on the stack over code that stands between its definition and its first use, where that code leaves the stack as it was.
/// </summary>
/// <example><code>
/// load; set v1; get v0; global.set 0; get v1; …   =>   load; get v0; global.set 0; …          with one use
/// load; set v1; get v0; global.set 0; get v1; …   =>   load; tee v1; get v0; global.set 0; …  with more
/// </code></example>
internal static class ValuesOnStack
{
    private const int LookAhead = 200;

    /// <summary>Shortens <paramref name="code"/>; <paramref name="uses"/> counts all uses of a value, <paramref name="freed"/> is told what needs no local.</summary>
    public static void Run(Function function, List<EmitOp> code, Func<Value, int> uses, Action<Value> freed)
    {
        // Backwards, what lies over others goes first; forwards, what lies under them.
        for (var at = code.Count - 1; at >= 0; at--)
        {
            Leave(function, code, at, uses, freed);
        }

        for (var at = 0; at < code.Count; at++)
        {
            if (Leave(function, code, at, uses, freed))
            {
                at--;
            }
        }
    }

    /// <summary>Leaves what is set at <paramref name="at"/> on the stack, where that is possible; whether nothing is left in its place.</summary>
    private static bool Leave(Function function, List<EmitOp> code, int at, Func<Value, int> uses, Action<Value> freed)
    {
        if (code[at].Kind != EmitKind.Set || FirstUse(function, code, at) is not { } use)
        {
            return false;
        }

        var value = code[at].Value;
        code.RemoveAt(use);
        if (uses(value) > 1)
        {
            code[at] = new EmitOp(EmitKind.Tee, value.Index);
            return false;
        }

        code.RemoveAt(at);
        freed(value);
        return true;
    }

    /// <summary>The first use of what is set at <paramref name="at"/>, when the stack is then as it is there and was never lower.</summary>
    private static int? FirstUse(Function function, List<EmitOp> code, int at)
    {
        var height = 0;
        for (var i = at + 1; i < code.Count && i < at + LookAhead; i++)
        {
            var op = code[i];
            if (op == new EmitOp(EmitKind.Get, code[at].Index))
            {
                return height == 0 ? i : null;
            }

            var (pops, pushes) = op.Stack(function);
            height -= pops;
            if (height < 0)
            {
                return null;
            }

            height += pushes;
        }

        return null;
    }
}
