using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>
/// Both sides leave a pair of fragments in the same way: they return under one condition with the same results and state [R3], and where one
/// goes to a header the other goes to a partner of it [R4].
/// </summary>
internal sealed class ExitChecker(TermFactory factory, Side before, Side after, Obligations obligations)
{
    public bool Check(FragmentPair pair, IReadOnlyList<Cutpoint> ways)
    {
        // Where the first traps the second does too [R2], so the other ways out matter only where it does not.
        var assumption = pair.Before.Traps.Aggregate(factory.True, (none, trap) => factory.Both(none, factory.Not(trap.Fires(factory))));
        return Returns(pair, assumption) && Headers(pair, ways, assumption);
    }

    private bool Returns(FragmentPair pair, Term assumption)
    {
        var (x, y) = (pair.Before.Return, pair.After.Return);
        if (!obligations.Equal($"{pair.Name} returns", factory.True, x?.Guard ?? factory.False, y?.Guard ?? factory.False, assumption))
        {
            return false;
        }

        if (x is null || y is null)
        {
            return true; // the other guard has just been proved false
        }

        for (var i = 0; i < before.Graph.Results.Length; i++)
        {
            var (a, b) = (x.State.Read(before.Graph.Results[i]), y.State.Read(after.Graph.Results[i]));
            if (!obligations.Equal($"{pair.Name} result {i}", x.Guard, a, b, assumption))
            {
                return false;
            }
        }

        return before.View.Layout.Parts.All(part =>
            obligations.Equal($"{pair.Name} {part.Name} at return", x.Guard, x.State.Parts[part.Index], y.State.Parts[part.Index], assumption));
    }

    private bool Headers(FragmentPair pair, IReadOnlyList<Cutpoint> ways, Term assumption)
        => pair.Before.Cuts.All(cut => Covered($"{pair.Name} to loop at block {cut.Key} before", cut.Value.Guard,
                ways.Where(to => to.Before == cut.Key).Select(to => pair.After.Cuts.GetValueOrDefault(to.After)), assumption))
            && pair.After.Cuts.All(cut => Covered($"{pair.Name} to loop at block {cut.Key} after", cut.Value.Guard,
                ways.Where(to => to.After == cut.Key).Select(to => pair.Before.Cuts.GetValueOrDefault(to.Before)), assumption));

    private bool Covered(string what, Term guard, IEnumerable<PathExit?> partners, Term assumption)
    {
        var goal = guard;
        foreach (var partner in partners.OfType<PathExit>())
        {
            goal = TermFactory.Implies(guard, partner.Guard) ? factory.False : factory.Both(goal, factory.Not(partner.Guard));
        }

        return obligations.Unsatisfiable(what, goal, assumption);
    }
}
