using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Firmware;

/// <summary>How long code keeps interrupts waiting: the instructions between <c>cpsid i</c> and what puts the mask back.</summary>
internal static class MaskedSections
{
    /// <summary>The most instructions of one such section of a function, 0 without any; null where it branches, calls or returns in between.</summary>
    public static int? Longest(IEnumerable<Instruction> function)
    {
        var longest = 0;
        int? masked = null;
        foreach (var instruction in function)
        {
            if (masked is null)
            {
                masked = instruction.Operation == Operation.Cpsid ? 0 : null;
            }
            else if (instruction.Operation is Operation.Cpsie or Operation.Msr)
            {
                (longest, masked) = (Math.Max(longest, masked.Value), null);
            }
            else if (Leaves(instruction))
            {
                return null;
            }
            else
            {
                masked++;
            }
        }

        return masked is null ? longest : null;
    }

    private static bool Leaves(in Instruction instruction) => instruction.Operation is Operation.B or Operation.Bl or Operation.Blx or Operation.Bx
            or Operation.Cbz or Operation.Cbnz or Operation.Tbb or Operation.Tbh or Operation.Udf or Operation.Bkpt or Operation.Wfi or Operation.Wfe
        || (instruction.Operation == Operation.Pop && instruction.List.Contains(Register.PC));
}
