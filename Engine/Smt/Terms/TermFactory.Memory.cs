namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>
/// Memories as chains of writes. Stores to one base stand in the order of their offsets, a store that a later one covers is dropped, and a
/// load walks the chain as long as every store it meets is known to hit or to miss.
/// </summary>
internal sealed partial class TermFactory
{
    private const int ChainWalk = 256;
    private readonly Dictionary<(int Memory, int Address, int Size), Term> _loads = [];

    /// <summary><paramref name="size"/> bytes at <paramref name="address"/>, 1 to 8.</summary>
    public Term Load(Term memory, Term address, int size)
        => _loads.TryGetValue((memory.Id, address.Id, size), out var known) ? known : _loads[(memory.Id, address.Id, size)] = LoadFrom(memory, address, size);

    private Term LoadFrom(Term memory, Term address, int size)
    {
        for (var steps = 0; steps < ChainWalk; steps++)
        {
            if (memory.Op == TermOp.Store && Distance(address, memory.Args[1], out var d) && d >= 0 && d + size <= (int)memory.Value)
            {
                return Extract(memory.Args[2], (int)(8 * (d + size)) - 1, (int)(8 * d));
            }

            if (!Misses(memory, address, size))
            {
                break;
            }

            memory = memory.Args[0];
        }

        if (memory.Op == TermOp.IfThenElse)
        {
            var yes = Load(memory.Args[1], address, size);
            var no = Load(memory.Args[2], address, size);
            return IfThenElse(memory.Args[0], yes, no);
        }

        return Raw(TermOp.Load, 8 * size, (ulong)size, null, memory, address);
    }

    /// <summary>The memory after a write of <paramref name="size"/> bytes.</summary>
    public Term Store(Term memory, Term address, int size, Term value)
    {
        if (ReferenceEquals(Load(memory, address, size), value))
        {
            return memory; // what is there already
        }

        return Insert(DropCovered(memory, address, size, ChainWalk), address, size, value);
    }

    private Term Insert(Term memory, Term address, int size, Term value)
        => memory.Op == TermOp.Store && Distance(address, memory.Args[1], out var d) && d + size <= 0
            ? Raw(TermOp.Store, memory.Width, memory.Value, null, Insert(memory.Args[0], address, size, value), memory.Args[1], memory.Args[2])
            : Raw(TermOp.Store, memory.Width, (ulong)size, null, memory, address, value);

    /// <summary>Without the stores that a write of <paramref name="size"/> bytes at <paramref name="address"/> will cover wholly.</summary>
    private Term DropCovered(Term memory, Term address, int size, int depth)
    {
        if (memory.Op != TermOp.Store || depth == 0)
        {
            return memory;
        }

        var stored = (int)memory.Value;
        if (Distance(address, memory.Args[1], out var d) && d <= 0 && d + size >= stored)
        {
            return DropCovered(memory.Args[0], address, size, depth - 1);
        }

        var below = DropCovered(memory.Args[0], address, size, depth - 1);
        return ReferenceEquals(below, memory.Args[0]) ? memory : Raw(TermOp.Store, memory.Width, memory.Value, null, below, memory.Args[1], memory.Args[2]);
    }

    /// <summary>The memory after <paramref name="length"/> bytes were set; the caller has checked the bounds.</summary>
    public Term Fill(Term memory, Term address, Term value, Term length)
        => length.IsConstant && length.Value == 0 ? memory : Raw(TermOp.Fill, memory.Width, 0, null, memory, address, Extract(value, 7, 0), length);

    /// <summary>
    /// The memory after a copy from <paramref name="source"/>, which may be the same memory or one of other addresses; the caller has checked
    /// the bounds. The length is as wide as a destination address.
    /// </summary>
    public Term Copy(Term memory, Term source, Term to, Term from, Term length)
        => length.IsConstant && length.Value == 0 ? memory : Raw(TermOp.Copy, memory.Width, 0, null, memory, source, to, from, ZeroExtend(length, to.Width));

    /// <summary>Whether <paramref name="size"/> bytes are surely none of those that this write changes.</summary>
    private bool Misses(Term write, Term address, int size) => write.Op switch
    {
        TermOp.Store when Distance(address, write.Args[1], out var d) => d + size <= 0 || d >= (int)write.Value,
        TermOp.Store => Apart(address, size, write.Args[1], (int)write.Value),
        TermOp.Fill or TermOp.Copy => write.Args[^1] is { IsConstant: true, Value: <= int.MaxValue and var length }
            && Distance(address, write.Args[write.Op == TermOp.Fill ? 1 : 2], out var d) && (d + size <= 0 || d >= (long)length),
        _ => false,
    };

    /// <summary>Whether two accesses cannot meet because of their ranges. Ranges that touch the end of the address space do not count.</summary>
    private static bool Apart(Term a, int sizeA, Term b, int sizeB)
    {
        var (lowA, highA) = RangeOf(a);
        var (lowB, highB) = RangeOf(b);
        var end = Mask(a.Width);
        return highA <= end - (ulong)sizeA && highB <= end - (ulong)sizeB && (highA + (ulong)sizeA <= lowB || highB + (ulong)sizeB <= lowA);
    }
}
