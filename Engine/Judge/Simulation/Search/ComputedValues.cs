using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// Values at a cutpoint that one side has computed already and the other side will compute later, from values that it has there. What a way in brings is
/// written in terms of the other side's values on that way; it holds when every way in brings the same of its own. Where that fails because
/// values outside have changed, it is written anew, a few times.
/// </summary>
/// <example><code>before: loop { … } x = a / b   after: x = a / b; loop { … }   =>   x = a / b at the header, with the first side's a and b</code></example>
internal sealed class ComputedValues(TermFactory factory, int node, Func<int, int, Term> variableOf)
{
    private const int MostTerms = 2_000;
    private const int MostLosses = 4;
    private readonly SortedDictionary<int, (Term Formula, int[] Inputs)> _known = [];
    private readonly Dictionary<int, int> _lost = [];

    /// <summary>Positions that are computed.</summary>
    public IEnumerable<int> Positions => _known.Keys;

    public bool Contains(int position) => _known.ContainsKey(position);

    /// <summary>Forgets what the ways in no longer bring, and what was computed from positions that <paramref name="isOpen"/> no longer holds of.</summary>
    public void Check(Term?[][] vectors, Predicate<int> isOpen)
    {
        foreach (var (i, (formula, inputs)) in _known.ToList())
        {
            if (!inputs.All(j => isOpen(j)) || !Holds(formula, inputs, vectors[i], vectors, _ => false))
            {
                _known.Remove(i);
                _lost[i] = _lost.GetValueOrDefault(i) + 1;
            }
        }
    }

    /// <summary>Computes position <paramref name="i"/> from some of <paramref name="inputs"/> if every way in brings it so; whether it did.</summary>
    /// <param name="i">A position with a value on every way in.</param>
    /// <param name="way">A way in from outside.</param>
    /// <param name="inputs">Positions of the other side that have a value on every way in and that the loop leaves alone.</param>
    /// <param name="vectors">What the ways in bring.</param>
    /// <param name="leaves">Whether a way in is one from inside that leaves the position alone.</param>
    public bool Derive(int i, int way, IReadOnlyList<int> inputs, Term?[][] vectors, Predicate<int> leaves)
    {
        if (_lost.GetValueOrDefault(i) > MostLosses || vectors[i][way] is not { Width: > 0 } value || TermOrder.Of(value).Count > MostTerms)
        {
            return false;
        }

        var rewriting = new Rewriting(factory, [.. inputs.Select(j => (vectors[j][way]!, variableOf(j, vectors[j][way]!.Width)))]);
        var formula = rewriting.Rewrite(value);
        var used = inputs.Where(j => rewriting.Used.Contains(variableOf(j, vectors[j][way]!.Width).Id)).ToArray();
        if (used.Length == 0 || !Holds(formula, used, vectors[i], vectors, leaves))
        {
            return false;
        }

        _known[i] = (formula, used);
        return true;
    }

    /// <summary>Takes back that a position is computed.</summary>
    public void Forget(int position) => _known.Remove(position);

    /// <summary>The value of a computed position, from the values of those that it is computed from.</summary>
    public Term? ValueOf(int position, Term?[] values) => Apply(_known[position].Formula, _known[position].Inputs, j => values[j]);

    private bool Holds(Term formula, int[] inputs, Term?[] value, Term?[][] vectors, Predicate<int> leaves)
        => Enumerable.Range(0, value.Length).All(e => leaves(e) || value[e] is { } v && ReferenceEquals(v, Apply(formula, inputs, j => vectors[j][e])));

    private Term? Apply(Term formula, int[] inputs, Func<int, Term?> valueOf)
    {
        var own = new OwnVariables(factory, node);
        foreach (var j in inputs)
        {
            if (valueOf(j) is not { } value || value.Width == Sort.Vector)
            {
                return null;
            }

            own.Define(variableOf(j, value.Width), value);
        }

        return own.Apply(formula);
    }

    /// <summary>Puts variables in place of the terms, and of the bits of terms, that they stand for.</summary>
    private sealed class Rewriting
    {
        private readonly TermFactory _factory;
        private readonly Dictionary<int, Term> _rewritten = [];
        private readonly Dictionary<int, List<(int High, int Low, Term Variable)>> _fields = [];
        private readonly List<(Term Value, Term Variable)> _stores = [];

        public Rewriting(TermFactory factory, IReadOnlyList<(Term Value, Term Variable)> inputs)
        {
            _factory = factory;
            foreach (var (value, variable) in inputs.Where(input => !input.Value.IsConstant))
            {
                _rewritten.TryAdd(value.Id, variable);
                if (value.Width < 0)
                {
                    _stores.Add((value, variable));
                    continue;
                }

                var (whole, high, low) = FieldOf(value.Op == TermOp.ZeroExtend ? value.Args[0] : value);
                if (!_fields.TryGetValue(whole.Id, out var fields))
                {
                    _fields[whole.Id] = fields = [];
                }

                fields.Add((high, low, variable));
            }
        }

        /// <summary>Variables that were put somewhere.</summary>
        public HashSet<int> Used { get; } = [];

        public Term Rewrite(Term t)
        {
            if (t.IsConstant)
            {
                return t;
            }

            if (!_rewritten.TryGetValue(t.Id, out var result))
            {
                result = Field(t) ?? Read(t) ?? (t.Args.Length == 0 ? t : TermRebuilder.Rebuild(_factory, t, Array.ConvertAll(t.Args, Rewrite)));
                _rewritten[t.Id] = result;
            }

            _ = result.Op == TermOp.Variable && Used.Add(result.Id);
            return result;
        }

        private Term? Field(Term t)
        {
            if (t.Op != TermOp.Extract)
            {
                return null;
            }

            var (whole, high, low) = FieldOf(t);
            var cover = _fields.GetValueOrDefault(whole.Id)?.Find(field => field.Low <= low && high <= field.High) ?? default;
            if (cover.Variable is null)
            {
                return null;
            }

            Used.Add(cover.Variable.Id);
            return _factory.Extract(cover.Variable, high - cover.Low, low - cover.Low);
        }

        /// <summary>A read of what a memory was before the last stores to it, elsewhere in it, reads the same after them.</summary>
        private Term? Read(Term t)
        {
            var memory = t.Op == TermOp.Load ? _stores.Find(m => m.Value.Width == t.Args[0].Width && ReferenceEquals(_factory.Load(m.Value, t.Args[1], (int)t.Value), t)).Variable : null;
            if (memory is null)
            {
                return null;
            }

            Used.Add(memory.Id);
            return _factory.Load(memory, Rewrite(t.Args[1]), (int)t.Value);
        }

        private static (Term Whole, int High, int Low) FieldOf(Term t)
            => t.Op == TermOp.Extract ? (t.Args[0], (int)t.Value + t.Width - 1, (int)t.Value) : (t, t.Width - 1, 0);
    }
}
