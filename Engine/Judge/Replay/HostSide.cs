using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>Something that the host sees: a call that reaches it, or how a call of its own ended.</summary>
/// <param name="What">In words.</param>
/// <param name="Key">The import, in a form that no other has.</param>
/// <param name="State">A number for all that the host can see at that moment.</param>
internal readonly record struct HostEvent(string What, string Key, ulong State);

/// <summary>
/// The host of one run: it makes the instance, does what the scenario says and writes down what it sees. A run that goes on for too long is
/// cut; what was seen until then was seen. So is one that has shown a difference from the <c>other</c>, or all that the other showed.
/// </summary>
internal sealed class HostSide(DecodedModule module, Dictionary<int, FlowGraph> bodies, Scenario scenario, List<HostEvent>? other = null)
{
    private const int MaximumEvents = 300;
    private const int MaximumEventsOfPatient = 10_000;
    private readonly Dictionary<string, int> _calls = [];
    private List<(string Place, EntityKind Kind, int Index)> _visible = [];
    private bool _callsBack = scenario.Callback is not null;
    private bool _made;

    /// <summary>What the host saw, in order.</summary>
    public List<HostEvent> Trace { get; } = [];

    public Instance? Instance { get; private set; }

    /// <summary>Runs the scenario in at most so many steps.</summary>
    public void Run(int steps)
    {
        try
        {
            Instance = new Instance(module, bodies, scenario, this) { Steps = steps };
            See(exported: false);
            if (IsMade(Instance))
            {
                foreach (var call in scenario.Calls)
                {
                    if (ReferenceEquals(call, scenario.Calls[^1]))
                    {
                        Prepare(Instance);
                    }

                    Enter(Instance, call);
                }
            }
        }
        catch (EndlessException)
        {
            Trace.Add(new HostEvent("nothing, for ever", "", 0));
        }
        catch (Exception e) when (e is GiveUpException or UnmodelledException)
        {
            // The events so far stand.
        }
    }

    /// <summary>Exports that are memories.</summary>
    public IEnumerable<string> Memories => module.Exports.Where(e => e.Kind == EntityKind.Memory).Select(e => e.Name);

    /// <summary>A memory by its export.</summary>
    public SparseMemory? Memory(string export)
        => module.Exports.Find(e => e.Kind == EntityKind.Memory && e.Name == export) is { } found ? Instance?.Memories[found.Index] : null;

    /// <summary>A number that nothing gives.</summary>
    public ulong Default(string what, ulong mask) => scenario.Seed == 0 ? 0 : scenario.Derive(what, (ulong)Trace.Count) & mask;

    /// <summary>A call by the module.</summary>
    public Term[] Call(Instance instance, string key, string name, Signature signature, Term[] arguments)
    {
        var number = _calls.GetValueOrDefault(key);
        _calls[key] = number + 1;
        Record(instance, $"{name}({Text(signature.Parameters, arguments)})", key);
        if (_callsBack && _made && (!scenario.IsPatient || signature.Parameters.Length + signature.Results.Length == 0))
        {
            _callsBack = false;
            Enter(instance, scenario.Callback!);
            _callsBack = scenario.IsPatient;
        }

        var given = scenario.HostResults.TryGetValue(key, out var calls) && number < calls.Count ? calls[number] : null;
        return [.. signature.Results.Select((kind, k) => IsReference(kind) ? instance.Number(0, kind)
            : instance.Number(given is not null && given.TryGetValue(k, out var known) ? known
                : scenario.IsPatient ? number % 2 == 0 ? ulong.MaxValue : 0 : Default($"{key} {k}", 0xFFF), kind))];
    }

    private bool IsMade(Instance instance)
    {
        try
        {
            instance.Instantiate();
            _made = true;
        }
        catch (TrapException e)
        {
            Record(instance, $"no instance: {e.Kind}", "");
            return false;
        }

        See(exported: true);
        Record(instance, "the instance is made", "");
        return true;
    }

    /// <summary>What the host does before its last call: grow and write what it can see.</summary>
    private void Prepare(Instance instance)
    {
        foreach (var (place, kind, index) in _visible)
        {
            if (kind == EntityKind.Global && module.Globals[index].Mutable && scenario.Globals.TryGetValue(place, out var bits))
            {
                instance.Globals[index] = instance.Number(bits, module.Globals[index].Kind);
            }

            if (kind != EntityKind.Memory)
            {
                continue;
            }

            if (scenario.Pages.TryGetValue(place, out var pages) && pages > instance.Memories[index].Pages)
            {
                instance.Memories[index].Grow(pages - instance.Memories[index].Pages);
            }

            if (scenario.Seed != 0)
            {
                instance.Memories[index].Fill(instance.Given(place));
            }
        }

        foreach (var ((place, address), value) in scenario.Bytes)
        {
            foreach (var memory in _visible.Where(v => v.Kind == EntityKind.Memory && v.Place == place).Select(v => instance.Memories[v.Index]).Where(m => m.Contains(address, 1)))
            {
                memory[address] = value;
            }
        }

        instance.FillTables(_visible.Where(v => v.Kind == EntityKind.Table).Select(v => (v.Place, v.Index)));
    }

    private void Enter(Instance instance, HostCall call)
    {
        var what = $"{call.Entry}({string.Join(", ", call.Arguments)})";
        var export = module.Exports.Find(e => e.Name == call.Entry.Export);
        var function = export is null ? -1 : call.Entry.Slot < 0 ? export.Index
            : call.Entry.Slot < instance.Tables[export.Index].Count ? (int)Math.Min(instance.Tables[export.Index][call.Entry.Slot], int.MaxValue) - 1 : -1;
        if (function < 0 || function >= module.Functions.Count || module.Functions[function].Signature.Parameters.Length != call.Arguments.Length)
        {
            Record(instance, what + " is no such function", "");
            return;
        }

        try
        {
            var results = instance.Enter(function, call.Arguments);
            Record(instance, $"{what} returns ({Text(module.Functions[function].Signature.Results, results)})", "");
        }
        catch (TrapException e)
        {
            Record(instance, $"{what} traps: {e.Kind}", "");
        }
    }

    private void See(bool exported)
    {
        var imports = module.Memories.Select(m => (m.Import, EntityKind.Memory, m.Index)).Concat(module.Globals.Select(g => (g.Import, EntityKind.Global, g.Index)))
            .Concat(module.Tables.Select(t => (t.Import, EntityKind.Table, t.Index))).Where(e => e.Import is not null).Select(e => (e.Import!.Key, e.Item2, e.Index));
        var exports = module.Exports.Where(e => exported && e.Kind is EntityKind.Memory or EntityKind.Global or EntityKind.Table).Select(e => (e.Name, e.Kind, e.Index));
        _visible = [.. imports.Concat(exports).OrderBy(e => e.Item1, StringComparer.Ordinal).ThenBy(e => e.Item2)];
    }

    /// <summary>Writes down what happened, with what can be seen then.</summary>
    private void Record(Instance instance, string what, string key)
    {
        var state = 0UL;
        foreach (var (place, kind, index) in _visible.Where(v => v.Kind != EntityKind.Table))
        {
            unchecked
            {
                state = kind == EntityKind.Memory ? state * 31 + instance.Memories[index].Fingerprint * 7 + instance.Memories[index].Pages
                    : IsReference(module.Globals[index].Kind) || module.Globals[index].Kind == ValueKind.V128 ? state : state * 31 + instance.Globals[index].Value;
            }
        }

        Trace.Add(new HostEvent(what, key, state));
        if (Trace.Count >= (scenario.IsPatient ? MaximumEventsOfPatient : MaximumEvents) || other is not null && (Trace.Count > other.Count || Trace[^1] != other[Trace.Count - 1]))
        {
            throw new GiveUpException("enough was seen");
        }
    }

    private static bool IsReference(ValueKind kind) => kind is ValueKind.FunctionReference or ValueKind.ExternReference;

    /// <summary>Values as the host tells them apart; of references only whether they are null.</summary>
    private static string Text(IEnumerable<ValueKind> kinds, Term[] values) => string.Join(", ", kinds.Zip(values).Select(v =>
        IsReference(v.First) ? v.Second.Value == 0 ? "null" : "a reference"
        : string.Join(' ', (v.First == ValueKind.V128 ? v.Second.Args : [v.Second]).Select(half => half.Value.ToString(CultureInfo.InvariantCulture)))));
}
