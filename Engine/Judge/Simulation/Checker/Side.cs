using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>One of the two functions: its module and its graph, with the calls expanded that are to be expanded.</summary>
internal sealed record Side(ModuleView View, FlowGraph Graph)
{
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
