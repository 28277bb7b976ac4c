using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>The table and reference instructions of a concrete run.</summary>
internal sealed class ConcreteTables(DecodedModule module, List<ulong>[] tables, bool[] dropped, TermFactory factory, Func<Initial, ulong> reference)
{
    private const int Largest = 1 << 16;

    /// <summary>The result, if the operation has one.</summary>
    public Term? Apply(TableOperation operation, FlowInstruction i, Term[] x)
    {
        switch (operation)
        {
            case TableOperation.Get:
                Check(i.First, x[0].Value, 1);
                return factory.Constant(tables[i.First][(int)x[0].Value], 64);
            case TableOperation.Size:
                return factory.Constant((ulong)tables[i.First].Count, Width(i.First));
            case TableOperation.Grow:
                return factory.Constant(Grow(i.First, x[0].Value, x[1].Value), Width(i.First));
            case TableOperation.Set:
                Fill(i.First, x[0].Value, x[1].Value, 1);
                break;
            case TableOperation.Fill:
                Fill(i.First, x[0].Value, x[1].Value, x[2].Value);
                break;
            case TableOperation.Initialize:
                Initialize(module.Elements[(int)i.First], (int)i.Second, x[0].Value, x[1].Value, x[2].Value);
                break;
            case TableOperation.Drop:
                Drop((int)i.First);
                break;
            default:
                Check(i.Second, x[1].Value, x[2].Value);
                Check(i.First, x[0].Value, x[2].Value);
                Put(i.First, x[0].Value, tables[i.Second].GetRange((int)x[1].Value, (int)x[2].Value));
                break;
        }

        return null;
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
