using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>
/// Runs functions in SSA form exactly as the specification says. Calls have a stack of their own, so that deep recursion in the program is
/// not deep recursion here.
/// </summary>
/// <remarks>Core 3.0 #exec-instructions</remarks>
internal sealed class Evaluator(EvaluationOptions options)
{
    /// <summary>Values of all frames together, beside the limit on their number: large functions exhaust the stack sooner.</summary>
    private const long MaximumStackedValues = 4_000_000;

    private readonly Stack<Frame> _frames = new();
    private long _fuel = options.Fuel;
    private long _stackedValues;

    /// <summary>Calls <paramref name="function"/> and says how that ends.</summary>
    public Outcome Call(FunctionInstance function, ReadOnlySpan<RuntimeValue> arguments)
    {
        try
        {
            return new Outcome(OutcomeKind.Returned, [.. Run(function, arguments)]);
        }
        catch (TrapException trap)
        {
            return new Outcome(OutcomeKind.Trapped, [], trap.Kind);
        }
        catch (EvaluationStoppedException stopped)
        {
            return new Outcome(stopped.Kind, []);
        }
    }

    private RuntimeValue[] Run(FunctionInstance function, ReadOnlySpan<RuntimeValue> arguments)
    {
        var results = Enter(function, arguments);
        while (results is null || _frames.Count > 0)
        {
            var frame = _frames.Peek();
            if (results is not null)
            {
                frame.Deliver(results);
            }

            results = Continue(frame);
        }

        return results;
    }

    /// <summary>Starts a call; the results at once when the host or the call handler answers it.</summary>
    private RuntimeValue[]? Enter(FunctionInstance callee, ReadOnlySpan<RuntimeValue> arguments)
    {
        if (options.Calls?.TryCall(callee, arguments) is { } answer)
        {
            return answer;
        }

        if (callee.Host is { } host)
        {
            return host(arguments);
        }

        var body = callee.Owner!.Program.Body(callee.Index) ?? throw new EvaluationStoppedException(OutcomeKind.NotModelled);
        _stackedValues += body.ValueCount;
        if (_frames.Count >= options.MaximumDepth || _stackedValues > MaximumStackedValues)
        {
            throw new TrapException(TrapKind.StackExhausted);
        }

        _frames.Push(new Frame(callee.Owner, body, arguments));
        return null;
    }

    private void Leave() => _stackedValues -= _frames.Pop().Function.ValueCount;

    /// <summary>Runs the topmost frame up to its next call or its return; gives the results when it returns or the callee has answered.</summary>
    private RuntimeValue[]? Continue(Frame frame)
    {
        var function = frame.Function;
        while (true)
        {
            if (--_fuel < 0)
            {
                throw new EvaluationStoppedException(OutcomeKind.OutOfFuel);
            }

            var inst = frame.Next;
            switch (function.OpcodeOf(inst))
            {
                case Opcode.Br:
                    frame.Go(inst, 0);
                    break;
                case Opcode.BrIf:
                    frame.Go(inst, frame.Argument(inst, 0).Bits != 0 ? 0 : 1);
                    break;
                case Opcode.BrTable:
                    frame.Go(inst, (int)Math.Min(frame.Argument(inst, 0).Bits, (ulong)function.TargetCount(inst) - 1));
                    break;
                case Opcode.Return:
                    Leave();
                    return frame.Arguments(inst);
                case Opcode.Unreachable:
                    throw new TrapException(TrapKind.Unreachable);
                case Opcode.Call or Opcode.CallIndirect:
                    frame.Waiting = inst;
                    return Enter(Callee(frame, inst), CallArguments(frame, inst));
                case Opcode.ReturnCall or Opcode.ReturnCallIndirect:
                    var (callee, arguments) = (Callee(frame, inst), CallArguments(frame, inst));
                    Leave();
                    return Enter(callee, arguments);
                default:
                    Semantics.Run(frame, inst);
                    frame.Next = function.Next(inst);
                    break;
            }
        }
    }

    private static FunctionInstance Callee(Frame frame, Inst inst)
    {
        var immediates = frame.Function.ImmediatesOf(inst);
        if (frame.Function.OpcodeOf(inst) is Opcode.Call or Opcode.ReturnCall)
        {
            return frame.Instance.Functions[immediates.A];
        }

        var table = frame.Instance.Tables[immediates.B];
        var index = frame.Argument(inst, frame.Function.Arguments(inst).Length - 1).Bits;
        if (!table.Holds(index, 1))
        {
            throw new TrapException(TrapKind.OutOfBoundsTable);
        }

        var callee = table[index] as FunctionInstance ?? throw new TrapException(TrapKind.UninitialisedElement);
        return callee.Type.Equals(frame.Instance.Program.Module.Types[immediates.A])
            ? callee
            : throw new TrapException(TrapKind.IndirectCallTypeMismatch);
    }

    private static RuntimeValue[] CallArguments(Frame frame, Inst inst)
    {
        var all = frame.Arguments(inst);
        return frame.Function.OpcodeOf(inst) is Opcode.Call or Opcode.ReturnCall ? all : all[..^1];
    }
}
