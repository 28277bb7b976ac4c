using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>What instructions do to what is known: values are computed by their rows, accesses are noted, and what comes from memory is unknown.</summary>
internal sealed partial class HandlerPlaces : IMachine
{
    public TermFactory Terms { get; private set; } = new();

    private Term Unknown(int width, (ulong, ulong)? bounds = null) => Terms.Variable(FormattableString.Invariant($"u{_unknowns++}"), width, bounds: bounds);

    private void Step(FlowInstruction i)
    {
        var inputs = Array.ConvertAll(i.Inputs, slot => _values[slot] is { Width: not Sort.Bool } value ? value : throw new UnmodelledException("invalid code: a value is used that is not there"));
        switch (i.Opcode)
        {
            case FlowCode.Move:
                _values[i.Outputs[0]] = inputs[0];
                break;
            case FlowCode.Constant:
                _values[i.Outputs[0]] = Terms.Constant(i.First, (int)i.Second);
                break;
            case FlowCode.Vector:
                _values[i.Outputs[0]] = Unknown(Sort.Vector);
                break;
            case FlowCode.Call or FlowCode.CallIndirect:
                CheckFrames(isReturn: false);
                var isDirect = i.Opcode == FlowCode.Call;
                (isDirect ? [(int)i.First] : Indirect((int)i.Second)).ToList().ForEach(_work.Push);
                var results = (isDirect ? Module.Functions[(int)i.First].Signature : Module.Types[(int)i.First]).Results;
                results.Zip(i.Outputs).ToList().ForEach(result => _values[result.Second] = Unknown(BodyDecoder.WidthOf(result.First)));
                break;
            default:
                if (InstructionTable.Find(i.Opcode)!.Apply(this, i, inputs) is { } output)
                {
                    _values[i.Outputs[0]] = output;
                }

                break;
        }
    }

    private void Access(ulong memory, Term index, ulong offset, Term length, bool isWrite)
    {
        if (_view.MemoryParts[memory] is not (var part and >= 0))
        {
            return; // no other code has a model that touches it
        }

        var most = TermFactory.RangeOf(length).High;
        if (Moved(index) is var (global, by) && (Int128)by + offset + most <= 0 && by > int.MinValue && _view.GlobalParts[global] is var pointer and >= 0)
        {
            _places.Frames.Add((pointer, part));
            return;
        }

        var (low, high) = TermFactory.RangeOf(index);
        var (from, to) = ((UInt128)low + offset, (UInt128)high + offset + most);
        _places.Touched[part].Add(from, to);
        if (isWrite)
        {
            _places.Written[part].Add(from, to);
        }
    }

    private Term Bytes(int count) => Terms.Constant((ulong)count, 32);

    public void Trap(TrapKind kind, Term condition)
    {
        // What it has touched before counts all the same.
    }

    public Term[] Load(FlowInstruction i, Term index, int count, int bytes)
    {
        Access(i.Second, index, i.First, Bytes(count * bytes), false);
        return [.. Enumerable.Range(0, count).Select(_ => Unknown(8 * bytes))];
    }

    public void Store(FlowInstruction i, Term index, params Term[] values) => Access(i.Second, index, i.First, Bytes(values.Sum(v => v.Width) / 8), true);

    public Term Size(ulong memory) => Unknown(Module.Memories[(int)memory].Limits.Is64 ? 64 : 32);

    public Term Grow(ulong memory, Term delta)
    {
        _places.ChangesStructure |= Module.Memories[(int)memory].Limits is var limits && limits.Maximum != limits.Minimum;
        return Unknown(delta.Width);
    }

    public void Fill(ulong memory, Term to, Term value, Term length) => Access(memory, to, 0, length, true);

    public void Copy(ulong target, ulong source, Term to, Term from, Term length)
    {
        Access(target, to, 0, length, true);
        Access(source, from, 0, length, false);
    }

    public void Initialize(ulong data, ulong memory, Term to, Term from, Term length)
    {
        _places.ChangesStructure |= _facts.Has(Use.DataDrop, (int)data);
        Access(memory, to, 0, length, true);
    }

    public void DropData(ulong data) => _places.ChangesStructure = true;

    public Term ReadGlobal(ulong global)
    {
        Mark(_places.GlobalsTouched, (int)global);
        return _loose.Contains((int)global) || _values[_globals + (int)global] is not { } value ? Unknown(BodyDecoder.WidthOf(Module.Globals[(int)global].Kind)) : value;
    }

    public void WriteGlobal(ulong global, Term value)
    {
        if (IsBelow((int)global, value))
        {
            _values[_globals + (int)global] = value;
        }
        else
        {
            Write((int)global);
        }
    }

    public Term? OnTable(TableOperation operation, FlowInstruction i, Term[] x)
    {
        _places.ChangesStructure |= operation is not (TableOperation.Get or TableOperation.Size) || IsOpen((int)i.First);
        return operation is TableOperation.Get ? Unknown(64)
            : operation is TableOperation.Size or TableOperation.Grow ? Unknown(Module.Tables[(int)i.First].Limits.Is64 ? 64 : 32) : null;
    }

    public Term Reference(ulong function) => Unknown(64);

    public Term? Atomic(AtomicAccess access, FlowInstruction i, Term[] x)
    {
        if (access.Bytes > 0)
        {
            Access(i.Second, x[0], i.First, Bytes(access.Bytes), true);
        }

        return access.Result == InstructionRow.None ? null : Unknown(access.Result);
    }
}
