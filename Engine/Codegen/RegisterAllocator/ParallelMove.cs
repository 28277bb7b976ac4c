using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>One step of a sequence of moves; a swap exchanges two registers.</summary>
internal readonly record struct MoveStep(Location Destination, Location Source, bool IsSwap = false);

/// <summary>
/// Puts moves that happen at the same time into an order in which none overwrites what another still has to read.
/// </summary>
/// <example><code>r0 := r1 | r1 := r0 | r2 := #5   =>   swap r0, r1; r2 := #5</code></example>
internal static class ParallelMove
{
    /// <summary>The steps.</summary>
    /// <param name="moves">Destinations are distinct; sources are read before any destination is written.</param>
    /// <param name="scratch">A register that is neither; needed when stack slots take part.</param>
    public static List<MoveStep> Resolve(IEnumerable<(Location Destination, Location Source)> moves, Register? scratch)
    {
        var pending = moves.Where(move => move.Destination != move.Source).ToList();
        var steps = new List<MoveStep>();
        while (pending.Count > 0)
        {
            var ready = pending.FindIndex(move => !pending.Exists(other => other.Source == move.Destination));
            if (ready >= 0)
            {
                Move(steps, pending[ready].Destination, pending[ready].Source, scratch);
                pending.RemoveAt(ready);
            }
            else
            {
                BreakCycle(steps, pending, scratch);
            }
        }

        return steps;
    }

    /// <summary>Only cycles are left: one value is exchanged into its place, and who wanted what was there reads it from where it is now.</summary>
    private static void BreakCycle(List<MoveStep> steps, List<(Location Destination, Location Source)> pending, Register? scratch)
    {
        var (destination, source) = pending[0];
        if (destination.IsRegister && source.IsRegister)
        {
            steps.Add(new(destination, source, IsSwap: true));
            pending.RemoveAt(0);
            for (var i = 0; i < pending.Count; i++)
            {
                var wanted = pending[i].Source == destination ? source : pending[i].Source == source ? destination : pending[i].Source;
                pending[i] = (pending[i].Destination, wanted);
            }

            pending.RemoveAll(move => move.Destination == move.Source);
            return;
        }

        // A slot is in the cycle. The swap through memory needs both the slot's value and the register's at once.
        var hold = pending.Find(move => move.Destination.IsRegister).Destination;
        var free = Location.In(scratch ?? throw new Support.InvariantException("a function with stack slots has a scratch register"));
        if (hold.IsNone)
        {
            // Slots only: a slot's value waits in the slot that belongs to no value.
            steps.Add(new(free, destination));
            steps.Add(new(Location.At(EmergencySlot), free));
            Redirect(pending, destination, Location.At(EmergencySlot));
            return;
        }

        steps.Add(new(free, hold));
        steps.Add(new(Location.At(EmergencySlot), free));
        Redirect(pending, hold, Location.At(EmergencySlot));
    }

    /// <summary>Number of the slot that belongs to no value, so that moves may use it.</summary>
    public const int EmergencySlot = 0;

    private static void Redirect(List<(Location Destination, Location Source)> pending, Location from, Location to)
    {
        for (var i = 0; i < pending.Count; i++)
        {
            pending[i] = (pending[i].Destination, pending[i].Source == from ? to : pending[i].Source);
        }
    }

    private static void Move(List<MoveStep> steps, Location destination, Location source, Register? scratch)
    {
        if (!destination.IsSlot || source.IsRegister)
        {
            steps.Add(new(destination, source));
            return;
        }

        var free = Location.In(scratch ?? throw new Support.InvariantException("a function with stack slots has a scratch register"));
        steps.Add(new(free, source));
        steps.Add(new(destination, free));
    }
}
