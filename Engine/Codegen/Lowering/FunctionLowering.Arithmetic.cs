using System.Numerics;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Integer instructions.</summary>
internal sealed partial class FunctionLowering
{
    private void LowerWord(Inst inst)
    {
        var count = _function.Arguments(inst).Length;
        var a = count > 0 ? Argument(inst, 0) : default;
        var b = count > 1 ? Argument(inst, 1) : default;
        switch (OpcodeOf(inst))
        {
            case Opcode.I32Const: Define(inst, _builder.Constant(unchecked((int)_function.ImmediatesOf(inst).Wide))); break;
            case Opcode.AtomicFence: _builder.Append(MachineOp.Dmb, 0); break;
            case Opcode.I32Eqz: Define(inst, _builder.Not(a)); break;
            case Opcode.I32Clz: Define(inst, _builder.Unary(MachineOp.Clz, a)); break;
            case Opcode.I32Ctz: Define(inst, _builder.Unary(MachineOp.Clz, _builder.Unary(MachineOp.Rbit, a))); break;
            case Opcode.I32Popcnt: Define(inst, _builder.PopCount(a)); break;
            case Opcode.I32Add: Define(inst, _builder.Add(a, b)); break;
            case Opcode.I32Sub: Define(inst, _builder.Sub(a, b)); break;
            case Opcode.I32Mul: Define(inst, _builder.Mul(a, b)); break;
            case Opcode.I32DivS or Opcode.I32DivU or Opcode.I32RemS or Opcode.I32RemU: Define(inst, Divide(OpcodeOf(inst), a, b)); break;
            case Opcode.I32And: Define(inst, _builder.And(a, b)); break;
            case Opcode.I32Or: Define(inst, _builder.Or(a, b)); break;
            case Opcode.I32Xor: Define(inst, _builder.Xor(a, b)); break;
            case Opcode.I32Shl: Define(inst, Shift(MachineOp.Lsl, a, b)); break;
            case Opcode.I32ShrS: Define(inst, Shift(MachineOp.Asr, a, b)); break;
            case Opcode.I32ShrU: Define(inst, Shift(MachineOp.Lsr, a, b)); break;
            case Opcode.I32Rotr: Define(inst, Rotate(a, b, left: false)); break;
            case Opcode.I32Rotl: Define(inst, Rotate(a, b, left: true)); break;
            case Opcode.I32Extend8S: Define(inst, _builder.Unary(MachineOp.Sxtb, a)); break;
            case Opcode.I32Extend16S: Define(inst, _builder.Unary(MachineOp.Sxth, a)); break;
            case Opcode.Nop: break;
            default: LowerRest(inst); break;
        }
    }

    private void LowerRest(Inst inst)
    {
        var info = _function.InfoOf(inst);
        if (ConditionOf(info.Opcode) is { } condition)
        {
            Define(inst, _builder.SetIf(condition, Argument(inst, 0), Argument(inst, 1)));
        }
        else if (info.Opcode is Opcode.MemorySize or Opcode.MemoryGrow or Opcode.MemoryCopy or Opcode.MemoryFill or Opcode.MemoryInit or Opcode.DataDrop)
        {
            LowerBulk(inst);
        }
        else
        {
            throw Unsupported(inst, $"'{info.Mnemonic}'");
        }
    }

    private void LowerWide(Inst inst)
    {
        var count = _function.Arguments(inst).Length;
        var a = count > 0 ? WideArgument(inst, 0) : default;
        var b = count > 1 ? WideArgument(inst, 1) : default;
        switch (OpcodeOf(inst))
        {
            case Opcode.I64Const: Define(inst, _builder.Wide(unchecked((long)_function.ImmediatesOf(inst).Wide))); break;
            case Opcode.I64Eqz: Define(inst, _builder.SetIfWide(Condition.EQ, a, _builder.Wide(0))); break;
            case Opcode.I64Clz: Define(inst, LeadingZeros(a)); break;
            case Opcode.I64Ctz: Define(inst, LeadingZeros(new(Reversed(a.High), Reversed(a.Low)))); break;
            case Opcode.I64Popcnt: Define(inst, _builder.ZeroExtend(_builder.Add(_builder.PopCount(a.Low), _builder.PopCount(a.High)))); break;
            case Opcode.I64Add: Define(inst, _builder.AddWide(a, b, subtract: false)); break;
            case Opcode.I64Sub: Define(inst, _builder.AddWide(a, b, subtract: true)); break;
            case Opcode.I64Mul: Define(inst, _builder.MulWide(a, b)); break;
            case Opcode.I64DivS or Opcode.I64DivU or Opcode.I64RemS or Opcode.I64RemU: Define(inst, DivideWide(inst, a, b)); break;
            case Opcode.I64And: Define(inst, new RegisterPair(_builder.And(a.Low, b.Low), _builder.And(a.High, b.High))); break;
            case Opcode.I64Or: Define(inst, new RegisterPair(_builder.Or(a.Low, b.Low), _builder.Or(a.High, b.High))); break;
            case Opcode.I64Xor: Define(inst, new RegisterPair(_builder.Xor(a.Low, b.Low), _builder.Xor(a.High, b.High))); break;
            case Opcode.I64Shl: Define(inst, ShiftWide(MachineOp.Lsl, a, b)); break;
            case Opcode.I64ShrS: Define(inst, ShiftWide(MachineOp.Asr, a, b)); break;
            case Opcode.I64ShrU: Define(inst, ShiftWide(MachineOp.Lsr, a, b)); break;
            case Opcode.I64Rotr: Define(inst, RotateWide(a, b, left: false)); break;
            case Opcode.I64Rotl: Define(inst, RotateWide(a, b, left: true)); break;
            case Opcode.I32WrapI64: Define(inst, a.Low); break;
            case Opcode.I64ExtendI32S: Define(inst, _builder.SignExtend(a.Low)); break;
            case Opcode.I64ExtendI32U: Define(inst, _builder.ZeroExtend(a.Low)); break;
            case Opcode.I64Extend8S: Define(inst, _builder.SignExtend(_builder.Unary(MachineOp.Sxtb, a.Low))); break;
            case Opcode.I64Extend16S: Define(inst, _builder.SignExtend(_builder.Unary(MachineOp.Sxth, a.Low))); break;
            case Opcode.I64Extend32S: Define(inst, _builder.SignExtend(a.Low)); break;
            default: LowerWideCompare(inst, a, b); break;
        }
    }

    private void LowerWideCompare(Inst inst, RegisterPair a, RegisterPair b)
    {
        // The comparisons of i64 stand in the order of those of i32.
        var word = (Opcode)((int)OpcodeOf(inst) - (int)Opcode.I64Eq + (int)Opcode.I32Eq);
        Define(inst, ConditionOf(word) is { } condition && OpcodeOf(inst) is >= Opcode.I64Eq and <= Opcode.I64GeU
            ? _builder.SetIfWide(condition, a, b)
            : throw Unsupported(inst, $"'{_function.InfoOf(inst).Mnemonic}'"));
    }

    private static Condition? ConditionOf(Opcode opcode) => opcode switch
    {
        Opcode.I32Eq => Condition.EQ,
        Opcode.I32Ne => Condition.NE,
        Opcode.I32LtS => Condition.LT,
        Opcode.I32LtU => Condition.LO,
        Opcode.I32GtS => Condition.GT,
        Opcode.I32GtU => Condition.HI,
        Opcode.I32LeS => Condition.LE,
        Opcode.I32LeU => Condition.LS,
        Opcode.I32GeS => Condition.GE,
        Opcode.I32GeU => Condition.HS,
        _ => null,
    };

    private VReg Reversed(VReg a) => _builder.Unary(MachineOp.Rbit, a);

    private RegisterPair LeadingZeros(RegisterPair a)
    {
        var low = _builder.Add(_builder.Unary(MachineOp.Clz, a.Low), _builder.Constant(32));
        return _builder.ZeroExtend(_builder.Select(_builder.Not(a.High), low, _builder.Unary(MachineOp.Clz, a.High)));
    }

    /// <summary>The machine shifts by the low byte of a register, wasm by its low five bits.</summary>
    private VReg Shift(MachineOp op, VReg a, VReg amount)
    {
        if (_builder.IsConstant(amount, out var by))
        {
            by &= 31;
            return op switch { MachineOp.Lsl => _builder.Lsl(a, by), MachineOp.Lsr => _builder.Lsr(a, by), _ => _builder.Asr(a, by) };
        }

        return _builder.ShiftByRegister(op, a, _builder.And(amount, _builder.Constant(31)));
    }

    private VReg Rotate(VReg a, VReg amount, bool left)
    {
        if (_builder.IsConstant(amount, out var by))
        {
            return _builder.Ror(a, (left ? unchecked(-by) : by) & 31);
        }

        // The amount counts modulo 32 on the machine too; a mask of it is useless.
        if (_builder.DefinitionOf(amount) is { Op: MachineOp.And } mask && _builder.IsConstant(mask.Uses[1].Register, out var bits) && (bits & 31) == 31)
        {
            amount = mask.Uses[0].Register;
        }

        return _builder.ShiftByRegister(MachineOp.Ror, a, left ? _builder.Sub(_builder.Constant(0), amount) : amount);
    }

    private RegisterPair ShiftWide(MachineOp op, RegisterPair a, RegisterPair amount) =>
        _builder.IsConstant(amount.Low, out var by) ? _builder.ShiftWide(op, a, by & 63) : _builder.ShiftWide(op, a, amount.Low);

    private RegisterPair RotateWide(RegisterPair a, RegisterPair amount, bool left) => _builder.IsConstant(amount.Low, out var by)
        ? _builder.RotateWide(a, (left ? unchecked(-by) : by) & 63)
        : _builder.RotateWide(a, left ? _builder.Sub(_builder.Constant(0), amount.Low) : amount.Low);

    private VReg Divide(Opcode opcode, VReg a, VReg b)
    {
        var signed = opcode is Opcode.I32DivS or Opcode.I32RemS;
        var remainder = opcode is Opcode.I32RemS or Opcode.I32RemU;
        GuardZero(b);
        if (opcode == Opcode.I32DivS)
        {
            GuardOverflow(a, b);
        }

        if (_builder.IsConstant(b, out var divisor) && divisor != 0)
        {
            return DivideByConstant(a, divisor, signed, remainder);
        }

        var quotient = _builder.Divide(a, b, signed);
        return remainder ? _builder.Sub(a, _builder.Mul(quotient, b)) : quotient;
    }

    private void GuardZero(VReg b) =>
        _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.EQ, [b, _builder.Constant(0)]), TrapKind.DivideByZero);

    /// <summary>The least value divided by -1 has no result.</summary>
    private void GuardOverflow(VReg a, VReg b)
    {
        var isMinusOne = _builder.SetIf(Condition.EQ, b, _builder.Constant(-1));
        var isLeast = _builder.SetIf(Condition.EQ, a, _builder.Constant(int.MinValue));
        TrapIfBoth(isMinusOne, isLeast);
    }

    private void TrapIfBoth(VReg a, VReg b)
    {
        var both = _builder.And(a, b);
        if (!_builder.IsConstant(both, out var decided) || decided != 0)
        {
            _builder.TrapIf(_builder.ConditionOf(both), TrapKind.IntegerOverflow);
        }
    }

    private VReg DivideByConstant(VReg a, int divisor, bool signed, bool remainder)
    {
        if (remainder && signed && divisor == int.MinValue)
        {
            // Only the least value itself has another remainder than its own value.
            return _builder.Select(_builder.SetIf(Condition.EQ, a, _builder.Constant(divisor)), _builder.Constant(0), a);
        }

        if (remainder && signed && divisor < 0)
        {
            divisor = -divisor;
        }

        var isSigned = signed && (_builder.FactsOf(a).Min < 0 || divisor < 0);
        if (!isSigned && BitOperations.IsPow2(unchecked((uint)divisor)))
        {
            return remainder
                ? _builder.And(a, _builder.Constant(unchecked(divisor - 1)))
                : _builder.Lsr(a, BitOperations.TrailingZeroCount(divisor));
        }

        var quotient = ConstantDivision.Quotient(_builder, a, divisor, isSigned, _plan.Options.Mode != CostMode.Size);
        if (!remainder)
        {
            return quotient;
        }

        var rest = _builder.Sub(a, _builder.Mul(quotient, _builder.Constant(divisor)));
        if (!isSigned)
        {
            _builder.Refine(rest, ValueFacts.UpTo(unchecked((uint)divisor) - 1));
        }

        return rest;
    }

    private RegisterPair DivideWide(Inst inst, RegisterPair a, RegisterPair b)
    {
        var opcode = OpcodeOf(inst);
        var signed = opcode is Opcode.I64DivS or Opcode.I64RemS;
        var remainder = opcode is Opcode.I64RemS or Opcode.I64RemU;
        if (!signed && _builder.IsConstant(b.Low, out var low) && _builder.IsConstant(b.High, out var high))
        {
            var divisor = (ulong)unchecked((uint)high) << 32 | unchecked((uint)low);
            if (BitOperations.IsPow2(divisor))
            {
                var mask = _builder.Wide(unchecked((long)(divisor - 1)));
                return remainder
                    ? new(_builder.And(a.Low, mask.Low), _builder.And(a.High, mask.High))
                    : _builder.ShiftWide(MachineOp.Lsr, a, BitOperations.TrailingZeroCount(divisor));
            }
        }

        var zero = _builder.SetIfWide(Condition.EQ, b, _builder.Wide(0));
        if (!_builder.IsConstant(zero, out var isZero) || isZero != 0)
        {
            _builder.TrapIf(_builder.ConditionOf(zero), TrapKind.DivideByZero);
        }

        if (opcode == Opcode.I64DivS)
        {
            TrapIfBoth(_builder.SetIfWide(Condition.EQ, b, _builder.Wide(-1)), _builder.SetIfWide(Condition.EQ, a, _builder.Wide(long.MinValue)));
        }

        var routine = signed ? RuntimeRoutines.DivideSigned : RuntimeRoutines.DivideUnsigned;
        var results = _builder.Known(routine, [a, b]) ?? _builder.Remember(routine, [a, b], CallRoutine(routine, 4, a.Low, a.High, b.Low, b.High));
        return remainder ? new(results[2], results[3]) : new(results[0], results[1]);
    }
}
