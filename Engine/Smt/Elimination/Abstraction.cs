using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Elimination;

/// <summary>
/// The cheap first look: every load, every unknown result and every comparison of memories becomes a free variable, with no congruence. What is unsatisfiable so is
/// unsatisfiable; anything else is asked again in full.
/// </summary>
/// <param name="factory">Makes the terms.</param>
/// <param name="isUnknown">What becomes a variable besides.</param>
internal sealed class Abstraction(TermFactory factory, Predicate<Term>? isUnknown = null)
{
    private readonly Dictionary<int, Term> _rewritten = [];

    public Term Rewrite(Term t) => t.Op == TermOp.Constant || t.Op == TermOp.Variable && t.Width >= 0 ? t
        : _rewritten.TryGetValue(t.Id, out var known) ? known : _rewritten[t.Id] = RewriteNode(t);

    private Term RewriteNode(Term t)
    {
        if (t.Op is TermOp.Load or TermOp.Result or TermOp.Variable || t.Op == TermOp.Equal && Sort.IsMemory(t.Args[0].Width) || isUnknown?.Invoke(t) == true)
        {
            return Unknown(t, t.Width == Sort.Token ? 32 : t.Width);
        }

        return TermRebuilder.Rebuild(factory, t, Array.ConvertAll(t.Args, Rewrite));
    }

    private Term Unknown(Term t, int width) => factory.Variable(FormattableString.Invariant($"!a{t.Id}"), width, bounds: t.Bounds);
}
