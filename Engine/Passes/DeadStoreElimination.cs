using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Removes a store, or a write of a global, that is overwritten before anyone can see it, and a store of what memory already holds.</summary>
/// <example><code>
/// i32.store v0, v1 offset=4
/// i32.store v0, v2 offset=4      =>   only the second
/// global.set v3 $g
/// global.set v4 $g               =>   only the second
/// </code></example>
/// <remarks>
/// Within a block, from the overwriting instruction backwards. A trap in between would show the first write (memory and globals outlive a trap),
/// so between the two stands nothing that may trap but accesses that cannot reach further than the first write did; and nothing that lets another
/// thread or an interrupt handler look.
/// </remarks>
internal sealed class DeadStoreElimination : FunctionPass
{
    public override PassInfo Info { get; } = new("dse");

    public override bool Run(Function function, PassContext context)
    {
        var changed = false;
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists;)
            {
                var next = function.Next(inst);
                if (IsOverwritten(function, inst))
                {
                    function.Remove(inst);
                    changed = true;
                }

                inst = next;
            }
        }

        return changed;
    }

    private static bool IsOverwritten(Function function, Inst write)
    {
        if ((function.EffectsOf(write) & Effects.Shares) != 0)
        {
            return false;
        }

        if (function.OpcodeOf(write) == Opcode.GlobalSet)
        {
            return GlobalIsOverwritten(function, write);
        }

        if (!function.InfoOf(write).IsStore || MemoryAccess.Of(function, write) is not { Bytes: > 0 } store)
        {
            return false;
        }

        for (var inst = function.Next(write); inst.Exists; inst = function.Next(inst))
        {
            var row = function.InfoOf(inst);
            var effects = function.EffectsOf(inst);
            if ((effects & (Effects.Synchronizes | Effects.Shares)) != 0)
            {
                return false;
            }

            if (MemoryAccess.Of(function, inst) is { Bytes: > 0 } access)
            {
                if (row.IsStore && access.Covers(store))
                {
                    // It reaches no further than the first write, else a trap here would have found the first write in memory.
                    return access.End <= store.End;
                }

                if (!access.SameBase(store) || access.End > store.End || ((effects & Effects.ReadsMemory) != 0 && access.MayOverlap(store)))
                {
                    return false;
                }
            }
            else if ((effects & ~(Effects.ReadsGlobal | Effects.WritesGlobal)) != 0)
            {
                return false;
            }
        }

        return false;
    }

    private static bool GlobalIsOverwritten(Function function, Inst write)
    {
        var global = function.ImmediatesOf(write).A;
        for (var inst = function.Next(write); inst.Exists; inst = function.Next(inst))
        {
            var row = function.InfoOf(inst);
            if (row.Opcode is Opcode.GlobalGet or Opcode.GlobalSet)
            {
                if (function.ImmediatesOf(inst).A == global)
                {
                    return row.Opcode == Opcode.GlobalSet;
                }
            }
            else if (row.Effects != Effects.Pure)
            {
                return false;
            }
        }

        return false;
    }
}
