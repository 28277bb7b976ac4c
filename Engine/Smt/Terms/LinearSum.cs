namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>A sum under construction: factors by term, and a constant, all modulo 2⁶⁴ (the user masks).</summary>
internal sealed class LinearSum
{
    private readonly List<(Term Term, ulong Factor)> _items = [];

    /// <summary>The constant part.</summary>
    public ulong Constant { get; private set; }

    /// <summary>Terms with their factors; a factor may be zero.</summary>
    public IReadOnlyList<(Term Term, ulong Factor)> Items => _items;

    /// <summary>Adds <paramref name="factor"/>·<paramref name="term"/>, opening sums and constant factors.</summary>
    public void Add(Term term, ulong factor)
    {
        switch (term.Op)
        {
            case TermOp.Constant:
                Constant = unchecked(Constant + factor * term.Value);
                return;
            case TermOp.Add:
                foreach (var arg in term.Args)
                {
                    Add(arg, factor);
                }

                return;
            case TermOp.Multiply when term.Args[0].IsConstant:
                Add(term.Args[1], unchecked(factor * term.Args[0].Value));
                return;
            default:
                for (var i = 0; i < _items.Count; i++)
                {
                    if (ReferenceEquals(_items[i].Term, term))
                    {
                        _items[i] = (term, unchecked(_items[i].Factor + factor));
                        return;
                    }
                }

                _items.Add((term, factor));
                return;
        }
    }

    /// <summary>The terms by rising id.</summary>
    public IEnumerable<(Term Term, ulong Factor)> Sorted()
    {
        _items.Sort((x, y) => x.Term.Id.CompareTo(y.Term.Id));
        return _items;
    }
}
