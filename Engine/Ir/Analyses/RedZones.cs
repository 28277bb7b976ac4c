using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// Finds functions that keep values below a stack pointer without lowering it, where an interrupt handler has its frame. Compilers do that in
/// functions that call nothing (a red zone), and an interrupt overwrites what is there.
/// </summary>
internal static class RedZones
{
    /// <summary>The functions outside <paramref name="reached"/>, each with the stack pointer.</summary>
    public static IEnumerable<(int Function, int Global)> Find(Program program, SharedPlaces places, IReadOnlySet<int> reached)
    {
        foreach (var index in program.Functions.Where(index => !reached.Contains(index.Index)))
        {
            if (places.Frames.Count > 0 && program.Body(index) is { } function && Find(function, places) is { } global)
            {
                yield return (index.Index, global);
            }
        }
    }

    private static int? Find(Function function, SharedPlaces places)
    {
        var pointers = new StackPointers(function, new HashSet<int>());
        var (lowered, below) = (new HashSet<int>(), new SortedSet<int>());
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                if (function.OpcodeOf(inst) == Opcode.GlobalSet)
                {
                    lowered.Add(function.ImmediatesOf(inst).A);
                }
                else if (function.InfoOf(inst).AccessBytes > 0 && pointers.DistanceOf(function.Arguments(inst)[0]) is { } place
                    && place.Distance + (Int128)function.ImmediatesOf(inst).Wide < 0 && places.Frames.Contains((place.Global, function.ImmediatesOf(inst).A)))
                {
                    below.Add(place.Global);
                }
            }
        }

        below.ExceptWith(lowered);
        return below.Count > 0 ? below.Min : null;
    }
}
