using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>A fixed list of hosts for each call: telling arguments, other calls before it, calls back, and values that the host gives.</summary>
internal sealed class ScenarioGuesses(DecodedModule module, List<(HostEntry Entry, int Function)> entries)
{
    /// <summary>Hosts to try on instantiation alone, on the nearest call, and on each other.</summary>
    public const int Instantiations = 4, Trials = 48, TrialsOfOthers = 16;

    private const int MaximumCallbacks = 2;

    private static readonly ulong[] Integers =
    [
        0, 1, 2, ulong.MaxValue, 3, 0x8000_0000, 0x7FFF_FFFF, 4, 16, unchecked((ulong)-16), 7, 8, 1024, 255, 256, 5, 1000, 65535, 65536, 0xFFFF_FFFF,
        0x8000_0000_0000_0000, 31, 32, 33, 63, 64, 2000, 6, 9, 10, 12, 48, 100,
    ];

    private static readonly ulong[] Floats = [0, 0x3F80_0000, 0xBF80_0000, 0x4049_0FDB, 0x7F80_0000, 0x7FC0_0000, 0x8000_0000, 0x3F00_0000];

    private readonly string[] _types = [.. module.Types.Select(t => t.Text).Distinct()];

    public static Scenario Instantiation(int trial) => new() { Seed = (ulong)trial };

    public Scenario Calling(HostEntry entry, int function, int trial)
    {
        var before = Enumerable.Range(0, trial % 3).Select(k => Call(entries[(trial * 5 + k * 7) % entries.Count], trial + k + 1));
        var scenario = new Scenario
        {
            Seed = trial % 2 == 0 ? 0 : (ulong)trial,
            Calls = [.. before, Call((entry, function), trial)],
            Callback = trial % 4 == 3 ? Call(entries[trial / 4 % entries.Count], trial + 2) : null,
            TableType = trial % 4 >= 2 && _types.Length > 0 ? _types[trial % _types.Length] : null,
        };
        if (trial % 3 == 2)
        {
            var globals = module.Exports.Where(e => e.Kind == EntityKind.Global).Select(e => (e.Name, e.Index))
                .Concat(module.Globals.Where(g => g.Import is not null).Select(g => (g.Import!.Key, g.Index)));
            foreach (var (place, index) in globals.Where(g => BodyDecoder.WidthOf(module.Globals[g.Index].Kind) > 0))
            {
                scenario.Globals[place] = Integers[(trial + index) % Integers.Length] & TermFactory.Mask(BodyDecoder.WidthOf(module.Globals[index].Kind));
            }
        }

        return scenario;
    }

    /// <summary>Hosts that go on for long, as interrupts and polled devices do; only where there is somebody to wait for.</summary>
    public IEnumerable<Scenario> Patient(HostEntry entry, int function)
    {
        var callbacks = entries.Where(e => e.Entry != entry && module.Functions[e.Function] is { Signature.Parameters.Length: 0, Body: not null }).Take(MaximumCallbacks);
        if (module.Functions.Exists(f => f.Import is not null))
        {
            foreach (var callback in callbacks.Select(e => (HostCall?)Call(e, 0)).Append(null))
            {
                yield return new Scenario { Calls = [Call((entry, function), 0)], Callback = callback, IsPatient = true };
            }
        }
    }

    private HostCall Call((HostEntry Entry, int Function) entry, int trial)
    {
        var kinds = module.Functions[entry.Function].Signature.Parameters;
        return new HostCall(entry.Entry, [.. kinds.Select((kind, i) =>
        {
            var values = kind is ValueKind.F32 or ValueKind.F64 ? Floats : Integers;
            var pick = values[(trial * (2 * i + 1) + i * (trial / 7)) % values.Length];
            return kind switch
            {
                ValueKind.FunctionReference or ValueKind.ExternReference => 0UL,
                ValueKind.F64 => pick << 32,
                ValueKind.I64 => pick,
                _ => pick & uint.MaxValue,
            };
        })]);
    }
}
