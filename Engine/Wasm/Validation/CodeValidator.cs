using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Wasm.Validation;

/// <summary>
/// Validates bodies and constant expressions with the algorithm of the specification's appendix: a stack of operand types, in which unreachable
/// code has operands of unknown type, and a stack of control frames. Instructions whose types stand in the table are checked
/// from it; the others have code in the <c>Custom</c> part.
/// </summary>
/// <remarks>Core 3.0 #algo-valid</remarks>
internal sealed partial class CodeValidator(ValidationContext context)
{
    /// <summary>An operand of unreachable code, which can be of any type.</summary>
    private const ValType Unknown = 0;

    private static readonly ImmutableArray<ValType>[] SingleTypes = [.. Enumerable.Range(0, 128).Select(code => ImmutableArray.Create((ValType)code))];

    private readonly Module _module = context.Module;
    private ValType[] _operands = new ValType[64];
    private int _height;
    private Frame[] _frames = new Frame[16];
    private int _depth;
    private readonly LocalTypes _locals = new();
    private bool _isConstant;
    private bool _hasPlace;
    private Instruction _current;

    /// <summary>One open block, or the function itself.</summary>
    private struct Frame
    {
        public Opcode Opener;
        public ImmutableArray<ValType> Parameters;
        public ImmutableArray<ValType> Results;
        public int Height;
        public bool IsUnreachable;

        /// <summary>The operands of a branch to this block: a loop starts again, everything else ends.</summary>
        public readonly ImmutableArray<ValType> LabelTypes => Opener == Opcode.Loop ? Parameters : Results;
    }

    /// <summary>Throws unless <paramref name="body"/> is valid for a function of <paramref name="type"/>.</summary>
    public void CheckBody(FuncType type, FunctionBody body)
    {
        SetLocals(type, body);
        _isConstant = false;
        Check(body.Code.Span, body.Offset, type.Results);
    }

    /// <summary>Throws unless <paramref name="expression"/> is a constant of <paramref name="type"/>.</summary>
    public void CheckConstant(ConstantExpression expression, ValType type)
    {
        _locals.Set([], []);
        _isConstant = true;
        Check(expression.Code.Span, expression.Offset, SingleTypes[(int)type]);
    }

    private void SetLocals(FuncType type, FunctionBody body)
    {
        if (!ValidationContext.IsWithinLocals(type, body))
        {
            throw context.Invalid($"implementation limit: more than {ValidationContext.MaximumLocals} locals", body.Offset > 0 ? body.Offset : -1);
        }

        _locals.Set(type.Parameters, body.Locals);
    }

    private void Check(ReadOnlySpan<byte> code, int offset, ImmutableArray<ValType> results)
    {
        // Code that was made here, not read, has no place in a file.
        _hasPlace = offset > 0;
        _height = 0;
        _depth = 0;
        PushFrame(Opcode.Block, [], results);
        var reader = new InstructionReader(code, offset, context.Path);
        while (reader.TryRead(out _current))
        {
            if (_depth == 0)
            {
                throw Malformed("unexpected content after the final end", _current.Offset);
            }

            Step();
        }

        if (_depth > 0)
        {
            throw Malformed("END opcode expected", reader.Offset);
        }
    }

    private void Step()
    {
        if (_current.Opcode == Opcode.LocalGet && !_isConstant)
        {
            // The most frequent instruction by far.
            RequireIndex(_current.A, _locals.Count, "local");
            Push(_locals[_current.A]);
            return;
        }

        if (_isConstant)
        {
            CheckConstantInstruction();
        }

        var row = _current.Info;
        if (row.Feature != WasmFeatures.None && !(_isConstant && row.Feature == WasmFeatures.ReferenceTypes))
        {
            context.Require(row.Feature, Place);
        }

        CheckImmediates();
        if (row.IsCustom)
        {
            StepCustom();
            return;
        }

        for (var i = row.Pops.Length - 1; i >= 0; i--)
        {
            Pop(row.Pops[i] == ValType.Address ? AddressType(i) : row.Pops[i]);
        }

        foreach (var type in row.Pushes)
        {
            Push(type == ValType.Address ? AddressType(0) : type);
        }
    }

    /// <summary>The address type of operand <paramref name="operand"/>: copies take the smaller of two address types as length.</summary>
    private ValType AddressType(int operand)
    {
        var (a, b) = (_current.A, _current.B);
        var is64 = _current.Info.Immediate switch
        {
            ImmediateKind.MemoryMemory => OfCopy(operand, _module.Memories[a].Limits, _module.Memories[b].Limits),
            ImmediateKind.TableTable => OfCopy(operand, _module.Tables[a].Limits, _module.Tables[b].Limits),
            ImmediateKind.DataMemory => _module.Memories[b].Limits.Is64,
            ImmediateKind.ElementTable => _module.Tables[b].Limits.Is64,
            ImmediateKind.Table => _module.Tables[a].Limits.Is64,
            _ => _module.Memories[a].Limits.Is64,
        };
        return is64 ? ValType.I64 : ValType.I32;
    }

    private static bool OfCopy(int operand, Limits to, Limits from) =>
        operand switch { 0 => to.Is64, 1 => from.Is64, _ => to.Is64 && from.Is64 };

    private void CheckConstantInstruction()
    {
        switch (_current.Opcode)
        {
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const or Opcode.V128Const or Opcode.RefNull or Opcode.RefFunc or Opcode.End:
                break;
            case Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul or Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul:
                context.Require(WasmFeatures.ExtendedConst, _current.Offset);
                break;
            case Opcode.GlobalGet:
                context.RequireIndex(_current.A, context.VisibleGlobals, "global", _current.Offset, "global.get");
                if (_module.Globals[_current.A].IsMutable)
                {
                    throw Invalid("constant expression required");
                }

                break;
            default:
                throw Invalid("constant expression required");
        }
    }

    private void CheckImmediates()
    {
        var (a, b) = (_current.A, _current.B);
        switch (_current.Info.Immediate)
        {
            case ImmediateKind.Function:
                RequireIndex(a, _module.Functions.Count, "function");
                CheckDeclared();
                break;
            case ImmediateKind.Global:
                RequireIndex(a, _module.Globals.Count, "global");
                break;
            case ImmediateKind.Local:
                RequireIndex(a, _locals.Count, "local");
                break;
            case ImmediateKind.Label:
                RequireIndex(a, _depth, "label");
                break;
            case ImmediateKind.LabelTable:
                Array.ForEach(_current.Labels!, label => RequireIndex(label, _depth, "label"));
                break;
            case ImmediateKind.TypeTable:
                RequireIndex(b, _module.Tables.Count, "table");
                RequireIndex(a, _module.Types.Count, "type");
                break;
            case ImmediateKind.Table:
                RequireIndex(a, _module.Tables.Count, "table");
                break;
            case ImmediateKind.TableTable:
                RequireIndex(a, _module.Tables.Count, "table");
                RequireIndex(b, _module.Tables.Count, "table");
                RequireSame(_module.Tables[a].ElementType, _module.Tables[b].ElementType);
                break;
            case ImmediateKind.Memory:
                RequireIndex(a, _module.Memories.Count, "memory");
                break;
            case ImmediateKind.MemoryMemory:
                RequireIndex(a, _module.Memories.Count, "memory");
                RequireIndex(b, _module.Memories.Count, "memory");
                break;
            case ImmediateKind.DataMemory:
                RequireIndex(b, _module.Memories.Count, "memory");
                CheckDataSegment(a);
                break;
            case ImmediateKind.Data:
                CheckDataSegment(a);
                break;
            case ImmediateKind.ElementTable:
                RequireIndex(b, _module.Tables.Count, "table");
                RequireIndex(a, _module.Elements.Count, "elem segment");
                RequireSame(_module.Tables[b].ElementType, _module.Elements[a].Type);
                break;
            case ImmediateKind.Element:
                RequireIndex(a, _module.Elements.Count, "elem segment");
                break;
            case ImmediateKind.MemArg or ImmediateKind.AtomicMemArg:
                CheckMemArg();
                break;
            case ImmediateKind.MemArgLane:
                CheckMemArg();
                CheckLane(_current.High);
                break;
            case ImmediateKind.Lane:
                CheckLane((ulong)a);
                break;
            case ImmediateKind.Shuffle:
                CheckShuffle();
                break;
            default:
                break;
        }
    }

    private void RequireSame(ValType table, ValType entries)
    {
        if (table != entries)
        {
            throw Invalid($"type mismatch: expected entries of {table.Name()}, found {entries.Name()}");
        }
    }

    private void CheckDeclared()
    {
        if (_current.Opcode == Opcode.RefFunc && !_isConstant && !context.DeclaredReferences.Contains(new FuncIndex(_current.A)))
        {
            throw Invalid("undeclared function reference");
        }
    }

    private void CheckDataSegment(int index)
    {
        if (!_module.HasDataCount)
        {
            throw Malformed("data count section required", _current.Offset);
        }

        RequireIndex(index, _module.Data.Count, "data segment");
    }

    private void CheckMemArg()
    {
        RequireIndex(_current.A, _module.Memories.Count, "memory");
        if (1UL << _current.B > (ulong)_current.Info.AccessBytes)
        {
            throw Invalid("alignment must not be larger than natural");
        }

        if (_current.Info.Immediate == ImmediateKind.AtomicMemArg && 1UL << _current.B != (ulong)_current.Info.AccessBytes)
        {
            throw Invalid("atomic alignment must be natural");
        }

        if (_current.Wide > uint.MaxValue && !_module.Memories[_current.A].Limits.Is64)
        {
            throw Invalid("offset out of range");
        }
    }

    private void CheckLane(ulong lane)
    {
        if (lane >= (ulong)_current.Info.Lanes)
        {
            throw Invalid("invalid lane index");
        }
    }

    private void CheckShuffle()
    {
        for (var shift = 0; shift < 64; shift += 8)
        {
            CheckLane((_current.Wide >> shift) & 0xFF);
            CheckLane((_current.High >> shift) & 0xFF);
        }
    }

    private int Place => _hasPlace ? _current.Offset : -1;

    private void RequireIndex(int index, int count, string what)
    {
        if (index >= count)
        {
            context.RequireIndex(index, count, what, Place, _current.Info.Mnemonic);
        }
    }

    private DiagnosticException Invalid(string message) => context.Invalid(message, Place, _current.Info.Mnemonic);

    private DiagnosticException Malformed(string message, int offset) =>
        new(DiagnosticId.PULSE1001, Location.AtOffset(context.Path, offset), message);

    private static string Name(ValType type) => type == Unknown ? "unknown" : type.Name();

    private void Push(ValType type)
    {
        if (_height == _operands.Length)
        {
            if (_height >= ValidationContext.MaximumOperands)
            {
                throw Invalid($"implementation limit: more than {ValidationContext.MaximumOperands} operands");
            }

            Array.Resize(ref _operands, _height * 2);
        }

        _operands[_height++] = type;
    }

    private void Push(ImmutableArray<ValType> types)
    {
        if (types.Length <= _operands.Length - _height)
        {
            types.CopyTo(_operands.AsSpan(_height));
            _height += types.Length;
            return;
        }

        foreach (var type in types)
        {
            Push(type);
        }
    }

    private ValType Pop()
    {
        ref var frame = ref _frames[_depth - 1];
        if (_height > frame.Height)
        {
            return _operands[--_height];
        }

        return frame.IsUnreachable ? Unknown : throw Invalid("type mismatch: an operand expected, found nothing");
    }

    private ValType Pop(ValType expected)
    {
        ref var frame = ref _frames[_depth - 1];
        if (_height == frame.Height)
        {
            return frame.IsUnreachable ? Unknown : throw Invalid($"type mismatch: expected {Name(expected)}, found nothing");
        }

        var found = _operands[--_height];
        return found == expected || found == Unknown || expected == Unknown
            ? found
            : throw Invalid($"type mismatch: expected {Name(expected)}, found {Name(found)}");
    }

    private void Pop(ImmutableArray<ValType> types)
    {
        // Two bytes of code can call for a thousand operands: those that are there exactly are compared as a whole.
        if (IsOnTop(types))
        {
            _height -= types.Length;
            return;
        }

        for (var i = types.Length - 1; i >= 0 && !IsExhausted; i--)
        {
            Pop(types[i]);
        }
    }

    /// <summary>Whether only operands of unreachable code are left, of which there are any number of any type.</summary>
    private bool IsExhausted => _frames[_depth - 1].IsUnreachable && _height == _frames[_depth - 1].Height;

    private bool IsOnTop(ImmutableArray<ValType> types)
    {
        var start = _height - types.Length;
        return start >= _frames[_depth - 1].Height && _operands.AsSpan(start, types.Length).SequenceEqual(types.AsSpan());
    }

    private void PushFrame(Opcode opener, ImmutableArray<ValType> parameters, ImmutableArray<ValType> results)
    {
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        _frames[_depth++] = new Frame { Opener = opener, Parameters = parameters, Results = results, Height = _height };
        Push(parameters);
    }

    private Frame PopFrame()
    {
        var frame = _frames[_depth - 1];
        Pop(frame.Results);
        if (_height != frame.Height)
        {
            throw Invalid($"type mismatch: {_height - frame.Height} values remain on the stack at the end of the block");
        }

        _depth--;
        return frame;
    }

    private void MarkUnreachable()
    {
        ref var frame = ref _frames[_depth - 1];
        _height = frame.Height;
        frame.IsUnreachable = true;
    }
}
