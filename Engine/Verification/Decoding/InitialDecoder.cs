using System.Globalization;

namespace Pulse.Build.Engine.Verification.Decoding;

/// <summary>Reads a constant expression: one instruction and <c>end</c>, or a longer one, which is kept as its bytes.</summary>
internal static class InitialDecoder
{
    public static Initial Read(ref ByteCursor c)
    {
        var opcode = c.U8();
        var initial = opcode switch
        {
            0x41 => Constant(unchecked((uint)c.S64(32)), "i32"),
            0x42 => Constant(unchecked((ulong)c.S64(64)), "i64"),
            0x43 => Constant(c.Fixed(4), "f32"),
            0x44 => Constant(c.Fixed(8), "f64"),
            0x23 => new Initial(InitialKind.ImportedGlobal, c.U32(), "global.get"),
            0xD2 => new Initial(InitialKind.Function, c.U32(), "ref.func"),
            0xD0 => Null(c.U8()),
            _ => throw c.Fail($"constant instruction 0x{opcode:x2} is not understood"),
        };
        if (c.Peek() == 0x0B)
        {
            c.U8();
            return initial;
        }

        var text = new System.Text.StringBuilder(initial.Text).Append(initial.Value);
        while (c.Peek() != 0x0B)
        {
            var next = c.U8();
            var value = next switch
            {
                0x41 or 0x42 => c.S64(64),
                0x23 => c.U32(),
                0x6A or 0x6B or 0x6C or 0x7C or 0x7D or 0x7E => 0,
                _ => throw c.Fail($"constant instruction 0x{next:x2} is not understood"),
            };
            text.Append(CultureInfo.InvariantCulture, $" {next:x2} {value}");
        }

        c.U8();
        return new Initial(InitialKind.Other, 0, text.ToString());
    }

    private static Initial Constant(ulong value, string type) => new(InitialKind.Constant, value, type);

    private static Initial Null(byte type) => new(InitialKind.Null, type, "ref.null");
}
