using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

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
