using System.Collections.Immutable;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// Finds the calls that survive on hot paths: the module says where they stand and in how many loops, the object which of them are there,
/// the optimiser's record why.
/// </summary>
/// <param name="module">The optimised module.</param>
/// <param name="facts">What survives, and what it costs.</param>
/// <param name="record">The optimiser's decisions.</param>
/// <param name="titles">Names of the functions.</param>
internal sealed class HotPathChecker(Module module, ICallFacts facts, InliningRecord record, FunctionTitles titles)
{
    private readonly IndirectTargets _indirect = new(module);
    private readonly CallGraph _graph = new(ProgramReader.Read(module));

    /// <summary>
    /// The surviving calls that are not allowed, each once, with the entry whose path to it has the most loops: by loops, then by cost, both
    /// falling, then by place.
    /// </summary>
    public ImmutableArray<HotPathFinding> Check(IEnumerable<string> entries, IEnumerable<string> allowed)
    {
        var patterns = allowed.Select(text => new NamePattern(text)).ToList();
        var walk = new HotPathWalk(facts, _indirect, module);
        var found = new Dictionary<WasmCall, HotPathFinding>();
        foreach (var (entry, function) in HotPathEntries.Resolve(module, entries))
        {
            foreach (var (steps, loops) in walk.From(function))
            {
                foreach (var call in walk.Calls(steps[^1]))
                {
                    if ((!found.TryGetValue(call, out var known) || known.LoopDepth < loops + call.LoopDepth) && !IsAllowed(call, patterns))
                    {
                        found[call] = Describe(call, entry, steps, loops);
                    }
                }
            }
        }

        return
        [
            .. found.Values
                .OrderByDescending(finding => finding.LoopDepth)
                .ThenByDescending(finding => finding.Cycles)
                .ThenBy(finding => finding.Call.Caller.Index)
                .ThenBy(finding => finding.Call.Offset)
                .ThenBy(finding => finding.Call.Callee?.Index ?? -1),
        ];
    }

    /// <summary>What interrupt handlers cost the functions on hot paths.</summary>
    public ImmutableArray<SharedFinding> Shared(string path, IEnumerable<string> entries)
        => SharedAccesses.Find(module, path, entries, new HotPathWalk(facts, _indirect, module));

    private HotPathFinding Describe(WasmCall call, string entry, ImmutableArray<FuncIndex> steps, int loops)
    {
        var targets = call.Callee is null ? _indirect.Of(call).ToImmutableArray() : [];
        return new HotPathFinding(
            call, entry, steps, loops + call.LoopDepth, HotPathReason.Of(call, module, _graph, record), facts.Cycles(call, targets),
            targets, call.Callee is not null || _indirect.IsClosed(call));
    }

    /// <summary>A direct call by the callee's names; an indirect one when every target is known and allowed, or by the table's name.</summary>
    private bool IsAllowed(WasmCall call, List<NamePattern> patterns)
    {
        bool Allows(IEnumerable<string> callee) => patterns.Exists(pattern => pattern.Allows(titles.All(call.Caller), callee));

        if (call.Callee is { } callee)
        {
            return Allows(titles.All(callee));
        }

        var targets = _indirect.Of(call).ToList();
        return Allows([FunctionTitles.OfTable(call.Table)]) || (targets.Count > 0 && _indirect.IsClosed(call) && targets.All(target => Allows(titles.All(target))));
    }
}
