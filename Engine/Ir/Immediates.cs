using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>
/// Immediates of an instruction, as <see cref="ImmediateKind"/> lays them out, in 16 bytes: what <see cref="Instruction.High"/> holds has its
/// place in what such instructions leave free. Equal immediates are equal bit for bit, NaNs included.
/// </summary>
/// <param name="A">First index immediate, or a lane; with <paramref name="B"/> the upper half of 16 bytes.</param>
/// <param name="B">Second index immediate; of a memory access the alignment's log2, and above eight bits the lane.</param>
/// <param name="Wide">Constant bits, the lower half of 16 bytes, or a memory offset.</param>
internal readonly record struct Immediates(int A = 0, int B = 0, ulong Wide = 0)
{
    private const int LaneShift = 8;

    /// <summary>The base-2 logarithm of the alignment of a memory access.</summary>
    public int AlignmentLog2 => B & ((1 << LaneShift) - 1);

    /// <summary>The lane of a memory access.</summary>
    public int AccessLane => B >> LaneShift;

    /// <summary>The 16 bytes of a constant or shuffle, the first one lowest.</summary>
    public UInt128 Bytes => new(unchecked(((ulong)(uint)B << 32) | (uint)A), Wide);

    /// <summary>16 bytes, the first one lowest.</summary>
    public static Immediates OfBytes(UInt128 bytes)
    {
        var high = (ulong)(bytes >> 64);
        return unchecked(new((int)high, (int)(high >> 32), (ulong)bytes));
    }

    /// <summary>A memory access with a lane.</summary>
    public static Immediates OfLane(int memory, int alignmentLog2, ulong offset, int lane) => new(memory, alignmentLog2 | (lane << LaneShift), offset);

    /// <summary>The immediates of <paramref name="instruction"/>; label depths and the type of a select have no place here.</summary>
    public static Immediates Of(in Instruction instruction) => instruction.Info.Immediate switch
    {
        ImmediateKind.Const128 or ImmediateKind.Shuffle => OfBytes(new UInt128(instruction.High, instruction.Wide)),
        ImmediateKind.MemArgLane => OfLane(instruction.A, instruction.B, instruction.Wide, (int)instruction.High),
        _ => new(instruction.A, instruction.B, instruction.Wide),
    };

    /// <summary>The inverse of <see cref="Of"/>.</summary>
    public Instruction Encode(OpcodeInfo row) => row.Immediate switch
    {
        ImmediateKind.Const128 or ImmediateKind.Shuffle => new(row, 0) { Wide = Wide, High = (ulong)(Bytes >> 64) },
        ImmediateKind.MemArgLane => new(row, 0) { A = A, B = AlignmentLog2, Wide = Wide, High = (ulong)AccessLane },
        _ => new(row, 0) { A = A, B = B, Wide = Wide },
    };
}
