using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>Everything outside the code that a run depends on. Both sides run in the same one.</summary>
internal sealed class Scenario
{
    /// <summary>Numbers that no list below gives are derived from it; 0 means all zero.</summary>
    public ulong Seed { get; init; }

    /// <summary>Arguments, as bits.</summary>
    public required ulong[] Arguments { get; init; }

    /// <summary>Globals and sizes by component; what is missing has its initial value.</summary>
    public Dictionary<int, ulong> Parts { get; } = [];

    /// <summary>Bytes by (component, address).</summary>
    public Dictionary<(int Part, ulong Address), byte> Bytes { get; } = [];

    /// <summary>Values of imported globals by name.</summary>
    public Dictionary<string, ulong> ImportedGlobals { get; } = [];

    /// <summary>Results of host calls by symbol, in order; each is result number → bits.</summary>
    public Dictionary<string, List<SortedDictionary<int, ulong>>> HostResults { get; } = [];

    /// <summary>Whether the host has put functions of its own into every table that it can reach.</summary>
    public bool HostOwnsTables { get; init; }

    /// <summary>A byte that nothing wrote.</summary>
    public byte ByteAt(StatePart part, ulong address, byte image)
        => Bytes.TryGetValue((part.Index, address), out var given) ? given : Seed == 0 || image != 0 ? image : (byte)(Derive((ulong)part.Index, address) & 0xFF);

    /// <summary>A number that depends on the seed and on what it is for.</summary>
    public ulong Derive(ulong what, ulong which)
    {
        unchecked
        {
            var x = (Seed + what * 0x9E37_79B9_7F4A_7C15) ^ which * 0xBF58_476D_1CE4_E5B9;
            x = (x ^ x >> 30) * 0x94D0_49BB_1331_11EB;
            return x ^ x >> 31;
        }
    }
}
