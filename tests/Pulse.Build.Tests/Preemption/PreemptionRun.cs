using System.Globalization;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// Builds a program's firmware as a project does, and interrupts it between any two instructions, by every handler: what it leaves behind has to be
/// what an interleaving explains, and neither stack leaves its plan.
/// </summary>
internal sealed class PreemptionRun
{
    private const string BoardName = "stm32vldiscovery";
    private const byte ShadowPaint = 0x5A;
    private readonly PreemptedProgram _program;
    private readonly FuzzRandom _random;
    private readonly Interleavings _interleavings;
    private readonly string _setting;
    private readonly LowerResult _lowered;
    private readonly Module _optimized;

    /// <summary>Builds in settings that depend on <paramref name="random"/>.</summary>
    public PreemptionRun(PreemptedProgram program, FuzzRandom random, VerifyLevel verify = VerifyLevel.Off)
    {
        (_program, _random) = (program, random);
        var (mode, bounds) = ((OptimizeMode)random.Below(3), random.Once(3) ? BoundsChecks.None : BoundsChecks.Software);
        _setting = $"{program.Name} ({mode}, {bounds}, {string.Join(' ', program.Handlers.Select(handler => $"{handler.Export}={handler.Priority}"))})";
        var said = new DiagnosticList();
        var optimized = WasmOptimizer.Optimize(
            new OptimizeOptions { Module = new InputFile(program.Name + ".wasm", program.Wasm), Handlers = program.Handlers, Mode = mode, Verify = verify, Inline = !random.Once(3) }, said);
        Assert.IsNotNull(optimized, $"{_setting}: {string.Join("\n", said)}\n{program.Source}");
        var lowered = ThumbCompiler.Lower(
            new LowerOptions { Module = new InputFile("optimised.wasm", optimized.Module), Board = BoardName, Bounds = bounds, Mode = mode, InterruptHandlers = program.Handlers }, said);
        Assert.IsNotNull(lowered, $"{_setting}: {string.Join("\n", said)}\n{program.Source}");
        (_lowered, _optimized) = (lowered, ModuleReader.Read(optimized.Module, "optimised.wasm"));
        _interleavings = new Interleavings(program);
    }

    /// <summary>Instructions of the run that nothing interrupts.</summary>
    public int Instructions { get; private set; }

    /// <summary>Runs with handlers.</summary>
    public int Preemptions { get; private set; }

    /// <summary>Those in which a handler interrupted another.</summary>
    public int Nested { get; private set; }

    /// <summary>Boundaries at which interrupts were masked.</summary>
    public int Masked { get; private set; }

    /// <summary>Different final states.</summary>
    public int States => _explained.Count;

    /// <summary>Most bytes of the machine stack, and what was computed.</summary>
    public (uint Used, uint Computed) Stack { get; private set; }

    /// <summary>Bytes of the stack in linear memory that no run touched.</summary>
    public int ShadowFree { get; private set; } = int.MaxValue;

    private readonly HashSet<string> _explained = [];
    private readonly bool _verbose = Environment.GetEnvironmentVariable("PULSE_STRESS_LISTING") == "1";

    /// <summary>Interrupts at every boundary, or at every <paramref name="stride"/>-th; false when the program is too long for that.</summary>
    public bool Check(int stride = 1, int longest = 1500)
    {
        using var machine = new CortexM(_lowered.Image!.Elf, Boards.Find(BoardName), "run");
        var (begin, memory) = (machine.Save(), machine.AddressOf(ModulePlan.MemorySymbol(0)));
        machine.Fill(memory, _program.DataStart, ShadowPaint);
        begin = machine.Save();
        while (machine.At != CortexM.End)
        {
            machine.Step();
            if (++Instructions > longest)
            {
                return false;
            }
        }

        var rest = Rest(machine);
        Expect(machine, rest, [], 1, "undisturbed");
        var lengths = _program.Handlers.Select(handler => Measure(machine, begin, handler.Export)).ToArray();
        machine.Restore(begin);
        machine.RunToEnd();
        Expect(machine, rest, [], 1, "in one go");
        machine.Restore(begin);
        for (var k = 0; k <= Instructions && (k == Instructions || machine.At != CortexM.End); k++)
        {
            if (machine.IsMasked)
            {
                Masked++;
            }
            else if (k % stride == 0)
            {
                var here = machine.Save();
                Interrupt(machine, here, rest, lengths, k);
                machine.Restore(here);
            }

            if (machine.At == CortexM.End)
            {
                break;
            }

            machine.Step();
        }

        return true;
    }

    private void Interrupt(CortexM machine, Snapshot here, byte[] rest, int[] lengths, int k)
    {
        var guess = (double)k / Instructions;
        for (var first = 0; first < lengths.Length; first++)
        {
            machine.Restore(here);
            machine.Interrupt(AddressOf(machine, first));
            machine.RunToEnd();
            Expect(machine, rest, [first], guess, $"{_program.Handlers[first].Export} before instruction {k}");
            for (var second = 0; second < lengths.Length; second++)
            {
                if (first != second && _random.Once(2))
                {
                    machine.Restore(here);
                    Both(machine, rest, lengths, guess, k, first, second);
                }
            }
        }
    }

    /// <summary>The second handler inside the first where its priority allows, and otherwise some instructions after it.</summary>
    private void Both(CortexM machine, byte[] rest, int[] lengths, double guess, int k, int first, int second)
    {
        var nests = _program.Handlers[second].Priority < _program.Handlers[first].Priority && !_random.Once(4);
        var after = _random.Below(nests ? lengths[first] : Math.Min(40, Instructions - k));
        if (nests)
        {
            machine.Interrupt(AddressOf(machine, first), () =>
            {
                Advance(machine, after);
                machine.Interrupt(AddressOf(machine, second));
                machine.RunToEnd();
            });
            Nested++;
        }
        else
        {
            machine.Interrupt(AddressOf(machine, first));
            Advance(machine, after);
            machine.Interrupt(AddressOf(machine, second));
        }

        machine.RunToEnd();
        Expect(machine, rest, [first, second], guess,
            $"{_program.Handlers[first].Export} before instruction {k}, {_program.Handlers[second].Export} {after} {(nests ? "inside it" : "later")}");
    }

    /// <summary>Some instructions, and on to where interrupts are enabled.</summary>
    private static void Advance(CortexM machine, int instructions)
    {
        for (var i = 0; (i < instructions || machine.IsMasked) && machine.At != CortexM.End; i++)
        {
            machine.Step();
        }
    }

    private uint AddressOf(CortexM machine, int handler) => machine.AddressOf(_program.Handlers[handler].Export);

    private static int Measure(CortexM machine, Snapshot begin, string handler)
    {
        machine.Restore(begin);
        var length = 0;
        machine.Interrupt(machine.AddressOf(handler), () =>
        {
            for (; machine.At != CortexM.End; length++)
            {
                machine.Step();
            }
        });
        return length;
    }

    private void Expect(CortexM machine, byte[] rest, int[] handlers, double guess, string what)
    {
        Preemptions += handlers.Length > 0 ? 1 : 0;
        Stack = (Math.Max(Stack.Used, machine.StackUsed), _lowered.Stack!.Depth);
        Assert.IsLessThanOrEqualTo(Stack.Computed, Stack.Used, $"{_setting}, {what}: machine stack\n{_program.Source}");
        var shadow = machine.Ram(machine.AddressOf(ModulePlan.MemorySymbol(0)), _program.DataStart);
        ShadowFree = Math.Min(ShadowFree, shadow.IndexOfAnyExcept(ShadowPaint) is var free && free < 0 ? _program.DataStart : free);
        Assert.IsGreaterThan(0, ShadowFree, $"{_setting}, {what}: the stack in linear memory is used up\n{_program.Source}");
        Assert.IsTrue(Rest(machine).AsSpan().SequenceEqual(rest), $"{_setting}, {what}: something outside of the memory and the exported globals differs, such as the stack pointer\n{_program.Source}");
        var state = StateOf(machine);
        if (!_explained.Contains(Key(handlers, state)))
        {
            Assert.IsTrue(_interleavings.Explain(state, handlers, guess),
                $"{_setting}, {what}: no interleaving ends in\n{Convert.ToHexString(state)}\nexplained are\n{_interleavings.Describe()}\n{_program.Source}\n{(_verbose ? _lowered.Listing : "")}");
            _explained.Add(Key(handlers, state));
        }
    }

    private static string Key(int[] handlers, byte[] state) => string.Join(',', handlers.Order().Select(handler => handler.ToString(CultureInfo.InvariantCulture))) + Convert.ToHexString(state);

    private byte[] StateOf(CortexM machine)
    {
        var memory = machine.Ram(machine.AddressOf(ModulePlan.MemorySymbol(0)) + (uint)_program.DataStart, _program.DataEnd - _program.DataStart).ToArray();
        return [.. memory, .. Globals.SelectMany(symbol => machine.Ram(machine.AddressOf(symbol), 4).ToArray())];
    }

    private IEnumerable<string> Globals => _optimized.Exports.Where(export => export.Kind == ExternKind.Global).Select(export => ModulePlan.GlobalSymbol(export.Index));

    /// <summary>Variables that no interleaving changes: all but the memory and the exported globals.</summary>
    private byte[] Rest(CortexM machine)
    {
        var begin = machine.StackTop;
        var bytes = machine.Ram(begin, (int)(machine.AddressOf(LinkerSymbols.BssEnd) - begin)).ToArray();
        bytes.AsSpan((int)(machine.AddressOf(ModulePlan.MemorySymbol(0)) - begin), _program.DataEnd).Clear();
        foreach (var symbol in Globals)
        {
            bytes.AsSpan((int)(machine.AddressOf(symbol) - begin), 4).Clear();
        }

        return bytes;
    }
}
