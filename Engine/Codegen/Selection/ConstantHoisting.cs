using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Codegen.Selection;

/// <summary>
/// Puts the constants and addresses that still need a register into blocks: in front of the outermost loop that uses them, else before
/// their first use in the block.
/// </summary>
internal sealed class ConstantHoisting
{
    private readonly MachineFunction _function;
    private readonly MachineDominators _dominators;
    private readonly Dictionary<(VReg Constant, MachineBlock Block), VReg> _placed = [];

    private ConstantHoisting(MachineFunction function) => (_function, _dominators) = (function, new MachineDominators(function));

    /// <summary>Places the constants of <paramref name="function"/>.</summary>
    public static void Run(MachineFunction function)
    {
        var placement = new ConstantHoisting(function);
        var wanted = new SortedDictionary<int, HashSet<MachineBlock>>();
        foreach (var block in function.Blocks)
        {
            foreach (var inst in block.Insts)
            {
                foreach (var use in inst.Uses.Concat(inst.Targets.SelectMany(edge => edge.Arguments)))
                {
                    if (!use.IsImmediate && function.Floating[use.Register] is not null)
                    {
                        if (!wanted.TryGetValue(use.Register.Index, out var homes))
                        {
                            wanted.Add(use.Register.Index, homes = []);
                        }

                        homes.Add(placement.HomeOf(block));
                    }
                }
            }
        }

        foreach (var (constant, homes) in wanted)
        {
            placement.Place(new VReg(constant), homes);
        }

        placement.Rewrite();
    }

    /// <summary>The block outside every loop of <paramref name="block"/> that dominates it closest.</summary>
    private MachineBlock HomeOf(MachineBlock block)
    {
        while (block.LoopDepth > 0 && _dominators.Parent(block) is { } parent)
        {
            block = parent;
        }

        return block;
    }

    private void Place(VReg constant, HashSet<MachineBlock> homes)
    {
        foreach (var home in homes.OrderBy(home => home.Index))
        {
            if (homes.Any(other => other != home && IsExpensive(constant) && _dominators.Dominates(other, home)))
            {
                continue;
            }

            var original = _function.Floating[constant]!;
            var copy = new MachineInst(original.Op) { Immediate = original.Immediate, Symbol = original.Symbol };
            var register = _function.NewRegister();
            copy.Defs.Add(register);
            var position = home.Insts.FindIndex(inst => inst.Uses.Concat(inst.Targets.SelectMany(edge => edge.Arguments))
                .Any(use => !use.IsImmediate && use.Register == constant));
            position = position < 0 ? FirstTerminator(home) : position;
            home.Insts.Insert(Math.Max(position, home.Insts[0].Op == MachineOp.Entry ? 1 : 0), copy);
            _placed.Add((constant, home), register);
        }
    }

    private static int FirstTerminator(MachineBlock block) => block.Insts.Count - 1;

    private bool IsExpensive(VReg constant) => _function.Floating[constant] is { } inst && (inst.Op == MachineOp.Address || inst.Immediate is < 0 or > 255);

    private void Rewrite()
    {
        foreach (var block in _function.Blocks)
        {
            foreach (var inst in block.Insts)
            {
                Rewrite(block, inst.Uses);
                foreach (var edge in inst.Targets)
                {
                    Rewrite(block, edge.Arguments);
                }
            }
        }
    }

    private void Rewrite(MachineBlock block, List<MachineOperand> operands)
    {
        for (var i = 0; i < operands.Count; i++)
        {
            if (!operands[i].IsImmediate && _function.Floating[operands[i].Register] is not null)
            {
                operands[i] = Find(operands[i].Register, HomeOf(block));
            }
        }
    }

    private VReg Find(VReg constant, MachineBlock home)
    {
        for (var block = home; block is not null; block = _dominators.Parent(block))
        {
            if (_placed.TryGetValue((constant, block), out var register))
            {
                return register;
            }
        }

        throw new InvariantException("a constant is placed in a block that dominates its use");
    }
}
