using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// Finds functions that keep values so far below a stack pointer that an interrupt overwrites them. Compilers keep up to 128 bytes there in functions
/// that call nothing (a red zone), and every handler's entry leaves those alone.
/// </summary>
internal static class RedZones
{
    /// <summary>Bytes below the stack pointer that LLVM's functions without calls may use.</summary>
    public const int Bytes = 128;

    /// <summary>The functions outside <paramref name="reached"/>, each with the stack pointer.</summary>
    public static IEnumerable<(int Function, int Global)> Find(Program program, SharedPlaces places, IReadOnlySet<int> reached)
    {
        // Where no handler moves the pointer there is no entry that spares anything.
        var spared = program.Functions.Where(index => reached.Contains(index.Index)).Select(program.Body).OfType<Function>()
            .SelectMany(body => body.Blocks.SelectMany(block => Instructions(body, block)).Where(inst => body.OpcodeOf(inst) == Opcode.GlobalSet).Select(inst => body.ImmediatesOf(inst).A))
            .ToHashSet();
        foreach (var index in program.Functions.Where(index => !reached.Contains(index.Index)))
        {
            if (places.Frames.Count > 0 && program.Body(index) is { } function && Find(function, places, spared) is { } global)
            {
                yield return (index.Index, global);
            }
        }
    }

    private static int? Find(Function function, SharedPlaces places, HashSet<int> spared)
    {
        var pointers = new StackPointers(function, new HashSet<int>());
        var (lowered, used) = (new Dictionary<int, long>(), new SortedDictionary<int, long>());
        foreach (var inst in function.Blocks.SelectMany(block => Instructions(function, block)))
        {
            if (function.OpcodeOf(inst) == Opcode.GlobalSet)
            {
                // Where the distance is not a constant the frame may be of any size.
                var global = function.ImmediatesOf(inst).A;
                var distance = pointers.DistanceOf(function.Arguments(inst)[0]) is { } set && set.Global == global ? set.Distance : int.MinValue;
                lowered[global] = Math.Min(lowered.GetValueOrDefault(global), distance);
            }

            foreach (var span in MemorySpan.Of(function, inst))
            {
                if (pointers.DistanceOf(span.Address) is { } place && places.Frames.Contains((place.Global, span.Memory)))
                {
                    var low = place.Distance + (function.InfoOf(inst).AccessBytes > 0 ? (long)function.ImmediatesOf(inst).Wide : 0);
                    used[place.Global] = Math.Min(used.GetValueOrDefault(place.Global), low);
                }
            }
        }

        return used.Where(use => use.Value < lowered.GetValueOrDefault(use.Key) - (spared.Contains(use.Key) ? Bytes : 0)).Select(use => (int?)use.Key).FirstOrDefault();
    }

    private static IEnumerable<Inst> Instructions(Function function, Block block)
    {
        for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
        {
            yield return inst;
        }
    }
}
