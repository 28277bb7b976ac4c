using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>
/// A step from one cutpoint to the next establishes what the certificate claims of the next [R5]: each of its own variables gets the value
/// of the position that it is named after; then every position has its claimed value, the facts hold, and the checks were passed.
/// </summary>
internal sealed class StepChecker(TermFactory factory, StateLayout layout, int slots, Obligations obligations)
{
    /// <summary>When both sides go from one cutpoint to the places of another.</summary>
    public Term Guard(FragmentPair from, Cutpoint to) => from.Before.Cuts.TryGetValue(to.Before, out var x) && from.After.Cuts.TryGetValue(to.After, out var y)
        ? factory.Both(x.Guard, y.Guard) : factory.False;

    /// <summary>Whether the step to cutpoint <paramref name="index"/> holds, where <paramref name="guard"/> does.</summary>
    public bool Check(FragmentPair from, Cutpoint to, int index, Term guard)
    {
        var (x, y) = (from.Before.Cuts[to.Before], from.After.Cuts[to.After]);
        var what = $"{from.Name} to {CertificateChecker.NameOf(index)}";
        Term?[] arriving = [.. x.State.Slots, .. y.State.Slots, .. x.State.Parts, .. y.State.Parts];
        if (Bind(index, to, arriving) is not { } own)
        {
            return obligations.Reject(what, "a value is needed that is not there");
        }

        for (var i = 0; i < arriving.Length; i++)
        {
            if (to.Values[i] is { } claimed && (own.Apply(claimed) is not { } here || !obligations.Equal($"{what}: {NameOf(i)}", guard, arriving[i]!, here, factory.True)))
            {
                return obligations.Reject($"{what}: {NameOf(i)}", "it speaks of a variable that no position defines");
            }
        }

        foreach (var fact in TermFactory.Conjuncts(to.Facts))
        {
            if (own.Speaks(fact) || !obligations.Unsatisfiable($"{what}: fact", TermFactory.Implies(guard, fact) ? factory.False : factory.Both(guard, factory.Not(fact)), factory.True))
            {
                return obligations.Reject($"{what}: fact", "it speaks of variables that change here");
            }
        }

        // Neither side would have come here if a trap point on the way had fired.
        var passed = from.Before.Traps.Concat(from.After.Traps).Where(trap => TermFactory.Implies(guard, trap.Guard)).Select(trap => trap.Condition).Concat(from.Cutpoint.Passed).ToList();
        return to.Passed.All(condition => !own.Speaks(condition) && passed.Exists(other => TrapCollector.Covers(factory, other, condition)))
            || obligations.Reject($"{what}: checks", "a check has not been passed on the way");
    }

    private string NameOf(int position) => position < slots ? $"slot {position}" : layout.Parts[(position - slots) % layout.Parts.Count].Name;

    /// <summary>The values of the cutpoint's own variables on arrival; null where a claimed value is not there, or is of another sort.</summary>
    private OwnVariables? Bind(int index, Cutpoint to, Term?[] arriving)
    {
        var own = new OwnVariables(factory, index);
        for (var i = 0; i < arriving.Length; i++)
        {
            if (to.Values[i] is not { } claimed)
            {
                continue;
            }

            if (arriving[i] is not { } value || value.Width != claimed.Width)
            {
                return null;
            }

            // A value of few bits is their variable extended; whether it has no more is among what is then shown of every position.
            var stem = i < slots && claimed.Op == TermOp.ZeroExtend ? claimed.Args[0] : claimed;
            var variable = CutVariables.Of(factory, layout, slots, index, i, stem.Width);

            // A size is its variable itself: less a constant it could lie outside the bounds that the variable has.
            if (ReferenceEquals(stem.Width <= 0 || variable.Bounds is not null ? stem : factory.Split(stem).Base, variable))
            {
                own.Define(variable, stem.Width > 0
                    ? factory.Subtract(factory.Extract(value, stem.Width - 1, 0), factory.Constant(factory.Split(stem).Offset, stem.Width)) : value);
            }
        }

        return own;
    }
}

/// <summary>Puts the values that arrive at a cutpoint in place of its own variables.</summary>
internal sealed class OwnVariables(TermFactory factory, int cutpoint)
{
    private readonly Dictionary<int, Term> _values = [];
    private readonly Dictionary<int, Term?> _applied = [];
    private readonly Dictionary<int, bool> _speaks = [];

    public void Define(Term variable, Term value)
    {
        if (variable.Width == Sort.Vector)
        {
            Define(variable.Args[0], value.Args[0]);
            Define(variable.Args[1], value.Args[1]);
            return;
        }

        _values[variable.Id] = value;
    }

    /// <summary>Whether a term speaks of the cutpoint's own variables.</summary>
    public bool Speaks(Term t) => _speaks.TryGetValue(t.Id, out var known) ? known
        : _speaks[t.Id] = t.Op == TermOp.Variable ? CutVariables.OwnerOf(t) == cutpoint : Array.Exists(t.Args, Speaks);

    /// <summary>The term on arrival, or null when it speaks of an own variable that no position defines.</summary>
    public Term? Apply(Term t)
    {
        if (!Speaks(t))
        {
            return t;
        }

        if (t.Op == TermOp.Variable)
        {
            return _values.GetValueOrDefault(t.Id);
        }

        if (!_applied.TryGetValue(t.Id, out var result))
        {
            var args = Array.ConvertAll(t.Args, Apply);
            result = Array.Exists(args, a => a is null) ? null : TermRebuilder.Rebuild(factory, t, args!);
            _applied[t.Id] = result;
        }

        return result;
    }
}
