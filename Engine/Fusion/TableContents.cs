using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion;

/// <summary>
/// What the slots of tables hold, where that is known before the program runs: nothing writes to the table, no start function can have
/// run before its last segment was applied, and every segment's offset is a constant.
/// </summary>
/// <example><code>
/// shim:  (func (param i32) local.get 0  i32.const 3  call_indirect $imports)      fixup:  (elem (table $imports) (i32.const 0) … $send)
/// a call of the shim function   =>   a call of $send
/// </code></example>
internal sealed class TableContents
{
    private readonly Dictionary<EntityNode, Dictionary<int, CoreEntity>> _slots = [];
    private readonly HashSet<EntityNode> _open = [];

    /// <summary>Looks at every segment and every instruction of <paramref name="graph"/>.</summary>
    public TableContents(ComponentGraph graph)
    {
        var started = false;
        foreach (var instance in graph.Modules)
        {
            foreach (var segment in instance.Module.Elements.Where(e => e.Mode == SegmentMode.Active))
            {
                Apply(instance, segment, started);
            }

            FindWrites(instance);
            started |= instance.Module.Start is not null;
        }
    }

    /// <summary>The function in front of which <paramref name="function"/> only stands as a call through a known slot; null when it does more.</summary>
    public CoreEntity? ShimTarget(CoreEntity function)
    {
        var module = function.Instance.Module;
        if (module.Functions[function.Index].Body is not { } body)
        {
            return null;
        }

        var type = module.TypeOf(new FuncIndex(function.Index));
        var reader = new InstructionReader(body.Code.Span, body.Offset, function.Instance.Source.Path);
        for (var i = 0; i < type.Parameters.Length; i++)
        {
            if (!reader.TryRead(out var get) || get.Opcode != Opcode.LocalGet || get.A != i)
            {
                return null;
            }
        }

        if (!reader.TryRead(out var slot) || slot.Opcode != Opcode.I32Const
            || !reader.TryRead(out var call) || call.Opcode != Opcode.CallIndirect || !module.Types[call.A].Equals(type)
            || !reader.TryRead(out var end) || end.Opcode != Opcode.End)
        {
            return null;
        }

        var target = SlotOf(function.Instance, call.B, slot.Wide.LowSigned());
        return target is not null && CoreLinker.TypeOf(CoreLinker.Resolve(target))?.Equals(type) == true ? target : null;
    }

    private CoreEntity? SlotOf(ModuleInstance instance, int table, int slot) =>
        NodeOf(instance, table) is { } node && !_open.Contains(node) && _slots.TryGetValue(node, out var slots) ? slots.GetValueOrDefault(slot) : null;

    private void Apply(ModuleInstance instance, ElementSegment segment, bool started)
    {
        if (NodeOf(instance, segment.Table.Index) is not { } node)
        {
            return;
        }

        if (started || !segment.Offset!.TryEvaluate(out var offset) || !segment.Expressions.IsEmpty)
        {
            _open.Add(node);
            return;
        }

        if (!_slots.TryGetValue(node, out var slots))
        {
            _slots[node] = slots = [];
        }

        for (var i = 0; i < segment.Functions.Length; i++)
        {
            slots[unchecked(offset.Bits.LowSigned() + i)] = new CoreEntity(instance, ExternKind.Function, segment.Functions[i].Index);
        }
    }

    private void FindWrites(ModuleInstance instance)
    {
        foreach (var function in instance.Module.Functions.Where(f => f.Body is not null))
        {
            var reader = new InstructionReader(function.Body!.Code.Span, function.Body.Offset, instance.Source.Path);
            while (reader.TryRead(out var instruction))
            {
                if ((instruction.Info.Effects & Effects.WritesTable) == 0 || instruction.Opcode == Opcode.ElemDrop)
                {
                    continue;
                }

                var table = instruction.Opcode == Opcode.TableInit ? instruction.B : instruction.A;
                if (NodeOf(instance, table) is { } node)
                {
                    _open.Add(node);
                }
            }
        }
    }

    private static EntityNode? NodeOf(ModuleInstance instance, int table) =>
        CoreLinker.Resolve(instance, ExternKind.Table, table) is CoreEntity { Kind: ExternKind.Table } entity
            ? new EntityNode(entity.Instance, ExternKind.Table, entity.Index) : null;
}
