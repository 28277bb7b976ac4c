using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Ir.Construction;

/// <summary>
/// The values of wasm locals while a function is brought into SSA form: a block gets a parameter for a local when the local is read there
/// and more than one definition may reach it.
/// </summary>
/// <remarks>
/// After Braun et al., "Simple and Efficient Construction of Static Single Assignment Form" (CC 2013), with two changes: parameters wait
/// for their arguments in a queue instead of a recursion, and those that turn out to be redundant are removed once, at the end. Graphs are
/// reducible, so what is left is minimal.
/// </remarks>
internal sealed class SsaLocals(Function function, LocalTypes types)
{
    /// <summary>
    /// Definitions, arguments of edges and values alive where blocks start, all counted together, that one function may have. Real functions
    /// stay far below; a file of a megabyte can ask for a billion, with fifty thousand locals that live through a hundred thousand loops.
    /// </summary>
    public const long MaximumSize = 8_000_000;

    private readonly Dictionary<(Block Block, int Local), Value> _definitions = [];
    private readonly EntityMap<Block, List<PendingEdge>?> _edges = new();
    private readonly EntitySet<Block> _open = new();
    private readonly Queue<(Block Block, int Local)> _waiting = new();
    private readonly Dictionary<ValType, Value> _zeros = [];

    /// <summary>What has been counted against <see cref="MaximumSize"/>.</summary>
    public long Size { get; private set; }

    /// <summary>Whether <see cref="MaximumSize"/> is exceeded: the construction is to be given up.</summary>
    public bool IsTooLarge => Size > MaximumSize;

    /// <summary>Counts <paramref name="values"/> more.</summary>
    public void Grow(int values) => Size += values;

    /// <summary>The edges into <paramref name="block"/>.</summary>
    public IReadOnlyList<PendingEdge> EdgesInto(Block block) => _edges[block] ?? (IReadOnlyList<PendingEdge>)[];

    /// <summary>Adds an edge; the block that it leaves writes no local after that.</summary>
    public void AddEdge(PendingEdge edge)
    {
        Grow(1 + edge.Arguments.Count);
        (_edges.Reference(edge.Target) ??= []).Add(edge);
    }

    /// <summary>More edges into <paramref name="header"/> will come: it is the header of a loop.</summary>
    public void Open(Block header) => _open.Add(header);

    /// <summary>All edges into <paramref name="header"/> are there.</summary>
    public void Close(Block header) => _open.Remove(header);

    /// <summary>Sets <paramref name="local"/> at the end of <paramref name="block"/>, as far as it is built.</summary>
    public void Write(Block block, int local, Value value)
    {
        Grow(1);
        _definitions[(block, local)] = value;
    }

    /// <summary>The value of <paramref name="local"/> at the end of <paramref name="block"/>, as far as it is built.</summary>
    public Value Read(Block block, int local)
    {
        var start = block;
        Value value;
        while (!_definitions.TryGetValue((block, local), out value))
        {
            if (block == function.Entry)
            {
                value = Zero(types[local]);
                Write(block, local, value);
            }
            else if (!_open.Contains(block) && EdgesInto(block) is [var only])
            {
                block = only.From;
            }
            else
            {
                value = function.AddParameter(block, types[local]);
                Write(block, local, value);
                _waiting.Enqueue((block, local));
            }
        }

        // The blocks on the way know it from now on, so that no chain is walked twice.
        for (; start != block; start = EdgesInto(start)[0].From)
        {
            Write(start, local, value);
        }

        return value;
    }

    /// <summary>
    /// Gives every waiting parameter its arguments, unless that becomes too large: false then. First in, first out keeps arguments in the order
    /// of the parameters.
    /// </summary>
    public bool Complete()
    {
        while (!IsTooLarge && _waiting.TryDequeue(out var parameter))
        {
            Grow(EdgesInto(parameter.Block).Count);
            foreach (var edge in EdgesInto(parameter.Block))
            {
                edge.Arguments.Add(Read(edge.From, parameter.Local));
            }
        }

        return !IsTooLarge;
    }

    private Value Zero(ValType type)
    {
        if (!_zeros.TryGetValue(type, out var zero))
        {
            var build = new IrBuilder(function);
            var first = function.First(function.Entry);
            zero = (first.Exists ? build.InsertBefore(first) : build).Zero(type);
            _zeros.Add(type, zero);
        }

        return zero;
    }
}
