using System.Globalization;

namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// A 16- or 32-bit encoding as the manual draws it: literal bits and <c>name:width</c> fields, first halfword on top.
/// A field of several letters may be split; <see cref="Field"/> puts the pieces together.
/// </summary>
internal sealed class BitPattern
{
    private readonly List<(string Name, int Low, int Width)> _fields = [];

    /// <summary>Parses <paramref name="text"/>; the table is checked when it is loaded.</summary>
    public BitPattern(string text)
    {
        Text = text;
        var tokens = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Width = tokens.Sum(WidthOf);
        if (Width is not (16 or 32))
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' has {Width} bits"));
        }

        var at = Width;
        foreach (var token in tokens)
        {
            at -= WidthOf(token);
            Add(token, at);
        }
    }

    /// <summary>The drawing.</summary>
    public string Text { get; }

    /// <summary>16 or 32.</summary>
    public int Width { get; }

    /// <summary>The literal positions.</summary>
    public uint Mask { get; private set; }

    /// <summary>The literal bits.</summary>
    public uint Value { get; private set; }

    /// <summary>Whether the literal bits of <paramref name="word"/> are this pattern's.</summary>
    public bool Matches(uint word) => (word & Mask) == Value;

    /// <summary>Whether some word matches both patterns.</summary>
    public bool Overlaps(BitPattern other) => Width == other.Width && ((Value ^ other.Value) & Mask & other.Mask) == 0;

    /// <summary>The field written <c>a:b:00:c</c>: pieces from high to low, literal zeros or ones between them.</summary>
    public Field Field(string expression)
    {
        var pieces = new List<(int Low, int Width, uint Literal)>();
        foreach (var name in expression.Split(':'))
        {
            if (name.All(c => c is '0' or '1'))
            {
                pieces.Add((-1, name.Length, Convert.ToUInt32(name, 2)));
                continue;
            }

            var index = _fields.FindIndex(f => f.Name == name);
            if (index < 0)
            {
                throw new FormatException($"'{Text}' has no field '{name}'");
            }

            pieces.Add((_fields[index].Low, _fields[index].Width, 0));
        }

        return new Field([.. pieces]);
    }

    /// <summary>Whether a field of that name exists.</summary>
    public bool Has(string name) => _fields.Exists(f => f.Name == name);

    private static int WidthOf(string token) => token.IndexOf(':', StringComparison.Ordinal) is var colon && colon < 0
        ? token.Length
        : int.Parse(token.AsSpan(colon + 1), CultureInfo.InvariantCulture);

    private void Add(string token, int low)
    {
        var colon = token.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            _fields.Add((token[..colon], low, WidthOf(token)));
            return;
        }

        Mask |= (uint)((1L << token.Length) - 1) << low;
        Value |= Convert.ToUInt32(token, 2) << low;
    }
}

/// <summary>Where a number stands in an encoding: pieces from high to low.</summary>
internal sealed class Field((int Low, int Width, uint Literal)[] pieces)
{
    /// <summary>Bits of the number.</summary>
    public int Width { get; } = pieces.Sum(p => p.Width);

    /// <summary>Writes <paramref name="value"/> into <paramref name="word"/>; false when it does not fit.</summary>
    public bool TryPut(ref uint word, uint value)
    {
        if (Width < 32 && value >> Width != 0)
        {
            return false;
        }

        var at = Width;
        foreach (var (low, width, literal) in pieces)
        {
            at -= width;
            var part = value >> at & (uint)((1L << width) - 1);
            if (low >= 0)
            {
                word |= part << low;
            }
            else if (part != literal)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The number in <paramref name="word"/>.</summary>
    public uint Get(uint word)
    {
        uint value = 0;
        foreach (var (low, width, literal) in pieces)
        {
            value = value << width | (low >= 0 ? word >> low & (uint)((1L << width) - 1) : literal);
        }

        return value;
    }
}
