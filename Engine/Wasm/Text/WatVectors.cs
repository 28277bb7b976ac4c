using System.Buffers.Binary;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Immediates of vector instructions in the text format.</summary>
/// <example><code>v128.const i32x4 1 2 3 -1     i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31     i16x8.extract_lane_s 7</code></example>
internal static class WatVectors
{
    private const int VectorBytes = 16;

    /// <summary><c>shape lane*</c>, one lane for each of the shape's.</summary>
    public static Instruction Constant(Instruction plain, WatCursor cursor)
    {
        var shape = cursor.Atom("a vector shape");
        var (bits, mantissa) = cursor.Keyword(shape) switch
        {
            "i8x16" => (8, 0),
            "i16x8" => (16, 0),
            "i32x4" => (32, 0),
            "i64x2" => (64, 0),
            "f32x4" => (32, 24),
            "f64x2" => (64, 53),
            _ => throw cursor.Unexpected(shape, "a vector shape"),
        };
        Span<byte> bytes = stackalloc byte[VectorBytes];
        Span<byte> lane = stackalloc byte[sizeof(ulong)];
        for (var at = 0; at < VectorBytes; at += bits / 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(lane, Number(cursor, bits, mantissa));
            lane[..(bits / 8)].CopyTo(bytes[at..]);
        }

        return With(plain, bytes);
    }

    /// <summary>Sixteen lanes of two vectors.</summary>
    public static Instruction Shuffle(Instruction plain, WatCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[VectorBytes];
        for (var at = 0; at < VectorBytes; at++)
        {
            bytes[at] = (byte)Lane(cursor);
        }

        return With(plain, bytes);
    }

    /// <summary>The index of a lane; how many there are is the validator's to check.</summary>
    public static int Lane(WatCursor cursor)
    {
        var token = cursor.Atom("a lane index");
        return WatNumbers.TryNatural(cursor.Text(token), byte.MaxValue, out var lane) ? (int)lane : throw cursor.Error($"malformed lane index {cursor.Quote(token)}", token);
    }

    private static ulong Number(WatCursor cursor, int bits, int mantissa) =>
        mantissa == 0 ? cursor.Integer(bits, "a lane") : cursor.Float(mantissa, "a lane");

    private static Instruction With(Instruction plain, ReadOnlySpan<byte> bytes) => plain with
    {
        Wide = BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        High = BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]),
    };
}
