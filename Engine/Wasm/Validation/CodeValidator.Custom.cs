using System.Collections.Immutable;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.Validation;

/// <summary>The instructions whose operands depend on more than the opcode.</summary>
internal sealed partial class CodeValidator
{
    private void StepCustom()
    {
        switch (_current.Opcode)
        {
            case Opcode.Unreachable:
                MarkUnreachable();
                break;
            case Opcode.Block or Opcode.Loop or Opcode.If:
                Open();
                break;
            case Opcode.Else:
                Else();
                break;
            case Opcode.End:
                End();
                break;
            case Opcode.Br:
                Pop(LabelTypes(_current.A));
                MarkUnreachable();
                break;
            case Opcode.BrIf:
                Pop(ValType.I32);
                Pop(LabelTypes(_current.A));
                Push(LabelTypes(_current.A));
                break;
            case Opcode.BrTable:
                BrTable();
                break;
            case Opcode.Return:
                Pop(_frames[0].Results);
                MarkUnreachable();
                break;
            case Opcode.Call:
                Call(_module.TypeOf(new FuncIndex(_current.A)), isTail: false);
                break;
            case Opcode.ReturnCall:
                Call(_module.TypeOf(new FuncIndex(_current.A)), isTail: true);
                break;
            case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                CallIndirect();
                break;
            case Opcode.Drop:
                Pop();
                break;
            case Opcode.Select or Opcode.SelectTyped:
                Select();
                break;
            default:
                StepVariable();
                break;
        }
    }

    private void StepVariable()
    {
        switch (_current.Opcode)
        {
            case Opcode.LocalGet:
                Push(_locals[_current.A]);
                break;
            case Opcode.LocalSet:
                Pop(_locals[_current.A]);
                break;
            case Opcode.LocalTee:
                Pop(_locals[_current.A]);
                Push(_locals[_current.A]);
                break;
            case Opcode.GlobalGet:
                Push(_module.Globals[_current.A].Type);
                break;
            case Opcode.GlobalSet when !_module.Globals[_current.A].IsMutable:
                throw Invalid("global is immutable");
            case Opcode.GlobalSet:
                Pop(_module.Globals[_current.A].Type);
                break;
            case Opcode.RefNull:
                Push((ValType)_current.A);
                break;
            case Opcode.RefIsNull:
                if (Pop() is var reference && reference != Unknown && !reference.IsReference())
                {
                    throw Invalid($"type mismatch: expected a reference, found {Name(reference)}");
                }

                Push(ValType.I32);
                break;
            default:
                StepTable();
                break;
        }
    }

    private void StepTable()
    {
        var table = _module.Tables[_current.A];
        var address = table.Limits.Is64 ? ValType.I64 : ValType.I32;
        switch (_current.Opcode)
        {
            case Opcode.TableGet:
                Pop(address);
                Push(table.ElementType);
                break;
            case Opcode.TableSet:
                Pop(table.ElementType);
                Pop(address);
                break;
            case Opcode.TableGrow:
                Pop(address);
                Pop(table.ElementType);
                Push(address);
                break;
            case Opcode.TableFill:
                Pop(address);
                Pop(table.ElementType);
                Pop(address);
                break;
            default:
                throw new InvariantException($"{_current.Opcode} has no types and no validation rule");
        }
    }

    private (ImmutableArray<ValType> Parameters, ImmutableArray<ValType> Results) BlockType()
    {
        switch (_current.A)
        {
            case -0x40:
                return ([], []);
            case < 0:
                var type = (ValType)(_current.A & 0x7F);
                context.RequireType(type, _current.Offset);
                return ([], SingleTypes[(int)type]);
            default:
                context.Require(WasmFeatures.MultiValue, _current.Offset);
                RequireIndex(_current.A, _module.Types.Count, "type");
                return (_module.Types[_current.A].Parameters, _module.Types[_current.A].Results);
        }
    }

    private void Open()
    {
        var (parameters, results) = BlockType();
        if (_current.Opcode == Opcode.If)
        {
            Pop(ValType.I32);
        }

        Pop(parameters);
        PushFrame(_current.Opcode, parameters, results);
    }

    private void Else()
    {
        if (_frames[_depth - 1].Opener != Opcode.If)
        {
            throw Malformed("END opcode expected: else without if", _current.Offset);
        }

        var frame = PopFrame();
        PushFrame(Opcode.Else, frame.Parameters, frame.Results);
    }

    private void End()
    {
        var frame = PopFrame();
        if (frame.Opener == Opcode.If && !frame.Parameters.AsSpan().SequenceEqual(frame.Results.AsSpan()))
        {
            throw Invalid("type mismatch: an if without else must have the same parameters and results");
        }

        if (_depth > 0)
        {
            Push(frame.Results);
        }
    }

    private ImmutableArray<ValType> LabelTypes(int label) => _frames[_depth - 1 - label].LabelTypes;

    /// <summary>Every label must take what the default takes; in unreachable code an operand may suit several types at once.</summary>
    private void BrTable()
    {
        Pop(ValType.I32);
        var labels = _current.Labels!;
        var arity = LabelTypes(labels[^1]).Length;
        ImmutableArray<ValType> previous = default;
        foreach (var label in labels.AsSpan(0, labels.Length - 1))
        {
            var types = LabelTypes(label);
            if (types.Length != arity)
            {
                throw Invalid($"type mismatch: label {label} takes {types.Length} values, the default {arity}");
            }

            if (types != previous)
            {
                PeekAll(types);
                previous = types;
            }
        }

        Pop(LabelTypes(labels[^1]));
        MarkUnreachable();
    }

    /// <summary>Checks the operands against <paramref name="types"/> and leaves them as they are.</summary>
    private void PeekAll(ImmutableArray<ValType> types)
    {
        if (IsOnTop(types))
        {
            return;
        }

        var available = _height - _frames[_depth - 1].Height;
        if (available < types.Length && !_frames[_depth - 1].IsUnreachable)
        {
            throw Invalid($"type mismatch: expected {types.Length} values, found {available}");
        }

        for (var i = 0; i < Math.Min(available, types.Length); i++)
        {
            var found = _operands[_height - 1 - i];
            var expected = types[types.Length - 1 - i];
            if (found != expected && found != Unknown)
            {
                throw Invalid($"type mismatch: expected {Name(expected)}, found {Name(found)}");
            }
        }
    }

    private void Call(FuncType type, bool isTail)
    {
        Pop(type.Parameters);
        if (!isTail)
        {
            Push(type.Results);
            return;
        }

        if (!type.Results.AsSpan().SequenceEqual(_frames[0].Results.AsSpan()))
        {
            throw Invalid("type mismatch: a tail call must have the results of its function");
        }

        MarkUnreachable();
    }

    private void CallIndirect()
    {
        var table = _module.Tables[_current.B];
        if (table.ElementType != ValType.FuncRef)
        {
            throw Invalid($"type mismatch: expected a table of funcref, found one of {table.ElementType.Name()}");
        }

        Pop(table.Limits.Is64 ? ValType.I64 : ValType.I32);
        Call(_module.Types[_current.A], _current.Opcode == Opcode.ReturnCallIndirect);
    }

    private void Select()
    {
        Pop(ValType.I32);
        if (_current.Opcode == Opcode.SelectTyped)
        {
            if (_current.Labels is not [var code])
            {
                throw Invalid("invalid result arity");
            }

            context.RequireType((ValType)code, _current.Offset);
            Pop((ValType)code);
            Pop((ValType)code);
            Push((ValType)code);
            return;
        }

        var second = Pop();
        var first = Pop();
        if (first.IsReference() || second.IsReference())
        {
            throw Invalid("type mismatch: a select of references needs its type");
        }

        if (first != second && first != Unknown && second != Unknown)
        {
            throw Invalid($"type mismatch: expected {Name(first)}, found {Name(second)}");
        }

        Push(first == Unknown ? second : first);
    }
}
