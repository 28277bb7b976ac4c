using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Calls: direct, through a table, of the chip's operations, of runtime routines.</summary>
internal sealed partial class FunctionLowering
{
    private void LowerCall(Inst inst)
    {
        var opcode = OpcodeOf(inst);
        var immediates = _function.ImmediatesOf(inst);
        var arguments = _function.Arguments(inst).ToArray();
        var isTail = opcode is Opcode.ReturnCall or Opcode.ReturnCallIndirect;
        if (opcode is Opcode.CallIndirect or Opcode.ReturnCallIndirect)
        {
            var target = TableTarget(immediates, Low(arguments[^1]));
            Call(inst, _plan.Module.Types[immediates.A], arguments[..^1], null, target, isTail);
            return;
        }

        var callee = new FuncIndex(immediates.A);
        if (_plan.Module.Functions[callee.Index].Import is { } import && import.Module.StartsWith(TargetIntrinsics.Package, StringComparison.Ordinal))
        {
            LowerChipOperation(inst, import, _plan.Module.TypeOf(callee), arguments);
            if (isTail)
            {
                Return(_function.ResultCount(inst) == 0 ? [] : [.. Words([_function.Result(inst)])]);
            }

            return;
        }

        Call(inst, _plan.Module.TypeOf(callee), arguments, _plan.FunctionSymbol(callee), null, isTail);
    }

    /// <summary>The code address that an indirect call of one type goes to; entries of another type and null entries trap when called.</summary>
    private VReg TableTarget(Immediates immediates, VReg index)
    {
        var entries = TableContents.LengthOf(_plan.Module, immediates.B, _plan.Path);
        _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.HS, [index, _builder.Constant(entries)]), TrapKind.TableBounds);
        var table = _builder.Address(_plan.CallTableSymbol(immediates.B, immediates.A));
        return _builder.Load(MachineOp.Load32, _builder.Add(table, _builder.Lsl(index, 2)), 0);
    }

    private void Call(Inst inst, FuncType type, Value[] arguments, string? symbol, VReg? target, bool isTail)
    {
        var (words, bytes) = CallingConvention.Arguments(type.Parameters);
        var (results, resultBytes) = CallingConvention.Results(type.Results);
        isTail &= bytes == 0 && resultBytes == 0;
        _machine.OutgoingBytes = Math.Max(_machine.OutgoingBytes, bytes + resultBytes);
        var registers = Words(arguments).ToArray();
        var call = new MachineInst((symbol, isTail) switch
        {
            (null, false) => MachineOp.CallRegister,
            (_, false) => MachineOp.Call,
            _ => MachineOp.TailCall,
        }) { Symbol = symbol };
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].Register is null)
            {
                var store = new MachineInst(MachineOp.StoreArgument) { Immediate = words[i].Offset };
                store.Uses.Add(registers[i]);
                _builder.Append(store);
            }
            else
            {
                call.Uses.Add(registers[i]);
            }
        }

        call.UseRegisters = [.. words.Where(word => word.Register is not null).Select(word => word.Register!.Value)];
        if (target is { } address)
        {
            call.Uses.Add(address);
            call.UseRegisters = isTail ? [.. call.UseRegisters, CallingConvention.TailTarget] : call.UseRegisters;
        }

        var values = Results(call, results, bytes, isTail);
        if (OpcodeOf(inst) is Opcode.ReturnCall or Opcode.ReturnCallIndirect)
        {
            if (!isTail)
            {
                Return(values);
            }

            return;
        }

        var next = 0;
        for (var i = 0; i < _function.ResultCount(inst); i++)
        {
            _values[_function.Result(inst, i)] = TakeWords(_function.Result(inst, i), values, ref next);
        }
    }

    private List<VReg> Results(MachineInst call, IReadOnlyList<WordLocation> results, int argumentBytes, bool isTail)
    {
        var values = new List<VReg>();
        if (!isTail)
        {
            foreach (var result in results.Where(result => result.Register is not null))
            {
                values.Add(_machine.NewRegister());
                call.Defs.Add(values[^1]);
            }

            call.DefRegisters = [.. results.Where(result => result.Register is not null).Select(result => result.Register!.Value)];
        }

        _builder.Append(call);
        foreach (var result in results.Where(result => result.Register is null && !isTail))
        {
            var load = new MachineInst(MachineOp.LoadResult) { Immediate = argumentBytes + result.Offset };
            values.Add(_machine.NewRegister());
            load.Defs.Add(values[^1]);
            _builder.Append(load);
        }

        return values;
    }

    /// <summary>Calls a routine that the object contains once; arguments and results are words in r0 to r3.</summary>
    private List<VReg> CallRoutine(string symbol, int results, params ReadOnlySpan<VReg> arguments)
    {
        _plan.Routines.Add(symbol);
        var call = new MachineInst(MachineOp.Call) { Symbol = symbol };
        foreach (var argument in arguments)
        {
            call.Uses.Add(argument);
        }

        call.UseRegisters = [.. Enumerable.Range(0, arguments.Length).Select(i => (Register)i)];
        call.DefRegisters = [.. Enumerable.Range(0, results).Select(i => (Register)i)];
        call.Defs.AddRange(Enumerable.Range(0, results).Select(_ => _machine.NewRegister()));
        return _builder.Append(call).Defs;
    }
}
