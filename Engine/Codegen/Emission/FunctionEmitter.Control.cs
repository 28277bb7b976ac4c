using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>Comparisons, branches, returns, and the moves on edges.</summary>
internal sealed partial class FunctionEmitter
{
    private void EmitConditional(MachineInst inst)
    {
        if (inst.Op == MachineOp.TrapIf)
        {
            EmitBranchOn(inst, inst.Condition, TrapLabel(inst.Trap, inst.Source));
            return;
        }

        var rd = RegisterOf(inst.Def);
        var condition = EmitCompare(inst, inst.Op == MachineOp.SetIf ? rd : null);
        if (inst.Op == MachineOp.SetIf)
        {
            PutIf(condition, rd, Location.Of(1));
            PutIf(condition.Invert(), rd, Location.Of(0));
            return;
        }

        PutIf(condition, rd, _allocation.Of(inst.Uses[inst.CompareCount]));
        PutIf(condition.Invert(), rd, _allocation.Of(inst.Uses[inst.CompareCount + 1]));
    }

    private void PutIf(Condition condition, Register rd, Location source)
    {
        if (source != Location.In(rd))
        {
            Put((source.IsConstant ? Move(rd, source.Number) : Move(rd, source.Register)).If(condition));
        }
    }

    /// <summary>Sets the flags; returns the condition to ask for, which can differ where flags are reused.</summary>
    private Condition EmitCompare(MachineInst inst, Register? room)
    {
        if (inst.CompareCount == 4)
        {
            var wide = new ComparedFlags(inst.Compare, CompareWord(inst, 0), CompareWord(inst, 2));
            if (_flags != wide)
            {
                room ??= inst.HasScratch ? RegisterOf(inst.Defs[0]) : null;
                EmitWideCompare(inst, room);
                _flags = room is { } written && wide.Reads(written) ? null : wide;
            }

            return inst.Condition;
        }

        var operation = inst.Compare switch
        {
            CompareKind.Cmp => Operation.Cmp,
            CompareKind.Cmn => Operation.Cmn,
            CompareKind.Tst => Operation.Tst,
            _ => Operation.Teq,
        };
        var a = RegisterOf(inst.Uses[0]);
        if (operation == Operation.Cmp && inst.Uses[1] is { IsImmediate: true, Immediate: 0 } && FlagsOfResult(a, inst.Condition) is { } condition)
        {
            return condition;
        }

        var comparison = inst.Uses[1].IsImmediate
            ? Compare(operation, a, inst.Uses[1].Immediate)
            : Compare(operation, a, RegisterOf(inst.Uses[1]), inst.Shift, inst.Amount);
        var compared = new ComparedFlags(inst.Compare, comparison);
        if (_flags != compared)
        {
            Put(comparison);
            _flags = compared;
        }

        return inst.Condition;
    }

    /// <summary>Lets the instruction that has just computed a value set the flags, instead of a comparison with zero.</summary>
    private Condition? FlagsOfResult(Register register, Condition condition)
    {
        var asked = condition switch
        {
            Condition.EQ or Condition.NE => condition,
            Condition.LT => Condition.MI,
            Condition.GE => Condition.PL,
            _ => Condition.AL,
        };
        if (asked == Condition.AL || _pending is not { Flags: not FlagEffect.Preserved, Condition: Condition.AL } last || last.Rd != register
            || last.Operation is not (Operation.Add or Operation.Sub or Operation.Rsb or Operation.And or Operation.Orr or Operation.Eor or Operation.Bic
                or Operation.Lsl or Operation.Lsr or Operation.Asr or Operation.Mvn))
        {
            return null;
        }

        var setting = last.WithFlags(FlagEffect.Set);
        if (!Encoder.CanEncode(setting))
        {
            return null;
        }

        _pending = setting;
        return asked;
    }

    private void EmitWideCompare(MachineInst inst, Register? room)
    {
        Put(CompareWord(inst, 0));
        if (inst.Compare == CompareKind.WideEqual)
        {
            Put(CompareWord(inst, 2).If(Condition.EQ));
        }
        else
        {
            var a = RegisterOf(inst.Uses[2]);
            Put((inst.Uses[3].IsImmediate
                ? Binary(Operation.Sbc, room!.Value, a, inst.Uses[3].Immediate)
                : Binary(Operation.Sbc, room!.Value, a, RegisterOf(inst.Uses[3]))).WithFlags(FlagEffect.Set));
        }
    }

    private Instruction CompareWord(MachineInst inst, int index)
    {
        var a = RegisterOf(inst.Uses[index]);
        return inst.Uses[index + 1].IsImmediate
            ? Compare(Operation.Cmp, a, inst.Uses[index + 1].Immediate)
            : Compare(Operation.Cmp, a, RegisterOf(inst.Uses[index + 1]));
    }

    private void EmitBranchOn(MachineInst inst, Condition wanted, Label target)
    {
        if (inst.Compare == CompareKind.Cmp && inst.Uses[1] is { IsImmediate: true, Immediate: 0 } && wanted is Condition.EQ or Condition.NE
            && RegisterOf(inst.Uses[0]).IsLow() && FlagsOfResult(RegisterOf(inst.Uses[0]), wanted) is null)
        {
            Flush();
            _assembler.BranchIfZero(RegisterOf(inst.Uses[0]), wanted == Condition.EQ, target);
            _flags = null;
            return;
        }

        var condition = EmitCompare(inst, null);
        Flush();
        _assembler.Branch(target, wanted == inst.Condition ? condition : condition.Invert());
    }

    private void EmitTerminator(MachineInst inst, MachineBlock? next)
    {
        switch (inst.Op)
        {
            case MachineOp.Jump:
                EmitEdge(inst.Targets[0], next);
                break;
            case MachineOp.Branch:
                EmitBranch(inst, next);
                break;
            case MachineOp.Switch:
                EmitSwitch(inst);
                break;
            case MachineOp.Return:
                PerformUses(inst);
                if (!Epilogue(returns: true))
                {
                    Put(BranchTo(Operation.Bx, Register.LR));
                }

                break;
            case MachineOp.TailCall:
                PerformUses(inst);
                Epilogue(returns: false);
                if (inst.Symbol is null)
                {
                    Put(BranchTo(Operation.Bx, CallingConvention.TailTarget));
                    break;
                }

                Flush();
                _assembler.Jump(inst.Symbol);
                break;
            default:
                Flush();
                _assembler.Branch(TrapLabel(inst.Trap, inst.Source));
                break;
        }
    }

    private void PerformUses(MachineInst inst) => Perform(inst.UseRegisters.Select((register, i) => (Location.In(register), _allocation.Of(inst.Uses[i]))));

    private void EmitBranch(MachineInst inst, MachineBlock? next)
    {
        var (taken, other, condition) = (inst.Targets[0], inst.Targets[1], inst.Condition);
        if (HasMoves(taken) && !HasMoves(other) && (taken.Target == next || !CanMoveEarly(taken, other.Target)) || (!HasMoves(taken) && !HasMoves(other) && taken.Target == next))
        {
            // Branch on the edge that moves nothing, and fall through to the moves or to the next block.
            (taken, other, condition) = (other, taken, condition.Invert());
        }

        if (!HasMoves(taken))
        {
            EmitBranchOn(inst, condition, LabelOf(taken.Target));
            EmitEdge(other, next);
            return;
        }

        if (!HasMoves(other) && CanMoveEarly(taken, other.Target))
        {
            var asked = EmitCompare(inst, null);
            Perform(MovesOf(taken), keepFlags: true);
            Flush();
            _assembler.Branch(LabelOf(taken.Target), condition == inst.Condition ? asked : asked.Invert());
            EmitEdge(other, next);
            return;
        }

        var skip = _assembler.NewLabel();
        EmitBranchOn(inst, condition.Invert(), skip);
        EmitEdge(taken, null);
        Bind(skip);
        EmitEdge(other, next);
    }

    /// <summary>Whether what an edge moves can be moved before the branch, because nothing that it overwrites is wanted on the other way.</summary>
    private bool CanMoveEarly(MachineEdge edge, MachineBlock other)
    {
        var kept = new HashSet<Location>(_liveness.LiveIn(other).Members().Select(member => _allocation[new VReg(member)]));
        kept.UnionWith(other.Parameters.Select(parameter => _allocation[parameter]));
        var moves = MovesOf(edge).ToList();
        return moves.TrueForAll(move => move.Item1.IsRegister && (move.Item2.IsRegister || (move.Item2.IsConstant && Encoder.CanMove(unchecked((uint)move.Item2.Number)))) && !kept.Contains(move.Item1))
            && !ParallelMove.Resolve(moves, _allocation.Scratch).Exists(step => step.IsSwap);
    }

    private IEnumerable<(Location, Location)> MovesOf(MachineEdge edge) =>
        edge.Arguments.Select((argument, i) => (_allocation[edge.Target.Parameters[i]], _allocation.Of(argument)))
            .Where(move => !move.Item1.IsNone && move.Item1 != move.Item2);

    private bool HasMoves(MachineEdge edge) => MovesOf(edge).Any();

    private void EmitEdge(MachineEdge edge, MachineBlock? next)
    {
        Perform(MovesOf(edge));
        if (edge.Target != next)
        {
            Flush();
            _assembler.Branch(LabelOf(edge.Target));
        }
    }

    private void EmitSwitch(MachineInst inst)
    {
        var index = RegisterOf(inst.Uses[0]);
        var steps = new List<(Label Label, MachineEdge Edge)>();
        Label Step(MachineEdge edge)
        {
            if (!HasMoves(edge))
            {
                return LabelOf(edge.Target);
            }

            steps.Add((_assembler.NewLabel(), edge));
            return steps[^1].Label;
        }

        var cases = inst.Targets.Take(inst.Targets.Count - 1).Select(Step).ToList();
        if (inst.Immediate != 0)
        {
            // Entries that lead to the default make the length a constant that a comparison can hold.
            var otherwise = Step(inst.Targets[^1]);
            while (!ModifiedImmediate.CanEncode((uint)cases.Count))
            {
                cases.Add(otherwise);
            }

            Put(Compare(Operation.Cmp, index, cases.Count));
            Flush();
            _assembler.Branch(otherwise, Condition.HS);
        }

        Flush();
        _flags = null;
        _assembler.TableBranch(index, [.. cases]);
        foreach (var (label, edge) in steps)
        {
            Bind(label);
            EmitEdge(edge, null);
            Flush();
        }
    }
}
