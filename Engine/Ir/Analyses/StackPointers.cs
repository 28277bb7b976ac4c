using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// How one function of an interrupt handler uses globals as stack pointers: it lowers one by constants, touches what lies between, and leaves
/// it as it was.
/// </summary>
/// <param name="function">The function.</param>
/// <param name="loose">Globals that some function of the handlers does not leave as it found them.</param>
internal sealed class StackPointers(Function function, IReadOnlySet<int> loose)
{
    private const int MaximumDepth = 16;
    private const string Name = "__stack_pointer";

    /// <summary>Globals that the function writes otherwise.</summary>
    public SortedSet<int> Broken { get; } = [];

    /// <summary>Globals that are called a stack pointer, or that some function lowers, uses what is below of, and restores.</summary>
    public static HashSet<int> Of(Program program, NameSection names)
    {
        var pointers = names.Names(IndexSpace.Global).Where(global => global.Value.StartsWith(Name, StringComparison.Ordinal)).Select(global => global.Key).ToHashSet();
        foreach (var body in program.Functions.Select(program.Body).OfType<Function>())
        {
            pointers.UnionWith(FramedBy(body));
        }

        return [.. pointers.Where(g => g < program.Module.Globals.Count && program.Module.Globals[g] is { IsMutable: true, Type: var type } && type == ValType.I32)];
    }

    /// <summary>
    /// Globals that a function lowers and restores while it uses what is below, itself or through what it calls: nothing but a stack pointer is
    /// treated so. A counter that goes down and up again is no address.
    /// </summary>
    public static IEnumerable<int> FramedBy(Function function)
    {
        var pointers = new StackPointers(function, new HashSet<int>());
        pointers.Check();
        var written = pointers.Instructions().Where(inst => function.OpcodeOf(inst) == Opcode.GlobalSet).Select(inst => function.ImmediatesOf(inst).A);
        var used = pointers.Instructions().Where(inst => (function.InfoOf(inst).Effects & (Effects.ReadsMemory | Effects.WritesMemory | Effects.Calls)) != 0)
            .SelectMany(inst => function.Arguments(inst).ToArray()).Select(pointers.DistanceOf).OfType<(int Global, long Distance)>()
            .Where(place => place.Distance < 0).Select(place => place.Global);
        return written.Intersect(used).Except(pointers.Broken).ToArray();
    }

    /// <summary>Sets <see cref="Broken"/>.</summary>
    public void Check()
    {
        var writes = Instructions().Where(inst => function.OpcodeOf(inst) == Opcode.GlobalSet && !loose.Contains(function.ImmediatesOf(inst).A)).ToArray();
        foreach (var write in writes)
        {
            var global = function.ImmediatesOf(write).A;
            if (DistanceOf(function.Arguments(write)[0]) is not { } value || value.Global != global || value.Distance > 0)
            {
                Broken.Add(global);
            }
        }

        foreach (var global in writes.Select(write => function.ImmediatesOf(write).A).Distinct().Where(global => !Broken.Contains(global)).ToArray())
        {
            if (!ReadsComeFirst(global) || !IsRestored(global))
            {
                Broken.Add(global);
            }
        }
    }

    /// <summary>The global and the distance from what it held at the entry, if <paramref name="value"/> is one.</summary>
    public (int Global, long Distance)? DistanceOf(Value value)
    {
        long distance = 0;
        for (var depth = 0; depth < MaximumDepth; depth++)
        {
            var inst = function.DefiningInst(value);
            if (!inst.Exists)
            {
                return null;
            }

            switch (function.OpcodeOf(inst))
            {
                case Opcode.GlobalGet when function.TypeOf(value) == ValType.I32 && function.ImmediatesOf(inst).A is var global && !loose.Contains(global):
                    return (global, distance);
                case Opcode.I32Add or Opcode.I32Sub when ConstantOf(function.Arguments(inst)[1]) is { } by:
                    distance += function.OpcodeOf(inst) == Opcode.I32Add ? by : -(long)by;
                    value = function.Arguments(inst)[0];
                    break;
                case Opcode.I32Add when ConstantOf(function.Arguments(inst)[0]) is { } by:
                    distance += by;
                    value = function.Arguments(inst)[1];
                    break;
                default:
                    return null;
            }

            if (Math.Abs(distance) > int.MaxValue)
            {
                return null;
            }
        }

        return null;
    }

    private int? ConstantOf(Value value)
        => function.DefiningInst(value) is { Exists: true } inst && function.OpcodeOf(inst) == Opcode.I32Const ? function.ImmediatesOf(inst).Wide.LowSigned() : null;

    /// <summary>Whether every read of the global gives what it held at the entry.</summary>
    private bool ReadsComeFirst(int global)
    {
        for (var inst = function.First(function.Entry); inst.Exists; inst = function.Next(inst))
        {
            if ((function.InfoOf(inst).Effects & Effects.Calls) != 0 || (function.OpcodeOf(inst) == Opcode.GlobalSet && function.ImmediatesOf(inst).A == global))
            {
                break;
            }

            _ = function.OpcodeOf(inst) == Opcode.GlobalGet && _first.Add(inst);
        }

        return Instructions().All(inst => function.OpcodeOf(inst) != Opcode.GlobalGet || function.ImmediatesOf(inst).A != global || _first.Contains(inst));
    }

    private readonly HashSet<Inst> _first = [];

    /// <summary>Whether the global holds at each return what it held at the entry, whatever way was taken.</summary>
    private bool IsRestored(int global)
    {
        var flow = new ControlFlow(function);
        var entries = new Dictionary<Block, HashSet<long>> { [function.Entry] = [0] };
        var restored = true;
        for (var changed = true; changed;)
        {
            changed = false;
            restored = true;
            foreach (var block in flow.ReversePostOrder)
            {
                if (!entries.TryGetValue(block, out var possible))
                {
                    continue;
                }

                for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
                {
                    if (function.OpcodeOf(inst) == Opcode.GlobalSet && function.ImmediatesOf(inst).A == global)
                    {
                        possible = [DistanceOf(function.Arguments(inst)[0])!.Value.Distance];
                    }
                }

                var last = function.Last(block);
                restored &= function.OpcodeOf(last) is not (Opcode.Return or Opcode.ReturnCall or Opcode.ReturnCallIndirect) || possible.SetEquals([0]);
                for (var i = 0; i < function.TargetCount(last); i++)
                {
                    var known = entries.TryGetValue(function.Target(last, i), out var other) ? other : entries[function.Target(last, i)] = [];
                    var count = known.Count;
                    known.UnionWith(possible);
                    changed |= known.Count != count;
                }
            }
        }

        return restored;
    }

    private IEnumerable<Inst> Instructions()
    {
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                yield return inst;
            }
        }
    }
}
