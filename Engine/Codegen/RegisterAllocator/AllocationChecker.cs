using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>
/// Judges an allocation: follows which value each register and stack slot holds through the function, as the emitted code will leave them,
/// and requires that every instruction reads the value that it names.
/// </summary>
/// <remarks>
/// The state maps places to values; where paths meet, a place keeps its value only when all paths agree. Moves are executed step by step
/// in the order that <see cref="ParallelMove"/> gave them, so that it is judged too. Nothing is taken from the allocator but its result.
/// </remarks>
internal sealed class AllocationChecker
{
    private readonly MachineFunction _function;
    private readonly Allocation _allocation;
    private readonly Dictionary<MachineBlock, Dictionary<Location, int>?> _entry = [];

    private AllocationChecker(MachineFunction function, Allocation allocation) => (_function, _allocation) = (function, allocation);

    /// <summary>Throws unless <paramref name="allocation"/> is right.</summary>
    public static void Check(MachineFunction function, Allocation allocation) => new AllocationChecker(function, allocation).Check();

    // Values are named by the index of their virtual register, constants by negative numbers.
    private readonly Dictionary<int, int> _constants = [];

    private void Check()
    {
        var order = new MachineDominators(_function).ReversePostOrder;
        _entry[order[0]] = [];
        var verify = false;
        for (var changed = true; changed || !verify;)
        {
            verify = !changed;
            changed = false;
            foreach (var block in order)
            {
                if (_entry.GetValueOrDefault(block) is { } state)
                {
                    changed |= Walk(block, new(state), verify);
                }
            }
        }
    }

    private bool Walk(MachineBlock block, Dictionary<Location, int> state, bool verify)
    {
        var changed = false;
        foreach (var inst in block.Insts)
        {
            Execute(inst, state, verify);
            foreach (var edge in inst.Targets)
            {
                changed |= Follow(edge, new(state), verify);
            }
        }

        return changed;
    }

    private bool Follow(MachineEdge edge, Dictionary<Location, int> state, bool verify)
    {
        var moves = edge.Arguments.Select((argument, i) => (_allocation[edge.Target.Parameters[i]], _allocation.Of(argument))).Where(move => !move.Item1.IsNone).ToList();
        Perform(moves, state);
        for (var i = 0; i < edge.Arguments.Count; i++)
        {
            var place = _allocation[edge.Target.Parameters[i]];
            if (!place.IsNone)
            {
                Require(!verify || Holds(state, place, edge.Arguments[i]), $"the edge to {edge.Target} passes {edge.Arguments[i]}");
            }
        }

        foreach (var parameter in edge.Target.Parameters.Where(parameter => !_allocation[parameter].IsNone))
        {
            state[_allocation[parameter]] = parameter.Index;
        }

        return Meet(edge.Target, state);
    }

    private bool Meet(MachineBlock target, Dictionary<Location, int> state)
    {
        if (_entry.GetValueOrDefault(target) is not { } known)
        {
            _entry[target] = state;
            return true;
        }

        var lost = known.Where(entry => !state.TryGetValue(entry.Key, out var value) || value != entry.Value).Select(entry => entry.Key).ToList();
        foreach (var place in lost)
        {
            known.Remove(place);
        }

        return lost.Count > 0;
    }

    private void Execute(MachineInst inst, Dictionary<Location, int> state, bool verify)
    {
        var moved = inst.UseRegisters.Length;
        if (moved > 0)
        {
            Perform(inst.UseRegisters.Select((register, i) => (Location.In(register), _allocation.Of(inst.Uses[i]))), state);
            for (var i = 0; i < moved; i++)
            {
                Require(!verify || Holds(state, Location.In(inst.UseRegisters[i]), inst.Uses[i]), $"{MachineFunction.Print(inst)} passes {inst.Uses[i]}");
            }
        }

        for (var i = moved; i < inst.Uses.Count; i++)
        {
            if (i == inst.LateFrom)
            {
                foreach (var early in inst.Defs.Take(inst.EarlyResults))
                {
                    state[_allocation[early]] = early.Index;
                }
            }

            Require(!verify || inst.Uses[i].IsImmediate || Holds(state, _allocation.Of(inst.Uses[i]), inst.Uses[i]), $"{MachineFunction.Print(inst)} reads {inst.Uses[i]}");
        }

        Define(inst, state);
    }

    private void Define(MachineInst inst, Dictionary<Location, int> state)
    {
        if (inst.Op.IsCall())
        {
            var clobbered = inst.Op == MachineOp.SemihostingCall ? RegisterList.Of(Register.R0, Register.R1) : CallingConvention.CallerSaved;
            foreach (var place in state.Keys.Where(place => place.IsRegister && clobbered.Contains(place.Register)).ToList())
            {
                state.Remove(place);
            }
        }

        if (inst.DefRegisters.Length > 0)
        {
            for (var i = 0; i < inst.DefRegisters.Length; i++)
            {
                state[Location.In(inst.DefRegisters[i])] = inst.Defs[i].Index;
            }

            Perform(inst.Defs.Select((def, i) => (_allocation[def], Location.In(inst.DefRegisters[i]))), state);
        }

        foreach (var def in inst.Defs)
        {
            Require(!_allocation[def].IsNone, $"{MachineFunction.Print(inst)} has a place for {def}");
            state[_allocation[def]] = def.Index;
        }
    }

    private void Perform(IEnumerable<(Location, Location)> moves, Dictionary<Location, int> state)
    {
        foreach (var step in ParallelMove.Resolve(moves, _allocation.Scratch))
        {
            var value = ValueAt(step.Source, state);
            if (step.IsSwap)
            {
                Put(step.Source, ValueAt(step.Destination, state), state);
            }

            Put(step.Destination, value, state);
        }
    }

    private static void Put(Location place, int? value, Dictionary<Location, int> state)
    {
        if (value is { } known)
        {
            state[place] = known;
        }
        else
        {
            state.Remove(place);
        }
    }

    private int? ValueAt(Location place, Dictionary<Location, int> state) =>
        place.IsConstant ? Constant(place.Number) : state.TryGetValue(place, out var value) ? value : null;

    private bool Holds(Dictionary<Location, int> state, Location place, MachineOperand operand) =>
        state.TryGetValue(place, out var value) && value == (operand.IsImmediate ? Constant(operand.Immediate) : operand.Register.Index);

    private int Constant(int value)
    {
        if (!_constants.TryGetValue(value, out var name))
        {
            _constants.Add(value, name = -1 - _constants.Count);
        }

        return name;
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvariantException($"register allocation of {_function.Symbol}: {what}");
        }
    }
}
