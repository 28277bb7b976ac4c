using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Ir;

/// <summary>Runs scripts of the core suite (JSON lines) in the evaluator. What uses a feature outside the given set is counted as skipped.</summary>
internal sealed class CoreSuiteRunner(IReadOnlySet<string> features, Func<Module, Module> transform)
{
    private readonly Dictionary<string, Instance> _named = [];
    private readonly Dictionary<string, Program> _definitions = [];
    private readonly List<string> _skippedModules = [];
    private Imports _imports = new();
    private Instance? _current;
    private Program? _definition;

    public int Passed { get; private set; }

    public int Skipped { get; private set; }

    public List<string> Failures { get; } = [];

    public void Run(string file)
    {
        _named.Clear();
        _definitions.Clear();
        _skippedModules.Clear();
        (_current, _definition, _imports) = (null, null, Spectest());
        foreach (var line in File.ReadLines(file))
        {
            using var json = JsonDocument.Parse(line);
            var command = json.RootElement;
            try
            {
                Step(command);
            }
            catch (LinkException missing) when (_skippedModules.Any(name => missing.Message.Contains($"unknown import '{name}'", StringComparison.Ordinal)))
            {
                Skipped++;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Failures.Add($"{Path.GetFileName(file)}:{Line(command)} {exception.GetType().Name}: {exception.Message}");
            }
        }
    }

    private static int Line(JsonElement command) => command.TryGetProperty("l", out var l) ? l.GetInt32() : 0;

    private void Step(JsonElement command)
    {
        switch (command.GetProperty("c").GetString())
        {
            case "module":
                _current = null;
                _current = Load(command) is { } program ? Instance.Create(program, _imports) : null;
                Name(command, _current);
                break;
            case "definition":
                _definition = Load(command);
                if (_definition is not null && command.TryGetProperty("id", out var name))
                {
                    _definitions[name.GetString()!] = _definition;
                }

                break;
            case "instance":
                var definition = command.TryGetProperty("def", out var def) ? _definitions.GetValueOrDefault(def.GetString()!) : _definition;
                _current = definition is null ? null : Instance.Create(definition, _imports);
                Name(command, _current);
                break;
            case "register":
                if (Target(command) is { } registered)
                {
                    _imports.Add(command.GetProperty("as").GetString()!, registered);
                }
                else
                {
                    _skippedModules.Add(command.GetProperty("as").GetString()!);
                }

                break;
            case "action" or "return":
                Count(Return(command));
                break;
            case "trap":
                Count(Act(command) is { } trapped ? trapped.Kind == OutcomeKind.NotModelled ? null : Expect(CoreSuiteValues.Matches(command, trapped.Trap), trapped) : null);
                break;
            case "exhaust":
                Count(Act(command) is { } exhausted ? Expect(exhausted.Trap == TrapKind.StackExhausted, exhausted) : null);
                break;
            case "unlinkable":
                Count(Fails<LinkException>(command));
                break;
            case "uninstantiable":
                Count(Fails<TrapException>(command));
                break;
        }
    }

    private void Count(bool? passed)
    {
        Passed += passed == true ? 1 : 0;
        Skipped += passed is null ? 1 : 0;
    }

    private static bool Expect(bool holds, Outcome outcome) => holds ? true : throw new InvalidOperationException($"unexpected outcome: {outcome}");

    private Program? Load(JsonElement command)
    {
        if (command.TryGetProperty("feat", out var feats) && feats.EnumerateArray().Any(feat => !features.Contains(feat.GetString()!)))
        {
            return null;
        }

        return command.TryGetProperty("wasm", out var wasm)
            ? ProgramReader.Read(transform(ModuleReader.Read(wasm.GetBytesFromBase64(), "suite")))
            : null;
    }

    private void Name(JsonElement command, Instance? instance)
    {
        if (command.TryGetProperty("id", out var id))
        {
            _named.Remove(id.GetString()!);
            if (instance is not null)
            {
                _named[id.GetString()!] = instance;
            }
        }
    }

    private bool? Fails<T>(JsonElement command)
        where T : Exception
    {
        if (Load(command) is not { } program)
        {
            return null;
        }

        try
        {
            Instance.Create(program, _imports);
        }
        catch (T)
        {
            return true;
        }

        throw new InvalidOperationException($"no {typeof(T).Name}");
    }

    private Instance? Target(JsonElement command) =>
        command.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? _named.GetValueOrDefault(id.GetString()!) : _current;

    private Outcome? Act(JsonElement command)
    {
        if (Target(command) is not { } instance)
        {
            return null;
        }

        var field = command.GetProperty("field").GetString()!;
        if (command.GetProperty("a").GetString() == "get")
        {
            return new Outcome(OutcomeKind.Returned, [((GlobalInstance)instance.Export(field)!).Value]);
        }

        var arguments = command.GetProperty("args").EnumerateArray().Select(CoreSuiteValues.Parse).ToArray();
        return instance.Invoke(field, arguments);
    }

    private bool? Return(JsonElement command)
    {
        if (Act(command) is not { } outcome || outcome.Kind == OutcomeKind.NotModelled)
        {
            return null;
        }

        if (!command.TryGetProperty("expect", out var expected))
        {
            return true;
        }

        var values = expected.EnumerateArray().ToArray();
        var same = outcome.Returned && values.Length == outcome.Results.Length
            && values.Zip(outcome.Results).All(pair => CoreSuiteValues.Same(pair.First, pair.Second));
        return Expect(same, outcome);
    }

    private static Imports Spectest()
    {
        var imports = new Imports();
        foreach (var (name, types) in new (string, ValType[])[]
        {
            ("print", []), ("print_i32", [ValType.I32]), ("print_i64", [ValType.I64]), ("print_f32", [ValType.F32]), ("print_f64", [ValType.F64]),
            ("print_i32_f32", [ValType.I32, ValType.F32]), ("print_f64_f64", [ValType.F64, ValType.F64]),
        })
        {
            imports.Add("spectest", name, FuncType.Of(types, []), _ => []);
        }

        return imports
            .Add("spectest", "global_i32", new GlobalInstance(RuntimeValue.I32(666), false))
            .Add("spectest", "global_i64", new GlobalInstance(RuntimeValue.I64(666), false))
            .Add("spectest", "global_f32", new GlobalInstance(RuntimeValue.F32(666.6f), false))
            .Add("spectest", "global_f64", new GlobalInstance(RuntimeValue.F64(666.6), false))
            .Add("spectest", "table", new TableInstance(ValType.FuncRef, new Limits(10, 20)))
            .Add("spectest", "table64", new TableInstance(ValType.FuncRef, new Limits(10, 20, Is64: true)))
            .Add("spectest", "memory", new MemoryInstance(new Limits(1, 2)))
            .Add("spectest", "shared_memory", new MemoryInstance(new Limits(1, 2, Shared: true)));
    }
}
