using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation;

/// <summary>The obligations of one pair of fragments, once the relations are inductive.</summary>
internal sealed class FragmentChecker(TermFactory factory, StateLayout layout, FlowGraph before, FlowGraph after, ObligationLog log)
{
    public bool Check(ProductNode node)
    {
        var (x, y) = (node.BeforeFragment!, node.AfterFragment!);
        var assumption = WithoutTraps(x);
        return new TrapChecker(factory, log).Check(node.Name, x.Traps, y.Traps)
            && CheckReturns(node.Name, x.Return, y.Return, assumption)
            && CheckCuts(node, x, y, assumption);
    }

    private Term WithoutTraps(Fragment fragment)
    {
        var result = factory.True;
        foreach (var trap in fragment.Traps)
        {
            result = factory.Both(result, factory.Not(factory.Both(trap.Guard, trap.Condition)));
        }

        return result;
    }

    private bool CheckReturns(string name, PathExit? x, PathExit? y, Term assumption)
    {
        var (guardX, guardY) = (x?.Guard ?? factory.False, y?.Guard ?? factory.False);
        if (!log.Equal($"{name} returns", factory.True, guardX, guardY, assumption))
        {
            return false;
        }

        if (x is null || y is null)
        {
            return true; // the other guard has just been proved false
        }

        for (var i = 0; i < before.Results.Length; i++)
        {
            var (a, b) = (x.State.Slots[before.Results[i]], y.State.Slots[after.Results[i]]);
            if (a is null || b is null)
            {
                throw new UnmodelledException("invalid code: a result is not set");
            }

            if (!log.Equal($"{name} result {i}", guardX, a, b, assumption))
            {
                return false;
            }
        }

        foreach (var part in layout.Parts)
        {
            if (!log.Equal($"{name} {part.Name} at return", guardX, x.State.Parts[part.Index], y.State.Parts[part.Index], assumption))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where one side goes to a header, the other goes to a partner of it.</summary>
    private bool CheckCuts(ProductNode node, Fragment x, Fragment y, Term assumption)
    {
        foreach (var (header, exit) in x.Cuts)
        {
            var partners = node.Edges.Where(e => ReferenceEquals(e.Before, exit)).Select(e => e.After.Guard);
            if (!Covered($"{node.Name} to loop at block {header} before", exit.Guard, partners, assumption))
            {
                return false;
            }
        }

        foreach (var (header, exit) in y.Cuts)
        {
            var partners = node.Edges.Where(e => ReferenceEquals(e.After, exit)).Select(e => e.Before.Guard);
            if (!Covered($"{node.Name} to loop at block {header} after", exit.Guard, partners, assumption))
            {
                return false;
            }
        }

        return true;
    }

    private bool Covered(string what, Term guard, IEnumerable<Term> partners, Term assumption)
    {
        var goal = guard;
        foreach (var partner in partners)
        {
            goal = TermFactory.Implies(guard, partner) ? factory.False : factory.Both(goal, factory.Not(partner));
        }

        return log.Unsatisfiable(what, goal, assumption);
    }
}
