namespace Pulse.Build.Engine.Ir.Evaluation.Vectors;

/// <summary>How an exact integer becomes the bits of a lane.</summary>
internal enum Fit
{
    /// <summary>Modulo two to the lane's width.</summary>
    Wrap,

    /// <summary>The nearest value of a signed lane.</summary>
    Signed,

    /// <summary>The nearest value of an unsigned lane.</summary>
    Unsigned,
}

/// <summary>A v128 or a scalar as lanes of <paramref name="Bits"/> bits, the lowest first.</summary>
internal readonly record struct Lanes(int Bits)
{
    /// <summary>The integer shapes.</summary>
    public static Lanes[] Integers => [new(8), new(16), new(32), new(64)];

    /// <summary>The lanes of a v128.</summary>
    public int Count => 128 / Bits;

    /// <summary>Lanes of twice the width.</summary>
    public Lanes Wide => new(Bits * 2);

    /// <summary>Lanes of half the width.</summary>
    public Lanes Half => new(Bits / 2);

    /// <summary>Name of the integer shape in the text format.</summary>
    public string Name => $"i{Bits}x{Count}";

    private UInt128 Mask => (UInt128.One << Bits) - 1;

    /// <summary>The bits of a lane.</summary>
    public UInt128 Bit(UInt128 vector, int lane) => (vector >> (lane * Bits)) & Mask;

    /// <summary>A lane as the integer that it stands for.</summary>
    public Int128 Integer(UInt128 vector, int lane, bool signed)
    {
        var value = unchecked((Int128)Bit(vector, lane));
        return signed && value >> (Bits - 1) != 0 ? value - (Int128.One << Bits) : value;
    }

    /// <summary>The bits of a lane for <paramref name="value"/>.</summary>
    public UInt128 Of(Int128 value, Fit fit = Fit.Wrap)
    {
        var (least, most) = fit == Fit.Signed
            ? (-(Int128.One << (Bits - 1)), (Int128.One << (Bits - 1)) - 1)
            : (Int128.Zero, (Int128.One << Bits) - 1);
        return unchecked((UInt128)(fit == Fit.Wrap ? value : Int128.Clamp(value, least, most))) & Mask;
    }

    /// <summary>The vector whose lanes are <paramref name="lane"/> of 0, 1, …; lanes from <paramref name="count"/> on are zero.</summary>
    public UInt128 Vector(Func<int, UInt128> lane, int count = int.MaxValue)
    {
        var vector = UInt128.Zero;
        for (var i = 0; i < Math.Min(count, Count); i++)
        {
            vector |= (lane(i) & Mask) << (i * Bits);
        }

        return vector;
    }
}
