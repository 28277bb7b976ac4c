using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion;

/// <summary>
/// Keeps the order in which instances start: segments of a core module apply before its start function, and start functions of earlier
/// instances have run by then. One module applies all its segments first, so a segment that writes to something an earlier start
/// function can have touched becomes passive and is applied by the fused start function at its turn.
/// </summary>
/// <example><code>A: start writes mem[0]; B: data at mem[0] of A's memory   =>   start: call $A.start; memory.init B's data</code></example>
internal sealed class StartSequence
{
    private readonly ReachableProgram _program;
    private readonly HashSet<SegmentNode> _late = [];

    /// <summary>The sequence of <paramref name="program"/>.</summary>
    public StartSequence(ReachableProgram program)
    {
        _program = program;
        var starts = program.Graph.Modules.Where(m => m.Module.Start is not null).ToList();
        foreach (var node in program.Segments.Where(IsForeign))
        {
            if (starts.Count > 0 && starts[0].Number < node.Instance.Number)
            {
                _late.Add(node);
            }
        }

        IsNeeded = starts.Count > 1 || _late.Count > 0;
    }

    /// <summary>Whether the fused module needs a start function of its own.</summary>
    public bool IsNeeded { get; }

    /// <summary>Whether <paramref name="node"/> is applied by the start function.</summary>
    public bool IsLate(SegmentNode node) => _late.Contains(node);

    /// <summary>The start function.</summary>
    public FunctionBody Write(
        Func<SegmentNode, int> segment, Func<SegmentNode, (uint Address, int Memory)> data, Func<SegmentNode, (uint Offset, int Table)> element,
        Func<ModuleInstance, int, int> function)
    {
        var code = new InstructionWriter(new ByteWriter());
        foreach (var instance in _program.Graph.Modules)
        {
            foreach (var node in _late.Where(n => n.Instance == instance).OrderBy(n => n.IsData).ThenBy(n => n.Index))
            {
                var (start, into) = node.IsData ? data(node) : element(node);
                var length = node.IsData ? instance.Module.Data[node.Index].Bytes.Length
                    : instance.Module.Elements[node.Index].Functions.Length + instance.Module.Elements[node.Index].Expressions.Length;
                code.I32Const(unchecked((int)start));
                code.I32Const(0);
                code.I32Const(length);
                code.Op(node.IsData ? Opcode.MemoryInit : Opcode.TableInit, segment(node), into);
                code.Op(node.IsData ? Opcode.DataDrop : Opcode.ElemDrop, segment(node));
            }

            if (instance.Module.Start is { } start2)
            {
                code.Op(Opcode.Call, function(instance, start2.Index));
            }
        }

        code.End();
        return new FunctionBody([], code.Output.ToArray());
    }

    /// <summary>Whether an active segment writes into a memory or table of another instance.</summary>
    private static bool IsForeign(SegmentNode node)
    {
        var module = node.Instance.Module;
        var mode = node.IsData ? module.Data[node.Index].Mode : module.Elements[node.Index].Mode;
        if (mode != SegmentMode.Active)
        {
            return false;
        }

        var target = node.IsData
            ? CoreLinker.Resolve(node.Instance, ExternKind.Memory, module.Data[node.Index].Memory.Index)
            : CoreLinker.Resolve(node.Instance, ExternKind.Table, module.Elements[node.Index].Table.Index);
        return target is CoreEntity entity && entity.Instance != node.Instance;
    }
}
