using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>The values that a host answers calls with.</summary>
internal enum AnswerStyle
{
    Zero,
    Small,
    Negative,
    Large,

    /// <summary>Constants of either module and their neighbours: what a changed condition asks for.</summary>
    Telling,
    Any,
}

/// <summary>
/// What a host does: which exports it calls with what, how it answers, what it writes meanwhile, and after how many calls it has enough. It
/// depends on the seed and on what happened before, never on the module, so that two modules meet the same host as long as they behave the same.
/// </summary>
/// <param name="Seed">Chooses everything.</param>
/// <param name="Style">How calls are answered.</param>
/// <param name="Telling">Values that code of either module mentions.</param>
/// <param name="Original">The module whose imports the host gives; a rewrite may leave some of them alone.</param>
internal sealed record HostScript(ulong Seed, AnswerStyle Style, IReadOnlyList<ulong> Telling, Module Original)
{
    /// <summary>Calls of the host in one run before it stops the module.</summary>
    public const int MaximumEvents = 60;

    /// <summary>Calls that the host makes from outside.</summary>
    public const int Entries = 6;

    /// <summary>Whether the host calls exports while it is called, and writes what it can reach.</summary>
    public bool Interferes => Seed % 2 == 1;

    /// <summary>Choices for the <paramref name="step"/>-th thing that happens.</summary>
    public FuzzRandom At(int step) => new(unchecked((Seed * 0x9E37_79B9) + (ulong)step));

    /// <summary>An answer or an argument.</summary>
    public UInt128 Value(ValType type, FuzzRandom random)
    {
        var bits = Style switch
        {
            _ when random.Once(3) => random.Pick(Telling),
            AnswerStyle.Zero => 0UL,
            AnswerStyle.Small => (ulong)random.Below(8),
            AnswerStyle.Negative => unchecked((ulong)-(1 + random.Below(3))),
            AnswerStyle.Large => random.Pick<ulong>([0x7FFF_FFFF, 0x8000_0000, 0x1_0001, 0xFFFF_0000, 0x8000_0000_0000_0000, 0x1_0000_0000, 0x4000_0004]),
            AnswerStyle.Telling => unchecked(random.Pick(Telling) + (ulong)random.Pick([0, 0, 0, 1, -1])),
            _ => random.Next(),
        };
        return type switch
        {
            ValType.I32 => unchecked((uint)bits),
            ValType.I64 => bits,
            ValType.F32 => BitConverter.SingleToUInt32Bits((int)unchecked((uint)bits) / (random.Once(2) ? 1 : 4f)),
            ValType.F64 => BitConverter.DoubleToUInt64Bits(unchecked((long)bits) / (random.Once(2) ? 1 : 4.0)),
            ValType.V128 => new UInt128(unchecked(bits * 3), bits),
            _ => 0,
        };
    }

    /// <summary>The scripts of a trial.</summary>
    public static IEnumerable<HostScript> All(int count, IReadOnlyList<ulong> telling, Module original)
        => Enumerable.Range(0, count).Select(i => new HostScript((ulong)(i / 6 * 7) + (ulong)(i % 6), (AnswerStyle)(i % 6), telling, original));
}
