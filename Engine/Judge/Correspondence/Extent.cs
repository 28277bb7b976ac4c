using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// All that is known of a value in a handler: a whole number between two bounds, or such a distance from what a global held when the function was entered.
/// </summary>
/// <param name="Low">The least it can be.</param>
/// <param name="High">The greatest it can be.</param>
/// <param name="Global">The global that it is a distance from, or -1.</param>
internal readonly record struct Extent(Int128 Low, Int128 High, int Global = -1)
{
    private const ulong Word = uint.MaxValue;

    /// <summary>Any value of the type.</summary>
    public static Extent Any { get; } = new(0, ulong.MaxValue);

    public static Extent Exactly(ulong value) => new(value, value);

    public bool IsNumber => Global < 0;

    /// <summary>What holds of this and of <paramref name="other"/>.</summary>
    public Extent Join(Extent other)
        => Global == other.Global ? new Extent(Int128.Min(Low, other.Low), Int128.Max(High, other.High), Global) : Any;

    /// <summary>The result of a numeric instruction or a load; <see cref="Any"/> where nothing is said of it here.</summary>
    public static Extent Of(int opcode, Extent[] x) => opcode switch
    {
        0x6A => Sum(x[0], x[1], Word),
        0x7C => Sum(x[0], x[1], ulong.MaxValue),
        0x6B when !x[0].IsNumber && x[1].IsNumber => Moved(x[0], -x[1].High, -x[1].Low),
        _ when Array.Exists(x, v => !v.IsNumber) => Any,
        0x6B or 0x7D when x[0].Low >= x[1].High => new(x[0].Low - x[1].High, x[0].High - x[1].Low),
        0x71 or 0x83 => new(0, Int128.Min(x[0].High, x[1].High)),
        0x72 or 0x73 or 0x84 or 0x85 => new(0, Ones(x[0].High | x[1].High)),
        0x6C => Fitting(x[0].Low * x[1].Low, x[0].High, x[1].High, Word),
        0x7E => Fitting(x[0].Low * x[1].Low, x[0].High, x[1].High, ulong.MaxValue),
        0x74 when x[1] is { Low: var k } && k == x[1].High => Fitting(x[0].Low << (int)(k & 31), x[0].High, (Int128)1 << (int)(k & 31), Word),
        0x86 when x[1] is { Low: var k } && k == x[1].High => Fitting(x[0].Low << (int)(k & 63), x[0].High, (Int128)1 << (int)(k & 63), ulong.MaxValue),
        0x76 when x[1] is { Low: var k } && k == x[1].High && x[0].High <= Word => new(x[0].Low >> (int)(k & 31), x[0].High >> (int)(k & 31)),
        0x88 when x[1] is { Low: var k } && k == x[1].High => new(x[0].Low >> (int)(k & 63), x[0].High >> (int)(k & 63)),
        0x70 or 0x82 when x[1].High > 0 => new(0, Int128.Min(x[0].High, x[1].High - 1)),
        0xAD or 0xA7 when x[0].High <= Word => x[0],
        _ when InstructionTable.Find(opcode) is { IsTest: true } => new(0, 1),
        0x2D or 0x31 => new(0, byte.MaxValue),
        0x2F or 0x33 => new(0, ushort.MaxValue),
        _ => Any,
    };

    private static Extent Sum(Extent x, Extent y, ulong most)
    {
        if (x.IsNumber == y.IsNumber)
        {
            return x.IsNumber && x.High + y.High <= most ? new(x.Low + y.Low, x.High + y.High) : Any;
        }

        var (distance, by) = x.IsNumber ? (y, x) : (x, y);
        return by.Low == by.High && most == Word ? Moved(distance, Signed(by.Low), Signed(by.Low)) : Any;
    }

    /// <summary>Distances of more than a memory are not followed: they would meet it from the other side.</summary>
    private static Extent Moved(Extent x, Int128 low, Int128 high)
        => x.Low + low < -(Int128)int.MaxValue || x.High + high > int.MaxValue ? Any : new(x.Low + low, x.High + high, x.Global);

    private static Int128 Signed(Int128 word) => unchecked((int)(uint)(word & Word));

    private static Extent Fitting(Int128 low, Int128 x, Int128 y, ulong most) => y == 0 || x <= most / y ? new(low, x * y) : Any;

    private static Int128 Ones(Int128 most)
    {
        var ones = most;
        for (var k = 1; k < 64; k *= 2)
        {
            ones |= ones >> k;
        }

        return ones;
    }
}
