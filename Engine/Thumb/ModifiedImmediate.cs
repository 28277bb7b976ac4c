using System.Numerics;

namespace Pulse.Build.Engine.Thumb;

/// <summary>The 12-bit immediates of 32-bit data processing: a byte, a byte repeated, or a byte with its top bit set rotated right by 8 to 31.</summary>
/// <remarks>DDI 0403E "ThumbExpandImm".</remarks>
internal static class ModifiedImmediate
{
    /// <summary>Whether some 12-bit immediate expands to <paramref name="value"/>.</summary>
    public static bool CanEncode(uint value) => TryEncode(value, out _);

    /// <summary>The value of <paramref name="imm12"/>; false for the repetitions of zero, which the architecture leaves unpredictable.</summary>
    public static bool TryExpand(uint imm12, out uint value)
    {
        var low = imm12 & 0xFF;
        if (imm12 >> 10 == 0)
        {
            var kind = imm12 >> 8;
            value = kind switch { 0 => low, 1 => low << 16 | low, 2 => low << 24 | low << 8, _ => low * 0x0101_0101 };
            return kind == 0 || low != 0;
        }

        value = BitOperations.RotateRight(0x80 | imm12 & 0x7F, (int)(imm12 >> 7));
        return true;
    }

    /// <summary>The only 12-bit immediate that expands to <paramref name="value"/>, if there is one.</summary>
    public static bool TryEncode(uint value, out uint imm12)
    {
        var low = value & 0xFF;
        var second = value >> 8 & 0xFF;
        imm12 = low;
        if (value <= 0xFF)
        {
            return true;
        }

        if (value == low * 0x0101_0101)
        {
            imm12 = 0x300 | low;
            return true;
        }

        if (value == low * 0x0001_0001)
        {
            imm12 = 0x100 | low;
            return true;
        }

        if (value == second * 0x0100_0100)
        {
            imm12 = 0x200 | second;
            return true;
        }

        // The byte's top bit is the highest bit set: it names the only rotation that can work.
        var rotation = BitOperations.LeadingZeroCount(value) + 8;
        var unrotated = BitOperations.RotateLeft(value, rotation);
        imm12 = (uint)rotation << 7 | unrotated & 0x7F;
        return unrotated <= 0xFF;
    }
}
