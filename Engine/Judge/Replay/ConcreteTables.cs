using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>The table and reference instructions of a concrete run.</summary>
internal sealed class ConcreteTables(DecodedModule module, List<ulong>[] tables, bool[] dropped, TermFactory factory, Func<Initial, ulong> reference)
{
    private const int Largest = 1 << 16;

    public bool Step(FlowInstruction i, Term[] x, Term[] slots)
    {
        switch (i.Opcode)
        {
            case 0xD0:
                slots[i.Outputs[0]] = factory.Constant(0, 64);
                return true;
            case 0xD1:
                slots[i.Outputs[0]] = factory.Constant(x[0].Value == 0 ? 1UL : 0, 32);
                return true;
            case 0xD2:
                slots[i.Outputs[0]] = factory.Constant(i.First + 1, 64);
                return true;
            case 0x25:
                Check(i.First, x[0].Value, 1);
                slots[i.Outputs[0]] = factory.Constant(tables[i.First][(int)x[0].Value], 64);
                return true;
            case 0x26:
                Fill(i.First, x[0].Value, x[1].Value, 1);
                return true;
            case 0xFC000C:
                Initialize(module.Elements[(int)i.First], (int)i.Second, x[0].Value, x[1].Value, x[2].Value);
                return true;
            case 0xFC000D:
                Drop((int)i.First);
                return true;
            case 0xFC000E:
                Check(i.Second, x[1].Value, x[2].Value);
                Check(i.First, x[0].Value, x[2].Value);
                var items = tables[i.Second].GetRange((int)x[1].Value, (int)x[2].Value);
                Put(i.First, x[0].Value, items);
                return true;
            case 0xFC000F:
                slots[i.Outputs[0]] = factory.Constant(Grow(i.First, x[0].Value, x[1].Value), Width(i.First));
                return true;
            case 0xFC0010:
                slots[i.Outputs[0]] = factory.Constant((ulong)tables[i.First].Count, Width(i.First));
                return true;
            case 0xFC0011:
                Fill(i.First, x[0].Value, x[1].Value, x[2].Value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Puts items of a segment into a table, as table.init and instantiation do.</summary>
    public void Initialize(ElementSegment segment, int table, ulong to, ulong from, ulong length)
    {
        if ((UInt128)from + length > (dropped[segment.Index] ? 0 : (ulong)segment.Items.Length))
        {
            throw new TrapException(TrapKind.OutOfBoundsTableAccess);
        }

        Check((ulong)table, to, length);
        Put((ulong)table, to, segment.Items.Skip((int)from).Take((int)length).Select(reference));
    }

    public void Drop(int segment) => dropped[segment] = true;

    private void Fill(ulong table, ulong to, ulong value, ulong length)
    {
        Check(table, to, length);
        Put(table, to, Enumerable.Repeat(value, (int)length));
    }

    private void Put(ulong table, ulong to, IEnumerable<ulong> items)
    {
        foreach (var item in items)
        {
            tables[table][(int)to++] = item;
        }
    }

    private ulong Grow(ulong table, ulong value, ulong delta)
    {
        var old = (ulong)tables[table].Count;
        if ((UInt128)old + delta > Math.Min(module.Tables[(int)table].Limits.Maximum ?? Largest, Largest))
        {
            return ulong.MaxValue & TermFactory.Mask(Width(table));
        }

        tables[table].AddRange(Enumerable.Repeat(value, (int)delta));
        return old;
    }

    private int Width(ulong table) => module.Tables[(int)table].Limits.Is64 ? 64 : 32;

    private void Check(ulong table, ulong at, ulong length)
    {
        if ((UInt128)at + length > (UInt128)tables[table].Count)
        {
            throw new TrapException(TrapKind.OutOfBoundsTableAccess);
        }
    }
}
