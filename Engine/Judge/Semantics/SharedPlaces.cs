namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Bytes of one memory, as intervals from an address up to and without another.</summary>
internal sealed class Regions
{
    private readonly List<(UInt128 From, UInt128 To)> _intervals = [];

    public void Add(UInt128 from, UInt128 to) => _intervals.Add((from, to));

    public void AddAll() => Add(0, UInt128.MaxValue);

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
