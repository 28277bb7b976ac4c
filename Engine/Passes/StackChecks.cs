using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Passes;

/// <summary>A stack in linear memory that has data below it.</summary>
/// <param name="Low">Its lowest address.</param>
/// <param name="High">Its end, with which the pointer starts.</param>
/// <param name="Room">Bytes at the low end that the handlers need.</param>
internal readonly record struct CheckedStack(uint Low, uint High, uint Room);

/// <summary>
/// Makes a stack that has no known depth trap before it runs into what lies below. Functions whose depth is known, and that no other leads to, have
/// no check.
/// </summary>
/// <example><code>
/// (global.set $__stack_pointer x)   =>   (if (i32.gt_u (i32.sub (local.tee $t x) (i32.const LOW)) (i32.const HIGH - LOW)) (then unreachable))
///                                        (global.set $__stack_pointer (local.get $t))
/// </code></example>
internal static class StackChecks
{
    private const int Void = -64;

    /// <summary><paramref name="module"/> with checks; the same object where none is needed.</summary>
    public static Module Add(Module module, string path, IReadOnlyCollection<CheckedStack> stacks)
    {
        var program = ProgramReader.Read(module);
        var graph = new CallGraph(program);
        var bodies = new SortedDictionary<int, FunctionBody>();
        foreach (var pointer in StackPointers.Of(program, NameSection.Read(module)).Order())
        {
            var matching = stacks.Where(stack => Starts(module.Globals[pointer], stack.High)).ToList();
            if (matching.Count == 0)
            {
                continue;
            }

            var depths = new ShadowStack(program, graph, pointer);
            var (stack, size) = (matching[0], matching[0].High - matching[0].Low);
            var low = stack.Low + (uint)Math.Min(stack.Room + depths.RedZone, size);
            foreach (var index in WithoutBound(program, depths))
            {
                var body = bodies.GetValueOrDefault(index.Index) ?? module.Functions[index.Index].Body!;
                var check = Check(body, module.TypeOf(index).Parameters.Length, pointer, low, stack.High);
                if (check != body)
                {
                    bodies[index.Index] = check;
                }
            }
        }

        return bodies.Count == 0 ? module : Replace(module, path, bodies);
    }

    private static bool Starts(ModuleGlobal global, uint at) => global.Initial is { } initial && initial.TryEvaluate(out var value) && (uint)value.Bits == at;

    /// <summary>The functions that take a stack of unknown depth further down, with all that they reach.</summary>
    private static IEnumerable<FuncIndex> WithoutBound(Program program, ShadowStack stack)
    {
        var reached = program.Functions.Where(index => stack.Of(index) is null).ToHashSet();
        var work = new Stack<FuncIndex>(reached);
        while (work.TryPop(out var index))
        {
            foreach (var callee in stack.CalleesOf(index).Where(reached.Add))
            {
                work.Push(callee);
            }
        }

        return reached.Where(index => program.Module.Functions[index.Index].Body is not null).OrderBy(index => index.Index);
    }

    private static FunctionBody Check(FunctionBody body, int parameters, int pointer, uint low, uint high)
    {
        var output = new ByteWriter();
        var writer = new InstructionWriter(output);
        var local = parameters + (int)body.Locals.Sum(group => group.Count);
        var (changed, known, sources, at) = (false, CodePositions.SourcesOf(body), new List<int>(), 0);
        void Write(Opcode opcode, int index = 0, ulong constant = 0) => writer.Write(new Instruction(Opcodes.Get(opcode), 0) { A = index, Wide = constant });
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if (CodePositions.IsPlace(instruction.Info))
            {
                sources.Add(known[at++]);
            }

            if (instruction.Opcode == Opcode.GlobalSet && instruction.A == pointer)
            {
                sources.Add(body.Sources.IsDefault ? instruction.Offset : -1);
                Write(Opcode.LocalTee, local);
                Write(Opcode.I32Const, constant: low);
                Write(Opcode.I32Sub);
                Write(Opcode.I32Const, constant: high - low);
                Write(Opcode.I32GtU);
                Write(Opcode.If, Void);
                Write(Opcode.Unreachable);
                Write(Opcode.End);
                Write(Opcode.LocalGet, local);
                changed = true;
            }

            writer.Write(instruction);
        }

        return changed ? new FunctionBody([.. body.Locals, new LocalGroup(1, ValType.I32)], output.ToArray()) { Sources = [.. sources] } : body;
    }

    private static Module Replace(Module module, string path, SortedDictionary<int, FunctionBody> bodies)
    {
        var result = module.Clone();
        foreach (var (index, body) in bodies)
        {
            result.Functions[index] = result.Functions[index] with { Body = body };
        }

        var notes = new CodeNotes();
        foreach (var (function, index) in result.Functions.Select((function, index) => (function, index)).Where(entry => entry.function.Body is not null))
        {
            notes.Add(index, function.Body!, module, new FuncIndex(index), path);
        }

        CodePositions.Read(module, path).CarryTo(result, [.. Enumerable.Range(0, result.Functions.Count)]);
        notes.WriteTo(result);
        return result;
    }
}
