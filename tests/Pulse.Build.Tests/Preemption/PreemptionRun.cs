using System.Globalization;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// Builds a program's firmware as a project does, and interrupts it between any two instructions, by every handler: what it leaves behind has to be
/// what an interleaving explains, and neither stack leaves its plan.
/// </summary>
internal sealed class PreemptionRun : IDisposable
{
    private const string BoardName = "stm32vldiscovery";
    private const byte ShadowPaint = 0x5A;
    private readonly PreemptedProgram _program;
    private readonly FuzzRandom _random;
    private readonly Interleavings _interleavings;
    private readonly Dictionary<string, int> _explained = [];
    private readonly string _about;
    private readonly Module _optimized;
    private readonly CortexM _machine;
    private readonly uint _memory;
    private byte[] _rest = [];
    private int[] _lengths = [];
    private int _place;

    /// <summary>
    /// Builds in settings that depend on <paramref name="random"/>; without proofs, so that what the optimiser does is tried even where the judge
    /// would have refused it. Unless <paramref name="isTold"/>, the optimiser does not know that there are handlers.
    /// </summary>
    public PreemptionRun(PreemptedProgram program, FuzzRandom random, bool isTold = true)
    {
        (_program, _random) = (program, random);
        var (mode, bounds) = ((OptimizeMode)random.Below(3), random.Once(3) ? BoundsChecks.None : BoundsChecks.Software);
        _about = $"{program.Name} ({mode}, {bounds}, {string.Join(' ', program.Handlers.Select(handler => $"{handler.Export}={handler.Priority}"))}):\n{program.Source}";
        var said = new DiagnosticList();
        var optimized = WasmOptimizer.Optimize(
            new OptimizeOptions { Module = new InputFile(program.Name + ".wasm", program.Wasm), Handlers = isTold ? program.Handlers : [], Mode = mode, Verify = VerifyLevel.Off, Inline = !random.Once(3) }, said);
        Assert.IsNotNull(optimized, $"{string.Join("\n", said)}\n{_about}");
        var lowered = ThumbCompiler.Lower(
            new LowerOptions { Module = new InputFile("optimised.wasm", optimized.Module), Board = BoardName, Bounds = bounds, Mode = mode, InterruptHandlers = program.Handlers }, said);
        Assert.IsNotNull(lowered, $"{string.Join("\n", said)}\n{_about}");
        _optimized = ModuleReader.Read(optimized.Module, "optimised.wasm");
        _interleavings = new Interleavings(program);
        Stack = (0, lowered.Stack!.Depth);
        var entered = ModuleReader.Read(program.Wasm, program.Name);
        InterruptEntries.Add(entered, program.Handlers.Select(handler => handler.Export));
        ShadowPlan = ShadowStackPlan.Of(ProgramReader.Read(entered), ["run"], program.Handlers).FirstOrDefault(plan => plan.Global == program.StackPointer)?.Bytes;
        _machine = new CortexM(lowered.Image!.Elf, Boards.Find(BoardName), "run");
        _memory = _machine.AddressOf(ModulePlan.MemorySymbol(0));
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

    /// <summary>Bytes of the stack in linear memory that the program and its handlers can take as fusion computes it; null where that has no bound.</summary>
    public long? ShadowPlan { get; }

    /// <summary>Bytes of the stack in linear memory that no run touched.</summary>
    public int ShadowFree { get; private set; } = int.MaxValue;

    /// <summary>Most bytes of it that a run used.</summary>
    public int ShadowUsed => _program.DataStart - ShadowFree;

    /// <summary>Interrupts at every boundary; false when the program is longer than <paramref name="longest"/> instructions.</summary>
    public bool Check(int longest = 700, bool inPairs = true)
    {
        _machine.Fill(_memory, _program.DataStart, ShadowPaint);
        var begin = _machine.Save();
        for (; _machine.At != CortexM.End; Instructions++, _machine.Step())
        {
            if (Instructions == longest)
            {
                return false;
            }
        }

        _rest = Rest();
        Expect([], "step by step");
        _machine.Restore(begin);
        _machine.RunToEnd();
        Expect([], "in one go");
        _lengths = [.. Enumerable.Range(0, _program.Handlers.Length).Select(handler => Measure(begin, handler))];
        _machine.Restore(begin);
        for (var k = 0; _machine.At != CortexM.End; k++, _machine.Step())
        {
            if (_machine.IsMasked)
            {
                Masked++;
            }
            else
            {
                var here = _machine.Save();
                Interrupt(here, k, inPairs);
                _machine.Restore(here);
            }
        }

        return true;
    }

    public void Dispose() => _machine.Dispose();

    private void Interrupt(Snapshot here, int k, bool inPairs)
    {
        for (var first = 0; first < _lengths.Length; first++)
        {
            _machine.Restore(here);
            Preemptions++;
            _machine.Interrupt(AddressOf(first));
            _machine.RunToEnd();
            Expect([first], $"{Name(first)} before instruction {k}");
            for (var second = 0; second < _lengths.Length; second++)
            {
                if (inPairs && first != second && _random.Once(3))
                {
                    _machine.Restore(here);
                    Both(k, first, second);
                }
            }
        }
    }

    /// <summary>
    /// The second handler inside the first where its priority allows, and otherwise some instructions after it; sometimes the last one inside the
    /// second.
    /// </summary>
    private void Both(int k, int first, int second)
    {
        var nests = Precedes(second, first) && !_random.Once(4);
        var third = Enumerable.Range(0, _lengths.Length).FirstOrDefault(handler => handler != first && Precedes(handler, second), -1);
        third = _random.Once(8) ? third : -1;
        var after = _random.Below(nests ? _lengths[first] : Math.Min(40, Instructions - k));
        var (inSecond, what) = (_random.Below(_lengths[second]), $"{Name(first)} before instruction {k}, {Name(second)} {after} {(nests ? "inside it" : "later")}");
        Action? withThird = third < 0 ? null : () =>
        {
            Advance(inSecond);
            _machine.Interrupt(AddressOf(third));
            _machine.RunToEnd();
        };
        Action withSecond = () =>
        {
            Advance(after);
            _machine.Interrupt(AddressOf(second), withThird);
            _machine.RunToEnd();
        };
        Preemptions++;
        Nested += (nests ? 1 : 0) + (third < 0 ? 0 : 1);
        _machine.Interrupt(AddressOf(first), nests ? withSecond : null);
        if (nests)
        {
            _machine.RunToEnd();
        }
        else
        {
            withSecond();
        }

        if (third < 0)
        {
            Expect([first, second], what);
        }
        else
        {
            // How three interleave is too much to search; their stacks and what they have to keep are looked at.
            CheckKept($"{what}, {Name(third)} {inSecond} inside that");
        }
    }

    private bool Precedes(int handler, int other) => _program.Handlers[handler].Priority < _program.Handlers[other].Priority;

    private string Name(int handler) => _program.Handlers[handler].Export;

    /// <summary>Some instructions, and on to where interrupts are enabled.</summary>
    private void Advance(int instructions)
    {
        for (var i = 0; (i < instructions || _machine.IsMasked) && _machine.At != CortexM.End; i++)
        {
            _machine.Step();
        }
    }

    private uint AddressOf(int handler) => _machine.AddressOf(_program.Handlers[handler].Export);

    private int Measure(Snapshot begin, int handler)
    {
        _machine.Restore(begin);
        var length = 0;
        _machine.Interrupt(AddressOf(handler), () =>
        {
            for (; _machine.At != CortexM.End; length++)
            {
                _machine.Step();
            }
        });
        return length;
    }

    private void CheckKept(string what)
    {
        Stack = Stack with { Used = Math.Max(Stack.Used, _machine.StackUsed) };
        Assert.IsLessThanOrEqualTo(Stack.Computed, Stack.Used, $"{what}: machine stack\n{_about}");
        var unused = _machine.Ram(_memory, _program.DataStart).IndexOfAnyExcept(ShadowPaint);
        ShadowFree = Math.Min(ShadowFree, unused < 0 ? _program.DataStart : unused);
        Assert.IsGreaterThan(0, ShadowFree, $"{what}: the stack in linear memory is used up\n{_about}");
        Assert.IsTrue(ShadowPlan is not { } plan || ShadowUsed <= plan, $"{what}: {ShadowUsed} bytes of the stack in linear memory are used, {ShadowPlan} were computed\n{_about}");
        Assert.IsTrue(Rest().AsSpan().SequenceEqual(_rest), $"{what}: something outside of the memory and the exported globals differs, such as the stack pointer\n{_about}");
    }

    private void Expect(int[] handlers, string what)
    {
        CheckKept(what);
        var (state, isSingle) = (StateOf(), handlers.Length == 1);
        if (!_explained.TryGetValue(Key(handlers, state), out var place))
        {
            var explained = _interleavings.Explain(state, handlers, _place);
            Assert.IsNotNull(explained, $"{what}: no interleaving ends in\n{Convert.ToHexString(state)}\nexplained are\n{_interleavings.Describe()}\n{_about}");
            _explained.Add(Key(handlers, state), place = explained.Value);
        }

        // The next one is looked for from here.
        _place = isSingle ? place : _place;
    }

    private static string Key(int[] handlers, byte[] state) => string.Join(',', handlers.Order().Select(handler => handler.ToString(CultureInfo.InvariantCulture))) + Convert.ToHexString(state);

    /// <summary>What is compared, in the order of <see cref="Interleavings"/>; a global that nothing uses is left out by the linker.</summary>
    private byte[] StateOf()
    {
        var memory = _machine.Ram(_memory + (uint)_program.DataStart, _program.DataEnd - _program.DataStart).ToArray();
        var undisturbed = _interleavings.Undisturbed[memory.Length..];
        return [.. memory, .. Globals.Index().SelectMany(g => _machine.Has(g.Item) ? _machine.Ram(_machine.AddressOf(g.Item), 4).ToArray() : undisturbed[(g.Index * 4)..][..4])];
    }

    private IEnumerable<string> Globals => _optimized.Exports.Where(export => export.Kind == ExternKind.Global).Select(export => ModulePlan.GlobalSymbol(export.Index));

    /// <summary>Variables that no interleaving changes: all but the memories and the exported globals.</summary>
    private byte[] Rest()
    {
        var begin = _machine.StackTop;
        var bytes = _machine.Ram(begin, (int)(_machine.AddressOf(LinkerSymbols.BssEnd) - begin)).ToArray();
        bytes.AsSpan((int)(_memory - begin), _program.DataEnd).Clear();
        if (_machine.Has(ModulePlan.MemorySymbol(1)))
        {
            bytes.AsSpan((int)(_machine.AddressOf(ModulePlan.MemorySymbol(1)) - begin), WasmPrograms.FarBytes).Clear();
        }

        foreach (var symbol in Globals.Where(_machine.Has))
        {
            bytes.AsSpan((int)(_machine.AddressOf(symbol) - begin), 4).Clear();
        }

        return bytes;
    }
}
