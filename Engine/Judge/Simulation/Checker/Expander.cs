using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Ordering;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>Builds a function's graph with chosen callees put in place of their calls, from the bodies of the same module.</summary>
internal sealed class Expander(ModuleView view)
{
    /// <summary>The graph, ready to execute.</summary>
    public FlowGraph Build(int function, Func<string, int, bool> choice)
    {
        var graph = BodyDecoder.Decode(view.Module, function, new Expansion(choice, table => view.ClosedTables[table]?.Entries));
        EmptyBlocks.Skip(graph);
        FlowOrder.Run(graph);
        return graph;
    }
}
