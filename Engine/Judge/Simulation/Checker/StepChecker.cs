using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>
/// A step from one cutpoint to the next establishes what the certificate claims of the next [R5]: each of its own variables gets the value
/// of the position that it is named after; then every position has its claimed value, the facts hold, and the checks were passed.
/// </summary>
internal sealed class StepChecker(TermFactory factory, StateLayout layout, int slots, ObligationLog log)
{
    public bool Check(FragmentPair from, FragmentPair to, int index)
    {
        if (!from.Before.Cuts.TryGetValue(to.Cutpoint.Before, out var x) || !from.After.Cuts.TryGetValue(to.Cutpoint.After, out var y))
        {
            return true; // one side never goes there, so the step is never taken
        }

        var guard = factory.Both(x.Guard, y.Guard);
        if (guard.IsFalse)
        {
            return true;
        }

        var what = $"{from.Name} to {to.Name}";
        Term?[] arriving = [.. x.State.Slots, .. y.State.Slots, .. x.State.Parts, .. y.State.Parts];
        if (Bind(index, to.Cutpoint, arriving) is not { } own)
        {
            return log.Reject(what, "a value is needed that is not there");
        }

        for (var i = 0; i < arriving.Length; i++)
        {
            if (to.Cutpoint.Values[i] is { } claimed && (arriving[i] is not { } value || own.Apply(claimed) is not { } here || here.Width != value.Width
                || !log.Equal($"{what}: {NameOf(i)}", guard, value, here, factory.True)))
            {
                return log.Reject($"{what}: {NameOf(i)}", "its value is not there, or speaks of a variable that no position defines");
            }
        }

        foreach (var fact in TermFactory.Conjuncts(to.Cutpoint.Facts))
        {
            if (own.Speaks(fact) || !log.Unsatisfiable($"{what}: fact", TermFactory.Implies(guard, fact) ? factory.False : factory.Both(guard, factory.Not(fact)), factory.True))
            {
                return log.Reject($"{what}: fact", "it speaks of variables that change here");
            }
        }

        // Neither side would have come here if a trap point on the way had fired.
        var passed = from.Before.Traps.Concat(from.After.Traps).Where(trap => TermFactory.Implies(guard, trap.Guard)).Select(trap => trap.Condition).Concat(from.Cutpoint.Passed).ToList();
        return to.Cutpoint.Passed.All(condition => !own.Speaks(condition) && passed.Exists(other => TrapCollector.Covers(factory, other, condition)))
            || log.Reject($"{what}: checks", "a check has not been passed on the way");
    }

    private string NameOf(int position) => position < slots ? $"slot {position}" : layout.Parts[(position - slots) % layout.Parts.Count].Name;

    /// <summary>The values of the cutpoint's own variables on arrival; null where a position has none.</summary>
    private OwnVariables? Bind(int index, Cutpoint to, Term?[] arriving)
    {
        var own = new OwnVariables(factory, index);
        for (var i = 0; i < arriving.Length; i++)
        {
            if (to.Values[i] is not { } claimed)
            {
                continue;
            }

            var variable = CutVariables.Of(factory, layout, slots, index, i, claimed.Width);
            if (claimed.Width == Sort.Vector ? ReferenceEquals(claimed, variable) : claimed.Width < 0 ? ReferenceEquals(claimed, variable) : ReferenceEquals(factory.Split(claimed).Base, variable))
            {
                if (arriving[i] is not { } value || value.Width != claimed.Width)
                {
                    return null;
                }

                own.Define(variable, claimed.Width > 0 ? factory.Subtract(value, factory.Constant(factory.Split(claimed).Offset, value.Width)) : value);
            }
        }

        return own;
    }
}
