using Pulse.Build.Engine.Ir;

namespace Pulse.Build.Engine.Passes;

/// <summary>Where a load or store touches linear memory: <c>[base + Start, base + End)</c> of one memory, or absolute when the base is a constant.</summary>
/// <param name="Memory">Memory index.</param>
/// <param name="Base">The address operand without the constants added to it; -1 when the address is a constant.</param>
/// <param name="Start">First byte, relative to the base, as wasm computes it: base plus constant wraps at 32 bits, the offset does not.</param>
/// <param name="Bytes">How many bytes.</param>
/// <param name="Address">The address operand as it stands.</param>
/// <param name="Offset">The offset immediate.</param>
internal readonly record struct MemoryAccess(int Memory, Value Base, long Start, int Bytes, Value Address, ulong Offset)
{
    /// <summary>The access that <paramref name="inst"/> makes, or null when it is not a load or store.</summary>
    public static MemoryAccess? Of(Function function, Inst inst)
    {
        var row = function.InfoOf(inst);
        if (row.AccessBytes == 0)
        {
            return null;
        }

        var address = function.Arguments(inst)[0];
        var immediates = function.ImmediatesOf(inst);
        if (immediates.Wide > int.MaxValue)
        {
            return new MemoryAccess(immediates.A, address, 0, 0, address, immediates.Wide);
        }

        return Constants.TryGet(function, address, out var bits) && bits <= uint.MaxValue
            ? new MemoryAccess(immediates.A, new Value(-1), (long)bits + (long)immediates.Wide, row.AccessBytes, address, immediates.Wide)
            : new MemoryAccess(immediates.A, address, (long)immediates.Wide, row.AccessBytes, address, immediates.Wide);
    }

    /// <summary>One more than the last byte, relative to the base.</summary>
    public long End => Start + Bytes;

    /// <summary>Whether both are offsets from the same base, so that their order in memory is known.</summary>
    public bool SameBase(MemoryAccess other) => Memory == other.Memory && Base == other.Base && Bytes > 0 && other.Bytes > 0;

    /// <summary>Whether the two can share a byte.</summary>
    public bool MayOverlap(MemoryAccess other) =>
        Memory == other.Memory && (!SameBase(other) || (Start < other.End && other.Start < End));

    /// <summary>Whether both touch exactly the same bytes.</summary>
    public bool SameBytes(MemoryAccess other) => SameBase(other) && Start == other.Start && Bytes == other.Bytes;

    /// <summary>Whether every byte of <paramref name="other"/> is touched by this.</summary>
    public bool Covers(MemoryAccess other) => SameBase(other) && Start <= other.Start && other.End <= End;
}
