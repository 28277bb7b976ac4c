using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>
/// Virtual registers that share a physical one, because an edge, a copy or a select moves one to another and they never are live together.
/// Starts with every register for itself; <see cref="Coalesce"/> joins.
/// </summary>
internal sealed class CoalescedClasses
{
    private readonly int[] _parent;
    private readonly List<int>[] _members;
    private readonly BitRow[] _rows;
    private readonly int[] _allowed;

    /// <summary>One class a register of <paramref name="graph"/>.</summary>
    public CoalescedClasses(MachineFunction function, InterferenceGraph graph)
    {
        var count = function.RegisterCount;
        _parent = [.. Enumerable.Range(0, count)];
        _members = [.. Enumerable.Range(0, count).Select(i => new List<int> { i })];
        _rows = [.. Enumerable.Range(0, count).Select(graph.Row)];
        _allowed = [.. graph.Allowed];
        Present = graph.Present;
    }

    /// <summary>Registers that take part.</summary>
    public BitRow Present { get; }

    /// <summary>The class of <paramref name="register"/>, by its first member.</summary>
    public int Find(int register)
    {
        while (_parent[register] != register)
        {
            register = _parent[register] = _parent[_parent[register]];
        }

        return register;
    }

    /// <summary>The members of a class.</summary>
    public IReadOnlyList<int> Members(int root) => _members[root];

    /// <summary>The physical registers that a class may have.</summary>
    public int Allowed(int root) => _allowed[root];

    /// <summary>The registers that interfere with a class.</summary>
    public BitRow Row(int root) => _rows[root];

    /// <summary>The classes that interfere with a class.</summary>
    public HashSet<int> Neighbours(int root)
    {
        var neighbours = new HashSet<int>();
        foreach (var register in _rows[root].Members())
        {
            neighbours.Add(Find(register));
        }

        return neighbours;
    }

    /// <summary>Joins the classes of pairs that do not interfere, heaviest wish first, but for registers in <paramref name="apart"/>.</summary>
    public void Coalesce(IReadOnlyList<Affinity> wishes, HashSet<int> apart)
    {
        foreach (var wish in wishes)
        {
            var (a, b) = (Find(wish.A), Find(wish.B));
            if (a != b && Present[wish.A] && Present[wish.B] && !apart.Contains(wish.A) && !apart.Contains(wish.B)
                && (_allowed[a] & _allowed[b]) != 0 && !Interfere(a, b))
            {
                Join(Math.Min(a, b), Math.Max(a, b));
            }
        }
    }

    private bool Interfere(int a, int b)
    {
        var row = _rows[a];
        return _members[b].Exists(member => row[member]);
    }

    private void Join(int root, int other)
    {
        _parent[other] = root;
        _members[root].AddRange(_members[other]);
        var row = _rows[root].Clone();
        row.Union(_rows[other]);
        _rows[root] = row;
        _allowed[root] &= _allowed[other];
    }
}
