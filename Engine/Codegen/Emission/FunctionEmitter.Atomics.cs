using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>Updates that begin anew when an interrupt came in between.</summary>
/// <example><code>
/// again: ldrex old, [p]
///        add new, old, value
///        strex status, new, [p]
///        cmp status, #0
///        bne again
/// </code></example>
/// <remarks>DDI 0403E, A3.4 and B1.5: entering and leaving an exception clear the monitor, so a store fails if a handler ran since the load.</remarks>
internal sealed partial class FunctionEmitter
{
    private void EmitUpdate(MachineInst inst)
    {
        var (load, store) = inst.Width switch
        {
            1 => (Operation.Ldrexb, Operation.Strexb),
            2 => (Operation.Ldrexh, Operation.Strexh),
            _ => (Operation.Ldrex, Operation.Strex),
        };
        var (place, old, status) = (RegisterOf(inst.Uses[0]), RegisterOf(inst.Defs[0]), RegisterOf(inst.Defs[1]));
        var (again, done) = (_assembler.NewLabel(), _assembler.NewLabel());
        Bind(again);
        Put(LoadExclusive(load, old, place, inst.Immediate));
        var stored = EmitCombination(inst, old, done);
        Put(StoreExclusive(store, status, stored, place, inst.Immediate));
        Flush();
        _assembler.BranchIfZero(status, whenZero: false, again);
        Bind(done);
    }

    /// <summary>The register of what is to be stored. A comparison that fails leaves the monitor as it is: every other store has a load before it, which sets it anew.</summary>
    private Register EmitCombination(MachineInst inst, Register old, Label done)
    {
        var operand = inst.Uses[1];
        switch (inst.Combine)
        {
            case MachineOp.Copy:
                return RegisterOf(operand);
            case MachineOp.Select:
                Put(operand.IsImmediate ? Compare(Operation.Cmp, old, operand.Immediate) : Compare(Operation.Cmp, old, RegisterOf(operand)));
                Flush();
                _assembler.Branch(done, Condition.NE);
                return RegisterOf(inst.Uses[2]);
            default:
                var result = RegisterOf(inst.Defs[2]);
                PutValue(operand.IsImmediate
                    ? Binary(OperationOf(inst.Combine), result, old, operand.Immediate)
                    : Binary(OperationOf(inst.Combine), result, old, RegisterOf(operand)));
                return result;
        }
    }
}
