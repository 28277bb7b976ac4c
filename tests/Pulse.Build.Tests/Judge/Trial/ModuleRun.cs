using System.Globalization;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>
/// One run of a module by a <see cref="HostScript"/> in the evaluator, as lines: what it offers, each call of the host with all that the host
/// can see at that moment, and how each call from outside ends. What only the module sees is in no line.
/// </summary>
internal sealed class ModuleRun
{
    private readonly Program _program;
    private readonly HostScript _script;
    private readonly long _fuel;
    private readonly HostView _view;
    private readonly List<string> _lines = [];
    private Instance? _instance;
    private bool _isReady;
    private int _step;
    private int _events;
    private int _depth;

    private ModuleRun(Program program, HostScript script, long fuel)
    {
        (_program, _script, _fuel) = (program, script, fuel);
        _view = new HostView(program.Module, script.Original, Called);
    }

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Whether the run was given up: out of fuel, the stack exhausted, or at something that the evaluator does not run.</summary>
    public OutcomeKind? Cut { get; private set; }

    public static ModuleRun Of(Program program, HostScript script, long fuel)
    {
        var run = new ModuleRun(program, script, fuel);
        try
        {
            run.Go();
            run._lines.Add("end");
        }
        catch (HostStoppedException)
        {
            run._lines.Add("the host stopped it");
        }
        catch (EvaluationStoppedException stopped)
        {
            run.Cut = stopped.Kind;
        }

        return run;
    }

    private void Go()
    {
        _lines.Add(_view.Surface);
        _instance = Instance.Link(_program, _view.Imports);
        _view.Attach(_instance);
        try
        {
            _instance.Initialise();
        }
        catch (TrapException trap)
        {
            _lines.Add($"instantiation trapped: {trap.Kind} {_view.State(false)}");
            return;
        }

        if (_program.Module.Start is { } start && !Call("start", _instance.Functions[start.Index], []))
        {
            return;
        }

        _isReady = true;
        _lines.Add("ready " + _view.State(true));
        for (var i = 0; i < HostScript.Entries; i++)
        {
            var random = _script.At(_step++);
            if (_script.Interferes)
            {
                _view.Write(_script, random, true);
            }

            Enter(random);
        }
    }

    private void Enter(FuzzRandom random)
    {
        if (_view.Entries(random) is var (name, function))
        {
            Call(name, function, [.. function.Type.Parameters.Select(type => Value(type, random))]);
        }
    }

    /// <summary>Whether it returned.</summary>
    private bool Call(string name, FunctionInstance function, RuntimeValue[] arguments)
    {
        _lines.Add($"{name}({Text(arguments)}) is called");
        var outcome = new Evaluator(new EvaluationOptions { Fuel = _fuel, MaximumDepth = 400 }).Call(function, arguments);
        if (outcome.Kind is not (OutcomeKind.Returned or OutcomeKind.Trapped) || outcome.Trap == TrapKind.StackExhausted)
        {
            throw new EvaluationStoppedException(outcome.Kind);
        }

        _lines.Add($"{name} {(outcome.Returned ? "returned " + Text(outcome.Results) : "trapped: " + outcome.Trap)} {_view.State(_isReady)}");
        return outcome.Returned;
    }

    /// <summary>The module calls the host.</summary>
    private RuntimeValue[] Called(string name, FuncType type, RuntimeValue[] arguments)
    {
        _lines.Add($"host {name}({Text(arguments)}) {_view.State(_isReady)}");
        if (++_events >= HostScript.MaximumEvents)
        {
            throw new HostStoppedException();
        }

        var random = _script.At(_step++);
        if (_script.Interferes)
        {
            _view.Write(_script, random, _isReady);
            if (_isReady && _depth == 0 && random.Once(4))
            {
                _depth++;
                Enter(random);
                _depth--;
            }
        }

        return [.. type.Results.Select(result => Value(result, random))];
    }

    private RuntimeValue Value(ValType type, FuzzRandom random) => type switch
    {
        ValType.FuncRef => new RuntimeValue(type, 0),
        ValType.ExternRef => new RuntimeValue(type, 0, random.Once(2) ? null : "object"),
        _ => RuntimeValue.OfBits(type, _script.Value(type, random)),
    };

    private string Text(IEnumerable<RuntimeValue> values) => string.Join(", ", values.Select(_view.Text));
}

/// <summary>The host has seen enough calls.</summary>
internal sealed class HostStoppedException : Exception;
