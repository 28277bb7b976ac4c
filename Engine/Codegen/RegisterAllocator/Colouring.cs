using System.Numerics;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>
/// Gives each class a register, optimistically in the manner of Chaitin and Briggs: classes that fit whatever happens are set aside, the
/// cheapest to spill next; then each takes, in reverse, the free register that saves most moves and bytes.
/// </summary>
internal sealed class Colouring
{
    private readonly CoalescedClasses _classes;
    private readonly double[] _weight;
    private readonly Dictionary<int, HashSet<int>> _neighbours = [];
    private readonly Dictionary<int, List<(int Other, double Weight)>> _wishes = [];
    private readonly Dictionary<int, double[]> _fixed = [];
    private readonly bool _savesLink;
    private readonly InterferenceGraph _graph;
    private readonly int[] _occurrences;
    private int _used;

    /// <summary>Prepares to colour.</summary>
    /// <param name="classes">What is coloured.</param>
    /// <param name="graph">How long values live.</param>
    /// <param name="affinities">What is wished.</param>
    /// <param name="weights">For each virtual register the cost of having it on the stack; infinite for what must not go there.</param>
    /// <param name="occurrences">For each virtual register how many instructions name it.</param>
    /// <param name="savesLink">Whether the function saves lr anyway.</param>
    public Colouring(CoalescedClasses classes, InterferenceGraph graph, Affinities affinities, double[] weights, int[] occurrences, bool savesLink)
    {
        _occurrences = occurrences;
        (_classes, _graph, _savesLink) = (classes, graph, savesLink);
        _weight = new double[weights.Length];
        foreach (var root in classes.Present.Members().Select(classes.Find).Distinct())
        {
            _neighbours[root] = classes.Neighbours(root);
            _weight[root] = classes.Members(root).Sum(member => weights[member]);
        }

        foreach (var wish in affinities.Moves)
        {
            AddWish(classes.Find(wish.A), classes.Find(wish.B), wish.Weight * 4);
        }

        foreach (var wish in affinities.Narrow)
        {
            AddWish(classes.Find(wish.A), classes.Find(wish.B), 1);
        }

        foreach (var wish in affinities.Fixed)
        {
            var root = classes.Find(wish.Register);
            if (!_fixed.TryGetValue(root, out var wanted))
            {
                _fixed.Add(root, wanted = new double[16]);
            }

            wanted[(int)wish.Physical] += wish.Weight * 4;
        }
    }

    /// <summary>The register of each class, by its root.</summary>
    public Dictionary<int, Register> Colours { get; } = [];

    /// <summary>Colours; the classes for which no register was left, in the order in which they were tried.</summary>
    public List<int> Run()
    {
        var failures = new List<int>();
        foreach (var root in Order())
        {
            var free = _classes.Allowed(root);
            foreach (var neighbour in _neighbours[root])
            {
                if (Colours.TryGetValue(neighbour, out var taken))
                {
                    free &= ~(1 << (int)taken);
                }
            }

            if (free == 0)
            {
                failures.Add(root);
                continue;
            }

            var colour = Choose(root, free);
            Colours.Add(root, colour);
            _used |= 1 << (int)colour;
        }

        return failures;
    }

    /// <summary>How much it costs to have a class on the stack, for each instruction that it makes room for; infinite when it makes none.</summary>
    public double SpillCost(int root)
    {
        var length = _classes.Members(root).Sum(member => _graph.Length[member]);
        var members = _classes.Members(root).Count;
        return length <= 2 * members ? double.PositiveInfinity : _weight[root] / (length - members);
    }

    /// <summary>The classes that interfere with a class.</summary>
    public IEnumerable<int> Neighbours(int root) => _neighbours[root];

    private void AddWish(int a, int b, double weight)
    {
        if (a != b)
        {
            ListOf(a).Add((b, weight));
            ListOf(b).Add((a, weight));
        }
    }

    private List<(int Other, double Weight)> ListOf(int root)
    {
        if (!_wishes.TryGetValue(root, out var list))
        {
            _wishes.Add(root, list = []);
        }

        return list;
    }

    /// <summary>
    /// The order in which registers are chosen: what was set aside last comes first. CoalescedClasses that fit are set aside first, the lightest
    /// before the others; when none fits, the one that is cheapest to spill.
    /// </summary>
    private Stack<int> Order()
    {
        var order = new Stack<int>();
        var degree = _neighbours.ToDictionary(entry => entry.Key, entry => entry.Value.Count(_neighbours.ContainsKey));
        var (fitting, crowded) = (new SortedSet<(double Cost, int Root)>(), new SortedSet<(double Cost, int Root)>());
        bool Fits(int root) => degree[root] < BitOperations.PopCount((uint)_classes.Allowed(root));
        foreach (var root in _neighbours.Keys)
        {
            (Fits(root) ? fitting : crowded).Add((Fits(root) ? _weight[root] : SpillCost(root), root));
        }

        while (fitting.Count + crowded.Count > 0)
        {
            var from = fitting.Count > 0 ? fitting : crowded;
            var next = from.Min;
            from.Remove(next);
            order.Push(next.Root);
            foreach (var neighbour in _neighbours[next.Root].Where(degree.ContainsKey))
            {
                var fitted = Fits(neighbour);
                degree[neighbour]--;
                if (!fitted && Fits(neighbour) && crowded.Remove((SpillCost(neighbour), neighbour)))
                {
                    fitting.Add((_weight[neighbour], neighbour));
                }
            }
        }

        return order;
    }

    private Register Choose(int root, int free)
    {
        var (best, bestScore) = (Register.R0, double.NegativeInfinity);
        for (var i = 0; i < 16; i++)
        {
            if ((free >> i & 1) != 0 && Score(root, (Register)i) is var score && score > bestScore)
            {
                (best, bestScore) = ((Register)i, score);
            }
        }

        return best;
    }

    private double Score(int root, Register register)
    {
        var score = _fixed.TryGetValue(root, out var wanted) ? wanted[(int)register] : 0;
        foreach (var (other, weight) in _wishes.GetValueOrDefault(root, []))
        {
            if (Colours.TryGetValue(other, out var colour))
            {
                score += colour == register ? weight : 0;
            }
            else if (_fixed.TryGetValue(other, out var theirs) && !_neighbours[root].Contains(other))
            {
                // What it would like to share with has a wish of its own.
                score += Math.Min(weight, theirs[(int)register]) * 0.9;
            }
        }

        foreach (var neighbour in _neighbours[root])
        {
            if (!Colours.ContainsKey(neighbour) && _fixed.TryGetValue(neighbour, out var theirs))
            {
                score -= theirs[(int)register] * 0.5;
            }
        }

        return score + (register.IsLow() ? 1 + 0.75 * _classes.Members(root).Sum(member => _occurrences[member]) : 0) - CostOfFirstUse(register);
    }

    /// <summary>A register that the function has to save costs a push and a pop the first time.</summary>
    private double CostOfFirstUse(Register register)
    {
        if ((_used >> (int)register & 1) != 0 || CallingConvention.CallerSaved.Contains(register) && register != Register.LR)
        {
            return register == Register.R12 ? 0.25 : 0;
        }

        if (register == Register.LR)
        {
            return _savesLink ? 0.25 : 5;
        }

        return (_savesLink ? 4 : 6) + (int)register * 0.05 + (register.IsLow() ? 0 : 1);
    }
}
