using System.Numerics;

namespace Pulse.Build.Engine.Ir.Evaluation.Vectors;

/// <summary>
/// Integer lanes. A row's function computes on exact integers, which the lanes stand for as signed or unsigned numbers; the row says how its
/// result becomes a lane again. No intermediate result of a lane of 64 bits exceeds 127 bits.
/// </summary>
/// <remarks>Core 3.0 #op-iadd and the sections after it, #op-ivextunop, #op-ivextbinop</remarks>
internal static class IntegerVectors
{
    /// <summary>The rows, shape by shape.</summary>
    public static IEnumerable<VectorRow> Rows =>
    [
        .. Lanes.Integers.SelectMany(shape => Lanewise(shape).Concat(Comparisons(shape)).Concat(Tests(shape))),
        .. new[] { new Lanes(8), new(16) }.SelectMany(Saturating),
        .. new[] { new Lanes(8), new(16), new(32) }.SelectMany(Extrema),
        .. new[] { new Lanes(16), new(32), new(64) }.SelectMany(Widening),
        .. new[] { new Lanes(16), new(32) }.SelectMany(Pairs),
        .. new[] { new Lanes(16), new(32), new(64) }.Select(shape => Binary(shape, "mul", true, Fit.Wrap, (a, b) => a * b)),
        Unary(new(8), "popcnt", false, a => (Int128)BitOperations.PopCount((ulong)a)),
        Binary(new(16), "q15mulr_sat_s", true, Fit.Signed, RoundedProduct),
        Dot(new(32), "dot_i16x8_s", Fit.Wrap),
    ];

    /// <summary>The product of two fractions of 15 bits, rounded to the nearest, halves upwards.</summary>
    public static Int128 RoundedProduct(Int128 a, Int128 b) => ((a * b) + 0x4000) >> 15;

    private static IEnumerable<VectorRow> Lanewise(Lanes shape) =>
    [
        Unary(shape, "abs", true, Int128.Abs),
        Unary(shape, "neg", true, a => -a),
        Binary(shape, "add", true, Fit.Wrap, (a, b) => a + b),
        Binary(shape, "sub", true, Fit.Wrap, (a, b) => a - b),
        Shift(shape, "shl", true, (a, count) => a << count),
        Shift(shape, "shr_s", true, (a, count) => a >> count),
        Shift(shape, "shr_u", false, (a, count) => a >> count),
    ];

    private static IEnumerable<VectorRow> Saturating(Lanes shape) =>
    [
        Binary(shape, "add_sat_s", true, Fit.Signed, (a, b) => a + b),
        Binary(shape, "add_sat_u", false, Fit.Unsigned, (a, b) => a + b),
        Binary(shape, "sub_sat_s", true, Fit.Signed, (a, b) => a - b),
        Binary(shape, "sub_sat_u", false, Fit.Unsigned, (a, b) => a - b),
        Binary(shape, "avgr_u", false, Fit.Wrap, (a, b) => (a + b + 1) >> 1),
        Narrow(shape, "s", Fit.Signed),
        Narrow(shape, "u", Fit.Unsigned),
    ];

    private static IEnumerable<VectorRow> Extrema(Lanes shape) =>
    [
        Binary(shape, "min_s", true, Fit.Wrap, Int128.Min),
        Binary(shape, "min_u", false, Fit.Wrap, Int128.Min),
        Binary(shape, "max_s", true, Fit.Wrap, Int128.Max),
        Binary(shape, "max_u", false, Fit.Wrap, Int128.Max),
    ];

    /// <summary>A lane of the result has all bits set where the relation holds; lanes of 64 bits are compared as signed numbers only.</summary>
    private static IEnumerable<VectorRow> Comparisons(Lanes shape)
    {
        (string Word, Func<Int128, Int128, bool> Holds)[] orders =
            [("lt", (a, b) => a < b), ("gt", (a, b) => a > b), ("le", (a, b) => a <= b), ("ge", (a, b) => a >= b)];
        yield return Compare(shape, "eq", true, (a, b) => a == b);
        yield return Compare(shape, "ne", true, (a, b) => a != b);
        foreach (var (word, holds) in orders)
        {
            yield return Compare(shape, word + "_s", true, holds);
            if (shape.Bits < 64)
            {
                yield return Compare(shape, word + "_u", false, holds);
            }
        }
    }

    private static IEnumerable<VectorRow> Tests(Lanes shape) =>
    [
        Row(shape, "all_true", (x, _) => AllTrue(shape, x[0])),
        Row(shape, "bitmask", (x, _) => SignBits(shape, x[0])),
    ];

    /// <summary>Rows that make wide lanes of the low or the high half of narrow ones.</summary>
    private static IEnumerable<VectorRow> Widening(Lanes shape)
    {
        var (from, half) = (shape.Half, shape.Count);
        foreach (var (word, start) in new[] { ("low", 0), ("high", half) })
        {
            foreach (var (suffix, signed) in new[] { ("s", true), ("u", false) })
            {
                yield return Row(shape, $"extend_{word}_{from.Name}_{suffix}", (x, _) => Extend(shape, x[0], start, signed));
                yield return Row(shape, $"extmul_{word}_{from.Name}_{suffix}", (x, _) => ExtendedProducts(shape, x[0], x[1], start, signed));
            }
        }
    }

    private static IEnumerable<VectorRow> Pairs(Lanes shape) =>
    [
        Row(shape, $"extadd_pairwise_{shape.Half.Name}_s", (x, _) => PairwiseSum(shape, x[0], true)),
        Row(shape, $"extadd_pairwise_{shape.Half.Name}_u", (x, _) => PairwiseSum(shape, x[0], false)),
    ];

    /// <summary>Signed products of neighbours, summed two by two.</summary>
    public static VectorRow Dot(Lanes shape, string word, Fit fit) => Row(shape, word, (x, _) => Dot(shape, x[0], x[1], fit));

    /// <summary>Signed products of neighbours, summed two by two.</summary>
    public static UInt128 Dot(Lanes shape, UInt128 a, UInt128 b, Fit fit)
    {
        var from = shape.Half;
        return shape.Vector(i => shape.Of(
            (from.Integer(a, 2 * i, true) * from.Integer(b, 2 * i, true)) + (from.Integer(a, (2 * i) + 1, true) * from.Integer(b, (2 * i) + 1, true)), fit));
    }

    /// <summary>Neighbours summed two by two.</summary>
    public static UInt128 PairwiseSum(Lanes shape, UInt128 a, bool signed) =>
        shape.Vector(i => shape.Of(shape.Half.Integer(a, 2 * i, signed) + shape.Half.Integer(a, (2 * i) + 1, signed)));

    /// <summary>A row of two operands and a lane function.</summary>
    public static VectorRow Binary(Lanes shape, string word, bool signed, Fit fit, Func<Int128, Int128, Int128> function) =>
        Row(shape, word, (x, _) => Zip(shape, x[0], x[1], signed, fit, function));

    private static VectorRow Unary(Lanes shape, string word, bool signed, Func<Int128, Int128> function) =>
        Row(shape, word, (x, _) => Zip(shape, x[0], x[0], signed, Fit.Wrap, (a, _) => function(a)));

    private static VectorRow Compare(Lanes shape, string word, bool signed, Func<Int128, Int128, bool> holds) =>
        Binary(shape, word, signed, Fit.Wrap, (a, b) => holds(a, b) ? -1 : 0);

    /// <summary>The count is a scalar and counts modulo the lane's width.</summary>
    private static VectorRow Shift(Lanes shape, string word, bool signed, Func<Int128, int, Int128> function) => Row(shape, word, (x, _) =>
    {
        var count = (int)(x[1] & (UInt128)(shape.Bits - 1));
        return Zip(shape, x[0], x[0], signed, Fit.Wrap, (a, _) => function(a, count));
    });

    /// <summary>The lanes of both operands, which are signed, in half the width.</summary>
    private static VectorRow Narrow(Lanes shape, string suffix, Fit fit) => Row(shape, $"narrow_{shape.Wide.Name}_{suffix}", (x, _) =>
    {
        var (a, b, from) = (x[0], x[1], shape.Wide);
        return shape.Vector(i => shape.Of(from.Integer(i < from.Count ? a : b, i % from.Count, true), fit));
    });

    private static UInt128 Zip(Lanes shape, UInt128 a, UInt128 b, bool signed, Fit fit, Func<Int128, Int128, Int128> function) =>
        shape.Vector(i => shape.Of(function(shape.Integer(a, i, signed), shape.Integer(b, i, signed)), fit));

    private static UInt128 Extend(Lanes shape, UInt128 a, int start, bool signed) => shape.Vector(i => shape.Of(shape.Half.Integer(a, start + i, signed)));

    private static UInt128 ExtendedProducts(Lanes shape, UInt128 a, UInt128 b, int start, bool signed) =>
        shape.Vector(i => shape.Of(shape.Half.Integer(a, start + i, signed) * shape.Half.Integer(b, start + i, signed)));

    private static UInt128 AllTrue(Lanes shape, UInt128 a) =>
        Enumerable.Range(0, shape.Count).All(i => shape.Bit(a, i) != 0) ? UInt128.One : UInt128.Zero;

    private static UInt128 SignBits(Lanes shape, UInt128 a) =>
        Enumerable.Range(0, shape.Count).Aggregate(UInt128.Zero, (bits, i) => bits | ((shape.Bit(a, i) >> (shape.Bits - 1)) << i));

    private static VectorRow Row(Lanes shape, string word, VectorOperation run) => new($"{shape.Name}.{word}", run);
}
