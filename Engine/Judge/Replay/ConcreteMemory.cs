using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>The memory instructions of a concrete run.</summary>
internal sealed class ConcreteMemory(SparseMemory[] memories, bool[] dropped, TermFactory factory)
{
    public Term[] Load(FlowInstruction i, Term index, int count, int bytes)
    {
        var (memory, address) = Locate(i, index, count * bytes);
        return [.. Enumerable.Range(0, count).Select(k => factory.Constant(Read(memory, address + (ulong)(k * bytes), bytes), 8 * bytes))];
    }

    public void Store(FlowInstruction i, Term index, Term[] values)
    {
        var (memory, address) = Locate(i, index, values.Sum(v => v.Width) / 8);
        foreach (var value in values)
        {
            for (var k = 0; k < value.Width / 8; k++)
            {
                memory[address++] = (byte)(value.Value >> 8 * k & 0xFF);
            }
        }
    }

    public Term Size(ulong memory) => factory.Constant(Memory(memory).Pages, Memory(memory).Width);

    public Term Grow(ulong memory, Term delta) => factory.Constant(Memory(memory).Grow(delta.Value) ?? ulong.MaxValue, Memory(memory).Width);

    public void Fill(ulong memory, Term to, Term value, Term length)
    {
        var filled = Memory(memory);
        Check(filled, to.Value, length.Value);
        for (ulong k = 0; k < Bounded(length.Value); k++)
        {
            filled[to.Value + k] = (byte)(value.Value & 0xFF);
        }
    }

    public void Copy(ulong target, ulong source, Term to, Term from, Term length)
    {
        Check(Memory(source), from.Value, length.Value);
        Check(Memory(target), to.Value, length.Value);
        var bytes = new byte[Bounded(length.Value)];
        for (var k = 0; k < bytes.Length; k++)
        {
            bytes[k] = Memory(source)[from.Value + (ulong)k];
        }

        for (var k = 0; k < bytes.Length; k++)
        {
            Memory(target)[to.Value + (ulong)k] = bytes[k];
        }
    }

    /// <summary>Copies bytes of a segment into a memory, as memory.init and instantiation do.</summary>
    public void Initialize(DataSegment segment, ulong index, ulong to, ulong from, ulong length)
    {
        if ((UInt128)from + length > (dropped[segment.Index] ? 0 : (ulong)segment.Bytes.Length))
        {
            throw new TrapException(TrapKind.OutOfBoundsMemoryAccess);
        }

        var memory = Memory(index);
        Check(memory, to, length);
        for (ulong k = 0; k < length; k++)
        {
            memory[to + k] = segment.Bytes.Span[(int)(from + k)];
        }
    }

    public void Drop(int segment) => dropped[segment] = true;

    private (SparseMemory Memory, ulong Address) Locate(FlowInstruction i, Term index, int bytes)
    {
        var memory = Memory(i.Second);
        Check(memory, (UInt128)index.Value + i.First, (ulong)bytes);
        return (memory, index.Value + i.First);
    }

    private static ulong Read(SparseMemory memory, ulong address, int bytes)
    {
        ulong value = 0;
        for (var k = 0; k < bytes; k++)
        {
            value |= (ulong)memory[address + (ulong)k] << 8 * k;
        }

        return value;
    }

    private static ulong Bounded(ulong length) => length <= 65536 ? length : throw new GiveUpException("a long bulk operation");

    private static void Check(SparseMemory memory, UInt128 address, UInt128 length)
    {
        if (!memory.Contains(address, length))
        {
            throw new TrapException(TrapKind.OutOfBoundsMemoryAccess);
        }
    }

    private SparseMemory Memory(ulong index) => memories[index];
}
