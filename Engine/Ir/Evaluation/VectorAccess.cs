using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>Loads and stores of vectors and of their lanes. What touches no memory stands in <see cref="VectorSemantics"/>.</summary>
/// <remarks>Core 3.0 #exec-vload-val and the like</remarks>
internal static class VectorAccess
{
    /// <summary>Runs <paramref name="inst"/>, an access of memory.</summary>
    public static void Run(Frame frame, Inst inst, OpcodeInfo row)
    {
        var (memory, address) = Semantics.Access(frame, inst, row);
        var lane = frame.Function.ImmediatesOf(inst).AccessLane;
        switch (row.Opcode)
        {
            case Opcode.V128Store:
                Write(memory, address, frame.Argument(inst, 1).AsV128);
                break;
            case >= Opcode.V128Store8Lane and <= Opcode.V128Store64Lane:
                memory.Write(address, row.AccessBytes, unchecked((ulong)(frame.Argument(inst, 1).AsV128 >> (lane * row.AccessBytes * 8))));
                break;
            case Opcode.V128Load:
                frame.SetBits(inst, new UInt128(memory.Read(address + 8, 8), memory.Read(address, 8)));
                break;
            case >= Opcode.V128Load8Lane and <= Opcode.V128Load64Lane:
                frame.SetBits(inst, WithLane(frame.Argument(inst, 1).AsV128, lane, row.AccessBytes * 8, memory.Read(address, row.AccessBytes)));
                break;
            default:
                frame.SetBits(inst, Spread(row, memory.Read(address, row.AccessBytes)));
                break;
        }
    }

    private static void Write(MemoryInstance memory, ulong address, UInt128 value)
    {
        memory.Write(address, 8, unchecked((ulong)value));
        memory.Write(address + 8, 8, (ulong)(value >> 64));
    }

    private static UInt128 WithLane(UInt128 vector, int lane, int width, ulong bits)
    {
        var mask = ulong.MaxValue >> (64 - width);
        return (vector & ~((UInt128)mask << (lane * width))) | ((UInt128)bits << (lane * width));
    }

    /// <summary>The vector that a load makes of the bits it has read: all lanes alike, lanes twice as wide, or zeros above.</summary>
    private static UInt128 Spread(OpcodeInfo row, ulong bits) => row.Opcode switch
    {
        >= Opcode.V128Load8Splat and <= Opcode.V128Load64Splat => Splat(row.AccessBytes * 8, bits),
        >= Opcode.V128Load8x8S and <= Opcode.V128Load32x2U =>
            Extend(8 << ((row.Opcode - Opcode.V128Load8x8S) / 2), (row.Opcode - Opcode.V128Load8x8S) % 2 == 0, bits),
        _ => bits,
    };

    private static UInt128 Splat(int width, ulong bits)
    {
        UInt128 vector = bits;
        for (; width < 128; width *= 2)
        {
            vector |= vector << width;
        }

        return vector;
    }

    private static UInt128 Extend(int width, bool signed, ulong bits)
    {
        var vector = UInt128.Zero;
        for (var at = 0; at < 64; at += width)
        {
            var lane = (bits >> at) & (ulong.MaxValue >> (64 - width));
            var isNegative = signed && lane >> (width - 1) != 0;
            var above = (ulong.MaxValue >> (64 - width)) << width;
            vector |= (UInt128)(isNegative ? lane | above : lane) << (2 * at);
        }

        return vector;
    }
}
