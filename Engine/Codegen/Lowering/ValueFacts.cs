using System.Numerics;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>What is known of a 32-bit value: a signed range, and bits that are zero.</summary>
internal readonly record struct ValueFacts(int Min, int Max, uint KnownZero)
{
    /// <summary>Nothing is known.</summary>
    public static ValueFacts Unknown => new(int.MinValue, int.MaxValue, 0);

    /// <summary>The facts of a constant.</summary>
    public static ValueFacts Of(int value) => new(value, value, ~unchecked((uint)value));

    /// <summary>An unsigned value of at most <paramref name="max"/>.</summary>
    public static ValueFacts UpTo(uint max) =>
        max > int.MaxValue ? Unknown : new(0, (int)max, max == 0 ? uint.MaxValue : ~(uint.MaxValue >> BitOperations.LeadingZeroCount(max)));

    /// <summary>A signed range, with the zero bits that follow from it.</summary>
    public static ValueFacts Range(long min, long max) => min < int.MinValue || max > int.MaxValue
        ? Unknown
        : min >= 0 ? UpTo((uint)max) with { Min = (int)min } : new((int)min, (int)max, 0);

    /// <summary>Known zero bits, with the range that follows from them.</summary>
    public static ValueFacts Zeros(uint knownZero)
    {
        var max = ~knownZero;
        return max <= int.MaxValue ? new(0, (int)max, knownZero) : new(int.MinValue, int.MaxValue, knownZero);
    }

    /// <summary>The largest value, read without sign.</summary>
    public uint UnsignedMax => Min >= 0 ? unchecked((uint)Max) : ~KnownZero;

    /// <summary>The least value, read without sign.</summary>
    public uint UnsignedMin => Min >= 0 || Max < 0 ? unchecked((uint)Min) : 0;

    /// <summary>Both sets of facts hold.</summary>
    public ValueFacts Meet(ValueFacts other) =>
        new(Math.Max(Min, other.Min), Math.Min(Max, other.Max), KnownZero | other.KnownZero);

    /// <summary>One of the two sets of facts holds.</summary>
    public ValueFacts Join(ValueFacts other) =>
        new(Math.Min(Min, other.Min), Math.Max(Max, other.Max), KnownZero & other.KnownZero);

    /// <summary>Facts of a sum.</summary>
    public static ValueFacts Add(ValueFacts a, ValueFacts b) => Range((long)a.Min + b.Min, (long)a.Max + b.Max) with
    {
        KnownZero = Range((long)a.Min + b.Min, (long)a.Max + b.Max).KnownZero | LowZeros(Math.Min(TrailingZeros(a), TrailingZeros(b))),
    };

    /// <summary>Facts of a difference.</summary>
    public static ValueFacts Sub(ValueFacts a, ValueFacts b) => Range((long)a.Min - b.Max, (long)a.Max - b.Min);

    /// <summary>Facts of a left shift by a constant.</summary>
    public static ValueFacts Lsl(ValueFacts a, int amount)
    {
        var range = Range((long)a.Min << amount, (long)a.Max << amount);
        return range with { KnownZero = range.KnownZero | a.KnownZero << amount | LowZeros(amount) };
    }

    /// <summary>Facts of a logical right shift by a constant from 1 to 31.</summary>
    public static ValueFacts Lsr(ValueFacts a, int amount) =>
        UpTo(a.UnsignedMax >> amount).Meet(Zeros(a.KnownZero >> amount | ~(uint.MaxValue >> amount)));

    /// <summary>Facts of an arithmetic right shift by a constant.</summary>
    public static ValueFacts Asr(ValueFacts a, int amount) => Range(a.Min >> amount, a.Max >> amount);

    private static int TrailingZeros(ValueFacts a) => BitOperations.TrailingZeroCount(~a.KnownZero);

    private static uint LowZeros(int count) => count >= 32 ? uint.MaxValue : (1u << count) - 1;
}
