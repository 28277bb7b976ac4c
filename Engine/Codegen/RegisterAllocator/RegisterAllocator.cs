using Pulse.Build.Engine.Codegen.Emission;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>
/// Gives every virtual register a place. Values that edges, copies and selects pass on are joined where they are never live together; the
/// classes are coloured; what finds no register is taken apart again, or goes to the stack, and the rest is coloured anew.
/// </summary>
internal sealed class RegisterAllocator
{
    private const int Rounds = 2000;

    /// <summary>From this round on, classes that are far from each other are relieved in one round.</summary>
    private const int FirstCrowdedRound = 64;

    /// <summary>r0 to r12 and lr.</summary>
    private const ushort Everything = 0x5FFF;

    private const Register FarRegister = Register.R11;

    /// <summary>Bytes of r4 to r11, lr and the padding that keeps the stack aligned.</summary>
    private const int MostSavedBytes = 40;

    private readonly MachineFunction _function;
    private readonly Dictionary<VReg, int> _slots = [];
    private readonly HashSet<int> _temporaries = [];
    private readonly HashSet<int> _apart = [];
    private int _nextSlot = ParallelMove.EmergencySlot + 1;

    private RegisterAllocator(MachineFunction function)
    {
        _function = function;

        // What an instruction works in is never stored.
        _temporaries.UnionWith(function.Blocks.SelectMany(block => block.Insts).SelectMany(inst => inst.Scratch).Select(scratch => scratch.Index));
    }

    /// <summary>Allocates; the function gets reloads and stores where values go to the stack.</summary>
    public static Allocation Run(MachineFunction function) => new RegisterAllocator(function).Run();

    private Allocation Run()
    {
        foreach (var victim in PreSpilling.Choose(_function, Weights()))
        {
            new Spilling(_function, _slots, _temporaries).Spill([victim], _nextSlot++);
        }

        for (var round = 0; round < Rounds; round++)
        {
            var graph = new InterferenceGraph(_function, Allocatable(), _slots);
            var affinities = new Affinities(_function);
            var classes = new CoalescedClasses(_function, graph);
            classes.Coalesce(affinities.Moves, _apart);
            var colouring = new Colouring(classes, graph, affinities, Weights(), Occurrences(), SavesLink());
            var failures = colouring.Run();
            if (failures.Count == 0)
            {
                return Finish(classes, colouring);
            }

            Relax(classes, colouring, failures[0]);
            if (round >= FirstCrowdedRound)
            {
                RelaxApart(classes, colouring, failures);
            }
        }

        throw new InvariantException("register allocation comes to an end");
    }

    /// <summary>Moves between slots need a register, and places far from the stack pointer one for the distance.</summary>
    private RegisterList Allocatable() => new((ushort)(Everything
        & ~(_slots.Count > 0 ? 1 << (int)Register.R12 : 0)
        & ~(IsFar() ? 1 << (int)FarRegister : 0)));

    /// <summary>Whether some place of the frame may be out of the reach of a load's or a store's offset.</summary>
    private bool IsFar() => _function.OutgoingBytes + _nextSlot * 4 + MostSavedBytes + _function.IncomingBytes + _function.ResultWords * 4 > FrameLayout.Reach;

    private bool SavesLink() => _function.Blocks.Exists(block => block.Insts.Exists(inst => inst.Op is MachineOp.Call or MachineOp.CallRegister));

    private Allocation Finish(CoalescedClasses classes, Colouring colouring)
    {
        // Values that are made anew where they are wanted have the number of a slot and no place in it.
        var slots = _slots.Values.Distinct().Order().Prepend(ParallelMove.EmergencySlot).Index().ToDictionary(slot => slot.Item, slot => slot.Index);
        var allocation = new Allocation { Slots = _slots.Count > 0 ? slots.Count : 0, Scratch = _slots.Count > 0 ? Register.R12 : null, Far = IsFar() ? FarRegister : null };
        foreach (var register in classes.Present.Members())
        {
            allocation[new VReg(register)] = Location.In(colouring.Colours[classes.Find(register)]);
        }

        foreach (var (register, slot) in _slots)
        {
            allocation[register] = Location.At(slots[slot]);
        }

        return allocation;
    }

    /// <summary>Relaxes more of what found no register, as long as nothing near it has been relaxed already.</summary>
    private void RelaxApart(CoalescedClasses classes, Colouring colouring, List<int> failures)
    {
        var near = new HashSet<int>(colouring.Neighbours(failures[0])) { failures[0] };
        foreach (var failed in failures.Skip(1))
        {
            var around = colouring.Neighbours(failed).Append(failed).ToList();
            if (!around.Exists(near.Contains))
            {
                Relax(classes, colouring, failed);
                near.UnionWith(around);
            }
        }
    }

    /// <summary>Makes the next round easier: splits the class that found no register, else spills the cheapest of those in its way.</summary>
    private void Relax(CoalescedClasses classes, Colouring colouring, int failed)
    {
        if (classes.Members(failed).Count > 1 && !classes.Members(failed).All(_apart.Contains))
        {
            _apart.UnionWith(classes.Members(failed));
            return;
        }

        var victim = colouring.Neighbours(failed).Append(failed)
            .Where(root => !classes.Members(root).Any(_temporaries.Contains) && (classes.Allowed(root) & classes.Allowed(failed)) != 0)
            .OrderBy(colouring.SpillCost).ThenBy(root => root)
            .Select(root => (int?)root).FirstOrDefault();
        if (victim is null)
        {
            throw new InvariantException($"no value can make room for {new VReg(failed)} in {_function.Symbol}");
        }

        new Spilling(_function, _slots, _temporaries).Spill(classes.Members(victim.Value), _nextSlot++);
    }

    private int[] Occurrences()
    {
        var counts = new int[_function.RegisterCount];
        foreach (var inst in _function.Blocks.SelectMany(block => block.Insts))
        {
            foreach (var register in inst.Defs.Concat(inst.Uses.Where(use => !use.IsImmediate).Select(use => use.Register)))
            {
                counts[register.Index]++;
            }
        }

        return counts;
    }

    private double[] Weights()
    {
        var weights = new double[_function.RegisterCount];
        foreach (var block in _function.Blocks)
        {
            foreach (var inst in block.Insts)
            {
                foreach (var use in inst.Uses.Where(use => !use.IsImmediate))
                {
                    weights[use.Register.Index] += 2 * block.Frequency;
                }

                foreach (var def in inst.Defs)
                {
                    weights[def.Index] += (inst.Op is MachineOp.Constant or MachineOp.Address ? 0.25 : 1) * block.Frequency;
                }

                foreach (var argument in inst.Targets.SelectMany(edge => edge.Arguments).Where(argument => !argument.IsImmediate))
                {
                    weights[argument.Register.Index] += block.Frequency;
                }
            }
        }

        foreach (var temporary in _temporaries)
        {
            weights[temporary] = 1e12;
        }

        return weights;
    }
}
