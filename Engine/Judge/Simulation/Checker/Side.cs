using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Ordering;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>One of the two functions: its module and its graph, with the calls expanded that are to be expanded.</summary>
internal sealed record Side(ModuleView View, FlowGraph Graph)
{
    /// <summary>A function with chosen callees in place of their calls, from the bodies of the same module; no <paramref name="choice"/>: with none.</summary>
    public static Side Of(ModuleView view, int function, Func<string, int, bool>? choice = null)
    {
        var graph = BodyDecoder.Decode(view.Module, function, new Expansion(choice ?? ((_, _) => false), table => view.ClosedTables[table]?.Entries));
        EmptyBlocks.Skip(graph);
        FlowOrder.Run(graph);
        return new Side(view, graph);
    }

    /// <summary>The state at the entry: parameters and state are variables, which both sides share.</summary>
    public MachineState Entry(TermFactory factory)
    {
        var slots = new Term?[Graph.Slots];
        for (var i = 0; i < Graph.Signature.Parameters.Length; i++)
        {
            slots[i] = factory.Variable(EntryNames.Parameter(i), BodyDecoder.WidthOf(Graph.Signature.Parameters[i]));
        }

        return new MachineState(slots, View.Layout.Fresh(factory, EntryNames.Prefix));
    }
}
