using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>
/// Chooses values for the stack in functions where far more values are live at once than there are registers. To find them one by one by
/// colouring takes a round each; here they are found in one walk, and colouring decides about what is left.
/// </summary>
internal static class PreSpilling
{
    /// <summary>Functions with at most so many live values are left to colouring alone.</summary>
    private const int Crowd = 64;

    /// <summary>How many stay live at once where there are more.</summary>
    private const int Kept = 16;

    /// <summary>The values to spill, by number.</summary>
    /// <param name="function">The function.</param>
    /// <param name="weights">For each virtual register the cost of having it on the stack.</param>
    public static IReadOnlyList<int> Choose(MachineFunction function, double[] weights)
    {
        var liveness = new MachineLiveness(function);
        var lengths = new int[function.RegisterCount];
        var most = 0;
        foreach (var block in function.Blocks)
        {
            Walk(block, liveness, live =>
            {
                most = Math.Max(most, live.Count);
                foreach (var register in live)
                {
                    lengths[register]++;
                }
            });
        }

        if (most <= Crowd)
        {
            return [];
        }

        var victims = new HashSet<int>();
        foreach (var block in function.Blocks)
        {
            Walk(block, liveness, live => Relieve(live, lengths, weights, victims));
        }

        return [.. victims.Order()];
    }

    /// <summary>Takes the cheapest values for each instruction that they live across, until few enough are left.</summary>
    private static void Relieve(SortedSet<int> live, int[] lengths, double[] weights, HashSet<int> victims)
    {
        live.ExceptWith(victims);
        if (live.Count > Kept)
        {
            // A value that dies where it is made needs its register.
            foreach (var register in live.Where(register => lengths[register] > 2).OrderBy(register => weights[register] / lengths[register]).Take(live.Count - Kept).ToList())
            {
                victims.Add(register);
                live.Remove(register);
            }
        }
    }

    private static void Walk(MachineBlock block, MachineLiveness liveness, Action<SortedSet<int>> visit)
    {
        var live = new SortedSet<int>(liveness.LiveOut(block).Members());
        for (var i = block.Insts.Count - 1; i >= 0; i--)
        {
            var inst = block.Insts[i];
            live.UnionWith(inst.Targets.SelectMany(edge => edge.Arguments).Where(argument => !argument.IsImmediate).Select(argument => argument.Register.Index));
            visit(live);
            live.ExceptWith(inst.Defs.Select(def => def.Index));
            live.UnionWith(inst.Uses.Where(use => !use.IsImmediate).Select(use => use.Register.Index));
        }

        visit(live);
    }
}
