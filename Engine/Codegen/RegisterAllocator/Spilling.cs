using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>
/// Rewrites a function so that some of its values live on the stack: an instruction that reads one gets it reloaded, or made anew where it
/// is a constant; one that defines it stores it. Calls, edges and entries move values themselves and take the slot as it is.
/// </summary>
internal sealed class Spilling(MachineFunction function, Dictionary<VReg, int> slots, HashSet<int> temporaries)
{
    private readonly Dictionary<VReg, MachineInst> _remade = [];

    /// <summary>Puts <paramref name="members"/>, which share a place, into one slot, or makes a constant anew at each use.</summary>
    public void Spill(IReadOnlyList<int> members, int slot)
    {
        var values = members.Select(member => new VReg(member)).ToHashSet();
        if (members.Count == 1 && DefinitionOf(values.First()) is { Op: MachineOp.Constant or MachineOp.Address or MachineOp.StackArgument } definition)
        {
            _remade[values.First()] = definition;
        }
        else
        {
            foreach (var value in values)
            {
                slots[value] = slot;
            }
        }

        foreach (var block in function.Blocks)
        {
            Rewrite(block, values);
        }
    }

    /// <summary>Whether the only definition of a value can be repeated anywhere.</summary>
    public bool CanRemake(IReadOnlyList<int> members) =>
        members.Count == 1 && DefinitionOf(new VReg(members[0])) is { Op: MachineOp.Constant or MachineOp.Address or MachineOp.StackArgument };

    private MachineInst? DefinitionOf(VReg value) =>
        function.Blocks.SelectMany(block => block.Insts).FirstOrDefault(inst => inst.Defs.Contains(value));

    private void Rewrite(MachineBlock block, HashSet<VReg> values)
    {
        for (var i = 0; i < block.Insts.Count; i++)
        {
            var inst = block.Insts[i];
            if (inst.Defs.Count == 1 && _remade.GetValueOrDefault(inst.Defs[0]) == inst)
            {
                block.Insts.RemoveAt(i--);
                continue;
            }

            i += RewriteUses(block, i, values);
            i += RewriteDefs(block, i, values);
        }
    }

    private int RewriteUses(MachineBlock block, int index, HashSet<VReg> values)
    {
        var inst = block.Insts[index];
        var fresh = new Dictionary<VReg, VReg>();
        for (var i = 0; i < inst.Uses.Count; i++)
        {
            var isMoved = i < inst.UseRegisters.Length || inst.Op == MachineOp.Reload;
            inst.Uses[i] = Replace(inst.Uses[i], isMoved, values, fresh);
        }

        foreach (var edge in inst.Targets)
        {
            for (var i = 0; i < edge.Arguments.Count; i++)
            {
                edge.Arguments[i] = Replace(edge.Arguments[i], isMoved: true, values, fresh);
            }
        }

        foreach (var (value, temporary) in fresh)
        {
            block.Insts.Insert(index, Restore(value, temporary, inst.Source));
        }

        return fresh.Count;
    }

    private MachineOperand Replace(MachineOperand operand, bool isMoved, HashSet<VReg> values, Dictionary<VReg, VReg> fresh)
    {
        if (operand.IsImmediate || !values.Contains(operand.Register) || (isMoved && !_remade.ContainsKey(operand.Register)))
        {
            return operand;
        }

        if (!fresh.TryGetValue(operand.Register, out var temporary))
        {
            temporary = NewTemporary();
            fresh.Add(operand.Register, temporary);
        }

        return temporary;
    }

    private MachineInst Restore(VReg value, VReg temporary, int source)
    {
        var definition = _remade.GetValueOrDefault(value);
        var inst = new MachineInst(definition?.Op ?? MachineOp.Reload) { Source = source };
        inst.Defs.Add(temporary);
        if (definition is null)
        {
            inst.Uses.Add(value);
        }
        else
        {
            (inst.Immediate, inst.Symbol) = (definition.Immediate, definition.Symbol);
        }

        return inst;
    }

    private int RewriteDefs(MachineBlock block, int index, HashSet<VReg> values)
    {
        var inst = block.Insts[index];
        var added = 0;
        for (var i = inst.DefRegisters.Length; i < inst.Defs.Count && inst.Op != MachineOp.Spill; i++)
        {
            if (values.Contains(inst.Defs[i]) && slots.ContainsKey(inst.Defs[i]))
            {
                var store = new MachineInst(MachineOp.Spill) { Source = inst.Source };
                var temporary = NewTemporary();
                store.Uses.Add(temporary);
                store.Defs.Add(inst.Defs[i]);
                inst.Defs[i] = temporary;
                added++;
                block.Insts.Insert(index + added, store);
            }
        }

        return added;
    }

    private VReg NewTemporary()
    {
        var temporary = function.NewRegister();
        temporaries.Add(temporary.Index);
        return temporary;
    }
}
