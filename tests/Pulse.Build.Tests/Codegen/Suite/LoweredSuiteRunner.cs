using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Ir;

namespace Pulse.Build.Tests.Codegen.Suite;

/// <summary>
/// Runs scripts of the core suite (JSON lines) on an emulated Cortex-M3. What is not lowered is refused by a diagnostic and counted by its
/// reason; nothing is left out in silence, and anything else than the expected outcome is a failure.
/// </summary>
internal sealed class LoweredSuiteRunner(LoweringSetting setting)
{
    private const string Unlinked = "what another instance exports";

    private readonly Dictionary<string, (LoweredModule? Module, string Refused)> _named = [];
    private (LoweredModule? Module, string Refused) _current;
    private List<LoweredModule> _loaded = [];

    public LoweredSuiteTally Tally { get; } = new();

    /// <summary>Runs a file.</summary>
    public void Run(string file)
    {
        _named.Clear();
        _current = (null, "no module");
        foreach (var line in File.ReadLines(file))
        {
            using var json = JsonDocument.Parse(line);
            var command = json.RootElement;
            try
            {
                Step(command);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Tally.Failures.Add($"{setting} {Path.GetFileName(file)}:{Line(command)} {exception.GetType().Name}: {exception.Message}");
            }
        }

        _loaded.ForEach(module => module.Dispose());
        _loaded = [];
    }

    private static int Line(JsonElement command) => command.TryGetProperty("l", out var l) ? l.GetInt32() : 0;

    private void Step(JsonElement command)
    {
        switch (command.GetProperty("c").GetString())
        {
            case "module":
                _current = (null, "failed");
                _current = Load(command);
                if (command.TryGetProperty("id", out var id))
                {
                    _named[id.GetString()!] = _current;
                }

                break;
            case "register" when Target(command).Module is { } shared:
                shared.Excuse = Unlinked;
                break;
            case "action" or "return":
                Judge(command, outcome => Returns(command, outcome));
                break;
            case "trap":
                Judge(command, outcome => !outcome.Faulted && CoreSuiteValues.Matches(command, outcome.Outcome!.Trap));
                break;
            case "exhaust":
                Judge(command, outcome => outcome.Outcome!.Trap == TrapKind.StackExhausted);
                break;
            case "uninstantiable":
                Uninstantiable(command);
                break;
            case "unlinkable":
                Tally.Count("types of imports: the firmware linker's symbols have none");
                break;
        }
    }

    private (LoweredModule? Module, string Refused) Load(JsonElement command)
    {
        Tally.Modules++;
        var wasm = command.GetProperty("wasm").GetBytesFromBase64();
        try
        {
            if (Foreign(wasm) is { } foreign)
            {
                Tally.RefuseModule(foreign);
                return (null, foreign);
            }

            var module = LoweredModule.Load(wasm, setting);
            _loaded.Add(module);
            if (module.RefusedParts > 0)
            {
                Tally.InPart++;
            }
            else
            {
                Tally.Whole++;
            }

            return module.Start() is { Outcome: { Returned: false } outcome } ? throw new InvalidOperationException($"start {outcome}") : (module, "");
        }
        catch (DiagnosticException e) when (e.Diagnostic.Code.StartsWith("PULSE4", StringComparison.Ordinal))
        {
            var reason = LoweredModule.Reason(e.Diagnostic);
            Tally.RefuseModule(reason);
            return (null, reason);
        }
    }

    /// <summary>Why a module cannot run on its own: it wants what another instance has.</summary>
    private static string? Foreign(byte[] wasm) => ModuleReader.Read(wasm, "suite").Imports.Exists(import => import.Module != "spectest")
        ? Unlinked
        : null;

    private void Judge(JsonElement command, Func<LoweredOutcome, bool> isRight)
    {
        var (module, refused) = Target(command);
        var outcome = module is null ? new LoweredOutcome(null, refused, false) : Act(module, command);
        if (outcome.Refused is { } reason)
        {
            Tally.Count(reason);
            return;
        }

        if (!isRight(outcome))
        {
            // What a refused call did not write may be what this one reads; nothing else excuses another outcome.
            Tally.Count(module!.Excuse ?? throw new InvalidOperationException($"unexpected outcome: {outcome.Outcome}"));
            return;
        }

        Tally.Faults += outcome.Faulted ? 1 : 0;
        Tally.Right++;
    }

    private (LoweredModule? Module, string Refused) Target(JsonElement command) =>
        command.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? _named[id.GetString()!] : _current;

    private static LoweredOutcome Act(LoweredModule module, JsonElement command)
    {
        var field = command.GetProperty("field").GetString()!;
        return command.GetProperty("a").GetString() == "get"
            ? new(new(OutcomeKind.Returned, [module.Get(field)]), null, false)
            : module.Invoke(field, [.. command.GetProperty("args").EnumerateArray().Select(CoreSuiteValues.Parse)]);
    }

    private static bool Returns(JsonElement command, LoweredOutcome outcome)
    {
        var expected = command.TryGetProperty("expect", out var expect) ? expect.EnumerateArray().ToArray() : [];
        return outcome.Outcome!.Returned && (command.GetProperty("c").GetString() == "action"
            || (expected.Length == outcome.Outcome.Results.Length && expected.Zip(outcome.Outcome.Results).All(pair => CoreSuiteValues.Same(pair.First, pair.Second))));
    }

    /// <summary>A segment outside its memory or table is refused when the module is lowered, instead of trapping at the start.</summary>
    private void Uninstantiable(JsonElement command)
    {
        var wasm = command.GetProperty("wasm").GetBytesFromBase64();
        if (Foreign(wasm) is { } foreign)
        {
            Tally.Count(foreign);
            return;
        }

        try
        {
            using var module = LoweredModule.Load(wasm, setting);
            var start = module.Start();
            if (start?.Refused is { } reason)
            {
                Tally.Count(reason);
                return;
            }

            Tally.Right += start is { Faulted: false, Outcome: { } outcome } && CoreSuiteValues.Matches(command, outcome.Trap)
                ? 1
                : throw new InvalidOperationException($"does not trap at the start: {start?.Outcome}");
        }
        catch (DiagnosticException e) when (e.Diagnostic.Id is DiagnosticId.PULSE4004 or DiagnosticId.PULSE4005)
        {
            Tally.Right++;
        }
    }
}

/// <summary>What a run of the suite counts.</summary>
internal sealed class LoweredSuiteTally
{
    private readonly SortedDictionary<string, int> _refusedModules = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _refused = new(StringComparer.Ordinal);

    public int Modules { get; set; }

    public int Whole { get; set; }

    public int InPart { get; set; }

    public int Right { get; set; }

    public int Faults { get; set; }

    public List<string> Failures { get; } = [];

    public int Refused => _refused.Values.Sum();

    public void RefuseModule(string reason) => _refusedModules[reason] = _refusedModules.GetValueOrDefault(reason) + 1;

    public void Count(string reason, int count = 1) => _refused[reason] = _refused.GetValueOrDefault(reason) + count;

    public override string ToString() => $"{Modules} modules: {Whole} whole, {InPart} in part, refused: {List(_refusedModules)}; "
        + $"{Right} right ({Faults} by a fault), {Refused} refused: {List(_refused)}; {Failures.Count} failures";

    private static string List(SortedDictionary<string, int> counts) => string.Join(", ", counts.Where(count => count.Value > 0).Select(count => $"{count.Value} {count.Key}"));
}
