using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>The memory instructions of a concrete run.</summary>
internal sealed class ConcreteMemory(DecodedModule module, SparseMemory[] memories, bool[] dropped, TermFactory factory)
{
    public bool Step(FlowInstruction i, Term[] x, Term[] slots)
    {
        if (InstructionTable.TryAccess(i.Opcode, out var access))
        {
            Access(i, access, x, slots);
            return true;
        }

        switch (i.Opcode)
        {
            case 0x3F:
                slots[i.Outputs[0]] = factory.Constant(Memory(i.First).Pages, Memory(i.First).Width);
                return true;
            case 0x40:
                slots[i.Outputs[0]] = factory.Constant(Memory(i.First).Grow(x[0].Value) ?? ulong.MaxValue, Memory(i.First).Width);
                return true;
            case 0xFC0008:
                Initialize(module.Data[(int)i.First], (int)i.Second, x[0].Value, x[1].Value, x[2].Value);
                return true;
            case 0xFC0009:
                Drop((int)i.First);
                return true;
            case 0xFC000A:
                Copy(Memory(i.First), Memory(i.Second), x[0].Value, x[1].Value, x[2].Value);
                return true;
            case 0xFC000B:
                var filled = Memory(i.First);
                Check(filled, x[0].Value, x[2].Value);
                for (ulong k = 0; k < Bounded(x[2].Value); k++)
                {
                    filled[x[0].Value + k] = (byte)(x[1].Value & 0xFF);
                }

                return true;
            default:
                return false;
        }
    }

    private void Access(FlowInstruction i, AccessRow row, Term[] x, Term[] slots)
    {
        var memory = Memory(i.Second);
        Check(memory, (UInt128)x[0].Value + i.First, (ulong)row.Bytes);
        var address = x[0].Value + i.First;
        if (row.IsStore)
        {
            for (var k = 0; k < row.Bytes; k++)
            {
                memory[address + (ulong)k] = (byte)(x[1].Value >> 8 * k & 0xFF);
            }

            return;
        }

        ulong value = 0;
        for (var k = 0; k < row.Bytes; k++)
        {
            value |= (ulong)memory[address + (ulong)k] << 8 * k;
        }

        slots[i.Outputs[0]] = factory.Constant(row.Signed ? unchecked((ulong)TermFactory.Signed(value, 8 * row.Bytes)) : value, row.Width);
    }

    /// <summary>Copies bytes of a segment into a memory, as memory.init and instantiation do.</summary>
    public void Initialize(DataSegment segment, int index, ulong to, ulong from, ulong length)
    {
        if ((UInt128)from + length > (dropped[segment.Index] ? 0 : (ulong)segment.Bytes.Length))
        {
            throw new TrapException(TrapKind.OutOfBoundsMemoryAccess);
        }

        var memory = memories[index];
        Check(memory, to, length);
        for (ulong k = 0; k < length; k++)
        {
            memory[to + k] = segment.Bytes.Span[(int)(from + k)];
        }
    }

    public void Drop(int segment) => dropped[segment] = true;

    private static void Copy(SparseMemory target, SparseMemory source, ulong to, ulong from, ulong length)
    {
        Check(source, from, length);
        Check(target, to, length);
        var bytes = new byte[Bounded(length)];
        for (var k = 0; k < bytes.Length; k++)
        {
            bytes[k] = source[from + (ulong)k];
        }

        for (var k = 0; k < bytes.Length; k++)
        {
            target[to + (ulong)k] = bytes[k];
        }
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
