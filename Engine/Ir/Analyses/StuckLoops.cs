using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// Finds loops that wait for what nobody changes: each round reads the same memory, does nothing else, and decides again whether to leave. What
/// interrupt handlers write is changed by them (<see cref="Function.Shared"/>).
/// </summary>
/// <example><code>
/// flag = 0; while (!flag);   // without a handler that writes flag
/// </code></example>
internal static class StuckLoops
{
    private const Effects Harmless = Effects.ReadsMemory | Effects.ReadsGlobal | Effects.ReadsTable | Effects.Traps | Effects.Control;

    /// <summary>Offsets in the source module of the first read in each such loop.</summary>
    public static IEnumerable<int> Find(Function function)
    {
        foreach (var loop in new LoopForest(function).Loops)
        {
            var insts = loop.Blocks.SelectMany(block => InstsOf(function, block)).ToList();
            var reads = insts.Where(inst => (function.InfoOf(inst).Effects & (Effects.ReadsMemory | Effects.ReadsGlobal)) != 0).ToList();
            if (reads.Count > 0 && insts.TrueForAll(inst => (function.EffectsOf(inst) & ~Harmless) == 0) && CanBeLeft(function, loop) && RepeatsItself(function, loop))
            {
                yield return function.SourceOf(reads[0]);
            }
        }
    }

    private static bool CanBeLeft(Function function, Loop loop) => loop.Blocks.Exists(block => TargetsOf(function, block).Any(target => !loop.Blocks.Contains(target)));

    /// <summary>Whether every round begins with the values with which the first one did.</summary>
    private static bool RepeatsItself(Function function, Loop loop) => loop.Latches.TrueForAll(latch =>
    {
        var last = function.Last(latch);
        return Enumerable.Range(0, function.TargetCount(last)).Where(i => function.Target(last, i) == loop.Header)
            .All(i => function.TargetArguments(last, i).SequenceEqual(function.Parameters(loop.Header)));
    });

    private static IEnumerable<Block> TargetsOf(Function function, Block block)
    {
        var last = function.Last(block);
        return Enumerable.Range(0, function.TargetCount(last)).Select(i => function.Target(last, i));
    }

    private static IEnumerable<Inst> InstsOf(Function function, Block block)
    {
        for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
        {
            yield return inst;
        }
    }
}
