using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>A function as the host gets at it: an export, or a slot of an exported table.</summary>
internal sealed record HostEntry(string Export, int Slot = -1)
{
    public override string ToString() => Slot < 0 ? Export : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Export}[{Slot}]");
}

/// <summary>A call that the host makes, with the arguments as bits.</summary>
internal sealed record HostCall(HostEntry Entry, ImmutableArray<ulong> Arguments);

/// <summary>
/// What the host does with a module: it gives the imports, makes the instance, writes to what it can see, and calls exports. Both modules get
/// the same host. Places are named as the host names them: by import key or by export.
/// </summary>
internal sealed record Scenario
{
    /// <summary>Numbers that no list below gives are derived from it; 0 means all zero.</summary>
    public ulong Seed { get; init; }

    /// <summary>The calls, in order, after instantiation.</summary>
    public ImmutableArray<HostCall> Calls { get; init; } = [];

    /// <summary>A call that the host makes from within calls by the module.</summary>
    public HostCall? Callback { get; init; }

    /// <summary>
    /// A host that goes on for long: it calls back from every call that takes and gives nothing, and not only from its first, and what nothing gives is by
    /// turns all ones and zero, so that whoever waits for a bit gets it.
    /// </summary>
    public bool IsPatient { get; init; }

    /// <summary>The type of the functions that the host puts into every slot of the tables it can reach, before the last call; null for none.</summary>
    public string? TableType { get; init; }

    /// <summary>Globals that the host sets before the last call, and those that it gives, by place.</summary>
    public Dictionary<string, ulong> Globals { get; } = [];

    /// <summary>Sizes to which the host grows memories before the last call, in pages, by place.</summary>
    public Dictionary<string, ulong> Pages { get; } = [];

    /// <summary>Bytes that the host writes before the last call.</summary>
    public Dictionary<(string Place, ulong Address), byte> Bytes { get; } = [];

    /// <summary>Results of host calls by import key, in order; each is result number → bits.</summary>
    public Dictionary<string, List<SortedDictionary<int, ulong>>> HostResults { get; } = [];

    /// <summary>A number that depends on the seed and on what it is for.</summary>
    public ulong Derive(string what, ulong which)
    {
        unchecked
        {
            var x = Seed ^ which * 0xBF58_476D_1CE4_E5B9;
            foreach (var c in what)
            {
                x = (x ^ c) * 0x0000_0100_0000_01B3;
            }

            x = (x ^ x >> 30) * 0x94D0_49BB_1331_11EB;
            return x ^ x >> 31;
        }
    }
}
