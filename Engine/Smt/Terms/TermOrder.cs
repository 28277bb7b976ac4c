namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>The nodes below a term, operands first.</summary>
internal static class TermOrder
{
    /// <summary>Every node once; a rising id is an order with operands first.</summary>
    public static List<Term> Of(Term root)
    {
        var seen = new HashSet<int> { root.Id };
        var stack = new Stack<Term>([root]);
        var result = new List<Term>();
        while (stack.TryPop(out var t))
        {
            result.Add(t);
            foreach (var arg in t.Args)
            {
                if (seen.Add(arg.Id))
                {
                    stack.Push(arg);
                }
            }
        }

        result.Sort((a, b) => a.Id.CompareTo(b.Id));
        return result;
    }
}
