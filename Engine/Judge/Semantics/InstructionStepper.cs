using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Applies one instruction to a symbolic state, as its row says. What memories, globals, tables, calls and atomic instructions are in terms stands in
/// the other parts of this class.
/// </summary>
internal sealed partial class InstructionStepper(TermFactory factory, ModuleView view, TrapCollector traps) : IMachine
{
    private MachineState _state = null!;
    private Term _path = null!;

    public TermFactory Terms => factory;

    /// <summary>The history of the world.</summary>
    private Term World => _state.Parts[StateLayout.World];

    public void Step(FlowInstruction i, MachineState s, Term path)
    {
        CheckModelled(i.Opcode);
        (_state, _path) = (s, path);
        var inputs = Array.ConvertAll(i.Inputs, s.Read);
        switch (i.Opcode)
        {
            case FlowCode.Move:
                s.Slots[i.Outputs[0]] = inputs[0];
                break;
            case FlowCode.Constant:
                s.Slots[i.Outputs[0]] = Terms.Constant(i.First, (int)i.Second);
                break;
            case FlowCode.Vector:
                s.Slots[i.Outputs[0]] = Terms.Vector(Terms.Constant(i.First, 64), Terms.Constant(i.Second, 64));
                break;
            case FlowCode.Call or FlowCode.CallIndirect:
                Call(i, inputs);
                break;
            default:
                var row = InstructionTable.Find(i.Opcode)!;
                row.Require(inputs);
                if (row.Meaning(this, i, inputs) is { } result)
                {
                    s.Slots[i.Outputs[0]] = result;
                }

                break;
        }
    }

    public void Trap(TrapKind kind, Term condition) => traps.Add(_path, kind, condition, _state.Parts);

    private void Happens(Term history) => _state.Set(StateLayout.World, history);
}
