namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Leaves a value on the stack over code that stands between its definition and its first use, where that code leaves the stack as it was.
/// </summary>
/// <example><code>
/// load; set v1; get v0; global.set 0; get v1; …   =>   load; get v0; global.set 0; …          with one use
/// load; set v1; get v0; global.set 0; get v1; …   =>   load; tee v1; get v0; global.set 0; …  with more
/// call; set v2; drop; get v2; global.set 0; …     =>   call; global.set 0; drop; …            of two results
/// </code></example>
internal static class ValuesOnStack
{
    /// <summary>Shortens <paramref name="code"/>; <paramref name="uses"/> counts all uses of a value, <paramref name="freed"/> is told what needs no local.</summary>
    public static void Run(Function function, List<StackInstruction> code, Func<Value, int> uses, Action<Value> freed)
    {
        var steps = code.ConvertAll(op => StackStep.Of(function, op));

        bool Leave(int at)
        {
            var value = steps[at].Op.Value;
            var isGone = StackStep.Leave(steps, at, v => uses(v) > 1) == true;
            if (isGone)
            {
                freed(value);
            }

            return isGone;
        }

        for (var at = steps.Count - 1; at >= 0; at--)
        {
            StackStep.DropLater(steps, at);
        }

        // Backwards, what lies over others goes first; forwards, what lies under them.
        for (var at = steps.Count - 1; at >= 0; at--)
        {
            Leave(at);
        }

        for (var at = 0; at < steps.Count; at++)
        {
            if (Leave(at))
            {
                at--;
            }
        }

        code.Clear();
        code.AddRange(steps.Select(step => step.Op));
    }
}
