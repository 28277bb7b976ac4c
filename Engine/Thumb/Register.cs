namespace Pulse.Build.Engine.Thumb;

/// <summary>A core register by its number in encodings.</summary>
internal enum Register : byte
{
    R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12,

    /// <summary>Stack pointer.</summary>
    SP,

    /// <summary>Link register.</summary>
    LR,

    /// <summary>Program counter; reads as the address of the instruction plus 4.</summary>
    PC,
}

/// <summary>Names and classes of registers.</summary>
internal static class RegisterNames
{
    private static readonly string[] Names =
        ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc"];

    /// <summary>Lower-case name as assemblers print it.</summary>
    public static string Name(this Register register) => Names[(int)register];

    /// <summary>r0 to r7: what most 16-bit encodings can name.</summary>
    public static bool IsLow(this Register register) => register <= Register.R7;
}

/// <summary>A set of core registers, bit n for register n, as LDM and STM hold it.</summary>
internal readonly record struct RegisterList(ushort Bits)
{
    /// <summary>The set of <paramref name="registers"/>.</summary>
    public static RegisterList Of(params ReadOnlySpan<Register> registers)
    {
        var bits = 0;
        foreach (var register in registers)
        {
            bits |= 1 << (int)register;
        }

        return new((ushort)bits);
    }

    /// <summary>Number of registers.</summary>
    public int Count => System.Numerics.BitOperations.PopCount(Bits);

    /// <summary>Whether <paramref name="register"/> is in the set.</summary>
    public bool Contains(Register register) => (Bits >> (int)register & 1) != 0;

    /// <summary>This set and <paramref name="register"/>.</summary>
    public RegisterList With(Register register) => new((ushort)(Bits | 1 << (int)register));

    /// <summary><c>{r4, r5, lr}</c>.</summary>
    public override string ToString()
    {
        var bits = Bits;
        var names = Enumerable.Range(0, 16).Where(n => (bits >> n & 1) != 0).Select(n => ((Register)n).Name());
        return "{" + string.Join(", ", names) + "}";
    }
}
