namespace Pulse.Build.Engine.Thumb;

/// <summary>A condition on the flags, by its number in encodings; a condition and its inverse differ in bit 0.</summary>
internal enum Condition : byte
{
    /// <summary>Z.</summary>
    EQ,

    /// <summary>Not Z.</summary>
    NE,

    /// <summary>C: unsigned higher or same.</summary>
    HS,

    /// <summary>Not C: unsigned lower.</summary>
    LO,

    /// <summary>N.</summary>
    MI,

    /// <summary>Not N.</summary>
    PL,

    /// <summary>V.</summary>
    VS,

    /// <summary>Not V.</summary>
    VC,

    /// <summary>C and not Z: unsigned higher.</summary>
    HI,

    /// <summary>Not C or Z: unsigned lower or same.</summary>
    LS,

    /// <summary>N = V: signed greater or equal.</summary>
    GE,

    /// <summary>N ≠ V: signed less.</summary>
    LT,

    /// <summary>Not Z and N = V: signed greater.</summary>
    GT,

    /// <summary>Z or N ≠ V: signed less or equal.</summary>
    LE,

    /// <summary>Always.</summary>
    AL,
}

/// <summary>Names and inverses of conditions.</summary>
internal static class Conditions
{
    private static readonly string[] Names =
        ["eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al"];

    /// <summary>The suffix of a mnemonic; empty for always.</summary>
    public static string Suffix(this Condition condition) => condition == Condition.AL ? "" : Names[(int)condition];

    /// <summary>The name, <c>al</c> included.</summary>
    public static string Name(this Condition condition) => Names[(int)condition];

    /// <summary>The condition that holds when <paramref name="condition"/> does not.</summary>
    public static Condition Invert(this Condition condition) => condition == Condition.AL
        ? throw new Support.InvariantException("the condition 'always' has no inverse")
        : (Condition)((byte)condition ^ 1);
}
