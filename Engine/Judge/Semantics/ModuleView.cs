using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>A table whose contents are known for good, because nothing outside or inside the module can change it (AX-TABLE).</summary>
/// <param name="Entries">The function of each slot, or -1.</param>
internal sealed record ClosedTable(ImmutableArray<int> Entries)
{
    /// <summary>Why a call of this slot as a function of this type traps; null when it does not.</summary>
    public TrapKind? Trap(DecodedModule module, ulong slot, Signature signature)
        => slot >= (ulong)Entries.Length ? TrapKind.UndefinedElement
            : Entries[(int)slot] is not (var target and >= 0) ? TrapKind.UninitializedElement
            : module.Functions[target].Signature.Equals(signature) ? null : TrapKind.IndirectCallTypeMismatch;
}

/// <summary>
/// A module with the meaning of its index spaces: which component of the shared state each index is, and which class of functions each
/// function belongs to. Two functions of one class are being proved equal, so calls of them are the same call.
/// </summary>
internal sealed class ModuleView(DecodedModule module, StateLayout layout)
{
    public StateLayout Layout { get; } = layout;

    public DecodedModule Module { get; } = module;

    /// <summary>What interrupt handlers touch; the same of both modules.</summary>
    public SharedPlaces Shared { get; set; } = SharedPlaces.None;

    /// <summary>Globals that are written and never read: their writes are no part of the program.</summary>
    public bool[] WriteOnlyGlobals { get; init; } = new bool[module.Globals.Count];

    /// <summary>Contents of each memory; the size is the component behind it. -1: not part of the state.</summary>
    public int[] MemoryParts { get; init; } = [.. Enumerable.Repeat(-1, module.Memories.Count)];

    /// <summary>Component of each global, or -1.</summary>
    public int[] GlobalParts { get; init; } = [.. Enumerable.Repeat(-1, module.Globals.Count)];

    /// <summary>The value of each global that never changes.</summary>
    public Initial?[] GlobalValues { get; init; } = new Initial?[module.Globals.Count];

    /// <summary>Component of each open table, or -1.</summary>
    public int[] TableParts { get; init; } = [.. Enumerable.Repeat(-1, module.Tables.Count)];

    /// <summary>The closed tables.</summary>
    public ClosedTable?[] ClosedTables { get; init; } = new ClosedTable?[module.Tables.Count];

    /// <summary>Length component of each data segment that data.drop touches, or -1.</summary>
    public int[] DataParts { get; init; } = [.. Enumerable.Repeat(-1, module.Data.Count)];

    /// <summary>A name that is the same on both sides for equal contents.</summary>
    public string[] DataNames { get; init; } = new string[module.Data.Count];

    /// <summary>Length component of each element segment that elem.drop touches, or -1.</summary>
    public int[] ElementParts { get; init; } = [.. Enumerable.Repeat(-1, module.Elements.Count)];

    /// <summary>A name that is the same on both sides for equal items.</summary>
    public string[] ElementNames { get; init; } = new string[module.Elements.Count];

    /// <summary>A name that is the same on both sides for corresponding tables.</summary>
    public string[] TableNames { get; init; } = new string[module.Tables.Count];

    /// <summary>Call symbol of each function.</summary>
    public string[] CallSymbols { get; init; } = new string[module.Functions.Count];

    /// <summary>Effects of each function's class.</summary>
    public CallEffect[] Effects { get; init; } = new CallEffect[module.Functions.Count];

    /// <summary>Effects of an indirect call through each table.</summary>
    public CallEffect[] IndirectEffects { get; init; } = new CallEffect[module.Tables.Count];
}

/// <summary>What a call may read and write, from the bodies of the source module alone.</summary>
/// <param name="Reads">Components of the state whose value may matter.</param>
/// <param name="Writes">Components that may change.</param>
/// <param name="Total">Whether it always returns: no trap, no loop, no call to the outside. Such a call is no event.</param>
internal sealed record CallEffect(ImmutableArray<int> Reads, ImmutableArray<int> Writes, bool Total)
{
    /// <summary>A call that may do anything to the first <paramref name="parts"/> components.</summary>
    public static CallEffect Anything(int parts) => new([.. Enumerable.Range(0, parts)], [.. Enumerable.Range(0, parts)], false);
}

/// <summary>Bytes of one memory, as intervals from an address up to and without another.</summary>
internal sealed class Regions
{
    private readonly List<(UInt128 From, UInt128 To)> _intervals = [];

    public void Add(UInt128 from, UInt128 to) => _intervals.Add((from, to));

    public bool IsEmpty => _intervals.Count == 0;

    /// <summary>Whether some byte from <paramref name="from"/> up to and without <paramref name="to"/> is among them.</summary>
    public bool Meets(UInt128 from, UInt128 to) => _intervals.Exists(i => i.From < to && from < i.To);
}

/// <summary>
/// What interrupt handlers may read and write, by component of the state. Other code's reads of what they write, and its writes of what they
/// read or write, are events.
/// </summary>
internal sealed class SharedPlaces(int parts)
{
    /// <summary>Of a module without handlers.</summary>
    public static SharedPlaces None { get; } = new(0);

    /// <summary>Of each memory, what handlers may write; nothing for a component that is no memory.</summary>
    public Regions[] Written { get; } = [.. Enumerable.Range(0, parts).Select(_ => new Regions())];

    /// <summary>Of each memory, what handlers may read or write.</summary>
    public Regions[] Touched { get; } = [.. Enumerable.Range(0, parts).Select(_ => new Regions())];

    /// <summary>Whether handlers touch the memory, so that an access to it can be an event.</summary>
    public bool Touches(int memory) => memory >= 0 && memory < Touched.Length && !Touched[memory].IsEmpty;

    /// <summary>Globals that handlers may write.</summary>
    public HashSet<int> GlobalsWritten { get; } = [];

    /// <summary>Globals that handlers may read or write.</summary>
    public HashSet<int> GlobalsTouched { get; } = [];

    /// <summary>A stack pointer, and a memory of which handlers use the bytes below it.</summary>
    public HashSet<(int Global, int Memory)> Frames { get; } = [];

    /// <summary>Whether a handler may change tables, segments or sizes of memories, or call out to who does: then nothing that depends on these has a model.</summary>
    public bool ChangesStructure { get; set; }
}
