using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// The facts of the object: a call of the module survives when the caller's machine code still goes to the callee. Names that share a place
/// are one function, so a thunk that became an alias costs nothing and the walk goes on behind it.
/// </summary>
internal sealed class ObjectCallFacts : ICallFacts
{
    private readonly Module _module;
    private readonly string _path;
    private readonly MachinePlace?[] _places;
    private readonly Dictionary<MachinePlace, MachineFunction> _code;
    private readonly ILookup<MachinePlace, FuncIndex> _functions;

    /// <summary>Reads the code of every function.</summary>
    /// <param name="module">The module that was lowered.</param>
    /// <param name="path">Its file.</param>
    /// <param name="machineCode">The object.</param>
    /// <param name="symbols">The symbol of each function of the module, by index.</param>
    public ObjectCallFacts(Module module, string path, ElfObject machineCode, IReadOnlyList<string> symbols)
    {
        (_module, _path) = (module, path);
        var defined = machineCode.Symbols.Where(symbol => symbol.Name.Length > 0 && !symbol.IsMapping).ToLookup(symbol => symbol.Name, StringComparer.Ordinal);
        _places = [.. symbols.Select(name => defined[name].Select(symbol => (MachinePlace?)MachinePlace.Of(symbol)).FirstOrDefault())];
        _functions = Enumerable.Range(0, _places.Length).Where(i => _places[i] is not null).ToLookup(i => _places[i]!.Value, i => new FuncIndex(i));
        _code = new MachineFunctionReader(machineCode).ReadAll();
    }

    public IReadOnlyList<WasmCall> Surviving(FuncIndex caller)
    {
        var seen = new HashSet<FuncIndex>();
        while (seen.Add(caller) && Alias(caller) is { } other)
        {
            caller = other;
        }

        if (CodeOf(caller) is not { } code)
        {
            return [];
        }

        var targets = code.Calls.Select(call => call.Target).OfType<MachinePlace>().ToHashSet();
        var calls = WasmCalls.In(_module, caller, _path)
            .Where(call => call.Callee is { } callee ? PlaceOf(callee) is { } place && targets.Contains(place) : code.Calls.Any(c => c.Target is null))
            .ToList();
        targets.ExceptWith(calls.Select(call => call.Callee is { } callee ? PlaceOf(callee) : null).OfType<MachinePlace>());
        calls.AddRange(Others(caller, targets));
        return calls;
    }

    public int Cycles(WasmCall call, IReadOnlyList<FuncIndex> targets)
    {
        var place = call.Callee is { } callee ? PlaceOf(callee) : null;
        var moves = 0;
        var isTail = false;
        foreach (var machine in CodeOf(call.Caller)?.Calls.Where(machine => machine.Target == place) ?? [])
        {
            moves = Math.Max(moves, machine.Moves);
            isTail = machine.IsTail;
        }

        // What a branch that does not come back saves is the caller's own return.
        var frame = place is { } direct ? Frame(direct) : targets.Select(target => PlaceOf(target) is { } p ? Frame(p) : 0).DefaultIfEmpty(UnknownFrame).Max();
        return CallCycles.Branch + moves + frame + (call.Callee is null ? CallCycles.IndirectDispatch : 0) - (isTail ? CallCycles.Return : 0);
    }

    private static int UnknownFrame => CallCycles.UnknownFrame + CallCycles.Return;

    /// <summary>The function that <paramref name="caller"/> calls and shares its place with: the caller is only another name.</summary>
    private FuncIndex? Alias(FuncIndex caller)
    {
        if (PlaceOf(caller) is not { } place || _functions[place].Count() < 2)
        {
            return null;
        }

        return WasmCalls.In(_module, caller, _path).Select(call => call.Callee).FirstOrDefault(callee => callee is { } f && f != caller && PlaceOf(f) == place);
    }

    /// <summary>Calls that only the machine code has: of functions of the module; the runtime's routines are instructions, not calls.</summary>
    private IEnumerable<WasmCall> Others(FuncIndex caller, HashSet<MachinePlace> targets) =>
        targets.SelectMany(place => _functions[place].Take(1))
            .OrderBy(callee => callee.Index)
            .Select(callee => new WasmCall(caller, callee, new TableIndex(0), new TypeIndex(0), _module.Functions[caller.Index].Body!.Offset, 0));

    private int Frame(MachinePlace place) => _code.TryGetValue(place, out var code) ? code.Enter + code.Leave : UnknownFrame;

    private MachinePlace? PlaceOf(FuncIndex function) => function.Index < _places.Length ? _places[function.Index] : null;

    private MachineFunction? CodeOf(FuncIndex function) => PlaceOf(function) is { } place ? _code.GetValueOrDefault(place) : null;
}
