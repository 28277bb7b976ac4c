using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// The final states that interleavings of whole handlers with the accesses of a module explain. The original is evaluated, with a call of the
/// host before each access of memory or a global and each call: there handlers run, on a stack of their own far from that of what they interrupt.
/// </summary>
internal sealed class Interleavings
{
    private const int HandlerStacks = 0x1_0000, HandlerStack = 0x2000;
    private static readonly FuncType Nothing = FuncType.Of([], []);
    private readonly PreemptedProgram _program;
    private readonly Program _stepped;
    private readonly Dictionary<string, Reached> _reached = [];
    private readonly int[] _globals;
    private int _longest;

    /// <summary>Prepares <paramref name="program"/>.</summary>
    public Interleavings(PreemptedProgram program)
    {
        _program = program;
        var module = ModuleReader.Read(program.Wasm, program.Name);
        var step = module.Functions.Count;
        for (var i = 0; i < step; i++)
        {
            if (module.Functions[i] is { Body: { } body } function)
            {
                module.Functions[i] = new ModuleFunction(function.Type, null, new FunctionBody(body.Locals, Stepped(body, step)));
            }
        }

        module.Functions.Add(new ModuleFunction(module.AddType(Nothing), new Import("stress", "step", ExternKind.Function), null));
        _stepped = ProgramReader.Read(module);
        _globals = [.. module.Exports.Where(export => export.Kind == ExternKind.Global).Select(export => export.Index)];
    }

    /// <summary>The final state when nothing interrupts.</summary>
    public byte[] Undisturbed => Run([]).State;

    /// <summary>The final states that were found, with the first schedule of each.</summary>
    public string Describe() => string.Join('\n', _reached.GroupBy(reached => Convert.ToHexString(reached.Value.State)).Select(group => $"{group.Key} {group.First().Key}"));

    /// <summary>
    /// Where the first of <paramref name="handlers"/> runs in an interleaving of one run of each that ends in <paramref name="state"/>; null when
    /// there is none. Those near the access <paramref name="guess"/> are tried first.
    /// </summary>
    public int? Explain(byte[] state, int[] handlers, int guess)
    {
        // Handlers make accesses too, and what they leave may make the run longer: the last place is behind the longest that was met.
        for (var (tried, last) = (-1, Last(handlers)); tried < last; (tried, last) = (last, _longest + 1))
        {
            foreach (var places in Near(handlers.Length, last, guess))
            {
                if (Run([.. handlers.Zip(places)]).State.AsSpan().SequenceEqual(state))
                {
                    return places.FirstOrDefault();
                }
            }
        }

        return null;
    }

    private int Last(int[] handlers)
    {
        _ = Run([.. handlers.Select(handler => (handler, 0))]);
        return _longest + 1;
    }

    /// <summary>All the ways to choose places, by their distance from <paramref name="guess"/> in sum; that of the first is known best and counts more.</summary>
    private static IEnumerable<int[]> Near(int count, int last, int guess)
    {
        const int Weight = 8;
        var one = Enumerable.Range(0, last + 1).OrderBy(place => Math.Abs(place - guess)).ToArray();
        return count switch
        {
            0 => [[]],
            1 => one.Select(place => new[] { place }),
            _ => Enumerable.Range(0, (Weight + 1) * (last + 1)).SelectMany(distance =>
                from first in one.TakeWhile(place => Math.Abs(place - guess) * Weight <= distance)
                let left = distance - (Math.Abs(first - guess) * Weight)
                from second in left == 0 ? new[] { guess } : [guess - left, guess + left]
                where second >= 0 && second <= last
                select new[] { first, second }),
        };
    }

    private Reached Run((int First, int Second)[] schedule)
    {
        var key = string.Join(' ', schedule);
        if (!_reached.TryGetValue(key, out var reached))
        {
            _reached.Add(key, reached = new InterleavedRun(this, [.. schedule]).End());
            _longest = Math.Max(_longest, reached.Steps);
        }

        return reached;
    }

    private static byte[] Stepped(FunctionBody body, int step)
    {
        var writer = new InstructionWriter(new ByteWriter());
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if (instruction.Info.Immediate is ImmediateKind.Global or ImmediateKind.MemArg or ImmediateKind.AtomicMemArg or ImmediateKind.Memory or ImmediateKind.MemoryMemory or ImmediateKind.Function)
            {
                writer.Write(new Instruction(Opcodes.Get(Opcode.Call), 0) { A = step });
            }

            writer.Write(instruction);
        }

        return writer.Output.ToArray();
    }

    /// <summary>How a run ends, and how many accesses and calls it made.</summary>
    private sealed record Reached(byte[] State, int Steps);

    /// <summary>One evaluation. A handler whose place is reached while it may not run stays pending, as on the chip.</summary>
    private sealed class InterleavedRun
    {
        private readonly Interleavings _all;
        private readonly List<(int Handler, int Place)> _pending;
        private readonly Instance _instance;
        private int _steps;
        private int _active = int.MaxValue;
        private int _depth;
        private bool _masked;

        public InterleavedRun(Interleavings all, List<(int Handler, int Place)> schedule)
        {
            (_all, _pending) = (all, schedule);
            var imports = new Imports().Add("stress", "step", Nothing, _ => Step());
            imports.Add("pulse:hal/cpu", "disable", FuncType.Of([], [ValType.I32]), _ =>
            {
                var before = _masked;
                _masked = true;
                return [RuntimeValue.I32(before ? 1 : 0)];
            });
            imports.Add("pulse:hal/cpu", "restore", FuncType.Of([ValType.I32], []), values =>
            {
                _masked = (values[0].AsI32 & 1) != 0;
                return [];
            });
            _instance = Instance.Create(all._stepped, imports);
        }

        public Reached End()
        {
            Invoke("run");
            var idle = 0;
            while (_pending.Count > 0)
            {
                var before = _pending.Count;
                _ = Step();
                idle += _pending.Count == before ? 1 : 0;
            }

            var memory = new byte[_all._program.DataEnd - _all._program.DataStart];
            _instance.Memories[0].ReadBytes((ulong)_all._program.DataStart, memory);
            var globals = _all._globals.SelectMany(global => BitConverter.GetBytes((uint)_instance.Globals[global].Value.Bits));
            return new([.. memory, .. globals], _steps - idle);
        }

        private RuntimeValue[] Step()
        {
            _steps++;
            while (!_masked)
            {
                var next = _pending.Where(entry => entry.Place < _steps && Priority(entry.Handler) < _active).OrderBy(entry => Priority(entry.Handler)).FirstOrDefault((-1, 0));
                if (next.Item1 < 0)
                {
                    break;
                }

                _pending.Remove(next);
                Enter(next.Item1);

                // The end of a handler is a place too: another may run before the access that the first came before.
                _steps++;
            }

            return [];
        }

        private int Priority(int handler) => _all._program.Handlers[handler].Priority ?? 0;

        private void Enter(int handler)
        {
            var pointer = _instance.Globals[_all._program.StackPointer];
            var (interrupted, before) = (_active, pointer.Value);
            _active = Priority(handler);
            pointer.Value = RuntimeValue.I32(HandlerStacks - (HandlerStack * _depth++));
            Invoke(_all._program.Handlers[handler].Export);
            _depth--;
            pointer.Value = before;
            _active = interrupted;
        }

        private void Invoke(string export)
        {
            var outcome = _instance.Invoke(export, [], new EvaluationOptions { Fuel = 200_000 });
            Assert.IsTrue(outcome.Returned, $"{_all._program.Name}: {export} {outcome}");
        }
    }
}
