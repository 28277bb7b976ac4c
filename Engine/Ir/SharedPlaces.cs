using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>
/// What interrupt handlers may read and write. A read of what they write, and a write of what they read or write, is an event: it is never
/// merged, removed, invented, split, or moved across another event. <see cref="Function.EffectsOf"/> says so of each instruction.
/// </summary>
internal sealed class SharedPlaces
{
    private readonly SortedDictionary<int, List<(UInt128 From, UInt128 To)>> _written = [];
    private readonly SortedDictionary<int, List<(UInt128 From, UInt128 To)>> _touched = [];

    /// <summary>Globals that handlers may write.</summary>
    public SortedSet<int> GlobalsWritten { get; } = [];

    /// <summary>Globals that handlers may read or write.</summary>
    public SortedSet<int> GlobalsTouched { get; } = [];

    /// <summary>A stack pointer, and a memory of which handlers use the bytes below it.</summary>
    public SortedSet<(int Global, int Memory)> Frames { get; } = [];

    /// <summary>Whether handlers may change tables, segments or sizes of memories, or call out to who does.</summary>
    public bool ChangesStructure { get; set; }

    /// <summary>Adds bytes of a memory.</summary>
    public void Add(int memory, UInt128 from, UInt128 to, bool written)
    {
        Add(_touched, memory, from, to);
        if (written)
        {
            Add(_written, memory, from, to);
        }
    }

    /// <summary>The bytes of each memory that handlers may touch, in order and joined where they meet; an end beyond 32 bits is none.</summary>
    public IEnumerable<(int Memory, UInt128 From, UInt128 To, bool Written)> Bytes()
        => Joined(_written).Select(b => (b.Memory, b.From, b.To, true)).Concat(Joined(_touched)
            .Where(b => !Joined(_written).Any(w => w.Memory == b.Memory && w.From <= b.From && (b.To <= w.To || w.To > uint.MaxValue))).Select(b => (b.Memory, b.From, b.To, false)))
            .OrderBy(b => b.Memory).ThenBy(b => b.From).ThenBy(b => b.To);

    /// <summary>What the instruction can do beyond what its row says: <see cref="Effects.Shares"/> when it is an event.</summary>
    public Effects Of(Function function, Inst inst)
    {
        var row = function.InfoOf(inst);
        var global = function.ImmediatesOf(inst).A;
        switch (row.Opcode)
        {
            case Opcode.GlobalGet:
                return GlobalsWritten.Contains(global) ? Effects.Shares : Effects.Pure;
            case Opcode.GlobalSet when GlobalsTouched.Contains(global):
                // Memory below a stack pointer is the handlers': no access passes from one side of its move to the other.
                return Frames.Any(f => f.Global == global) ? Effects.Shares | Effects.ReadsMemory | Effects.WritesMemory : Effects.Shares;
            default:
                return MemorySpan.Of(function, inst).Any(span => Meets(span.Writes ? _touched : _written, span)) ? Effects.Shares : Effects.Pure;
        }
    }

    private static void Add(SortedDictionary<int, List<(UInt128 From, UInt128 To)>> bytes, int memory, UInt128 from, UInt128 to)
    {
        if (!bytes.TryGetValue(memory, out var intervals))
        {
            bytes[memory] = intervals = [];
        }

        intervals.Add((from, to));
    }

    private static bool Meets(SortedDictionary<int, List<(UInt128 From, UInt128 To)>> bytes, MemorySpan span)
        => bytes.TryGetValue(span.Memory, out var intervals) && intervals.Exists(i => i.From < span.To && span.From < i.To);

    private static IEnumerable<(int Memory, UInt128 From, UInt128 To)> Joined(SortedDictionary<int, List<(UInt128 From, UInt128 To)>> bytes)
    {
        foreach (var (memory, intervals) in bytes)
        {
            (UInt128 From, UInt128 To)? open = null;
            foreach (var (from, to) in intervals.Order())
            {
                if (open is { } known && from <= known.To)
                {
                    open = (known.From, UInt128.Max(known.To, to));
                    continue;
                }

                if (open is { } closed)
                {
                    yield return (memory, closed.From, closed.To);
                }

                open = (from, to);
            }

            if (open is { } last)
            {
                yield return (memory, last.From, last.To);
            }
        }
    }
}
