using System.Collections.Immutable;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.HotPath;

/// <summary>Accesses of a function on a hot path that stay where they are, because an interrupt handler may touch the same place.</summary>
/// <param name="Entry">Export from which the path starts.</param>
/// <param name="Function">The function.</param>
/// <param name="Accesses">How many instructions.</param>
/// <param name="Unbounded">How many of them only because nothing bounds their address.</param>
internal sealed record SharedFinding(string Entry, FuncIndex Function, int Accesses, int Unbounded);

/// <summary>Counts, for each function on a hot path, what interrupt handlers cost it.</summary>
internal static class SharedAccesses
{
    /// <summary>The functions that <paramref name="walk"/> reaches from <paramref name="entries"/> and that share something, each once.</summary>
    public static ImmutableArray<SharedFinding> Find(Module module, string path, IEnumerable<string> entries, HotPathWalk walk)
    {
        var handlers = InterruptSection.Read(module, path).Select(handler => handler.Export).ToHashSet(StringComparer.Ordinal);
        var indices = module.Exports.Where(e => e.Kind == ExternKind.Function && handlers.Contains(e.Name)).Select(e => e.Index).ToArray();
        if (indices.Length == 0)
        {
            return [];
        }

        var program = ProgramReader.Read(module);
        var places = HandlerPlaces.Of(program, indices, out _);
        var found = new SortedDictionary<int, SharedFinding>();
        foreach (var (entry, start) in HotPathEntries.Resolve(module, entries))
        {
            foreach (var (steps, _) in walk.From(start))
            {
                var function = steps[^1];
                if (!found.ContainsKey(function.Index) && program.Body(function) is { } body && Count(body, places) is { Accesses: > 0 } count)
                {
                    found[function.Index] = new SharedFinding(entry, function, count.Accesses, count.Unbounded);
                }
            }
        }

        return [.. found.Values];
    }

    private static (int Accesses, int Unbounded) Count(Function function, SharedPlaces places)
    {
        function.Shared = places;
        var (accesses, unbounded) = (0, 0);
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                if ((function.EffectsOf(inst) & Effects.Shares) != 0)
                {
                    accesses++;
                    unbounded += MemorySpan.Of(function, inst).Any(span => span.To > uint.MaxValue) ? 1 : 0;
                }
            }
        }

        return (accesses, unbounded);
    }
}
