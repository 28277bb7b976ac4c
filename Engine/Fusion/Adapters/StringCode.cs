using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>How the code units of one string are encoded, where an encoding leaves a choice.</summary>
internal enum StringForm
{
    Utf8,
    Utf16,
    Latin1,
}

/// <summary>
/// Checks and decodes strings. A decoder reads one scalar value at an address below an end and gives
/// <c>value | bytes read &lt;&lt; 24</c>; what is not well-formed traps.
/// </summary>
/// <remarks>CanonicalABI.md #loading <c>load_string_from_range</c>; Unicode 15 table 3-7</remarks>
internal static class StringCode
{
    /// <summary>Bytes of a code unit.</summary>
    public static int UnitBytes(StringForm form) => form == StringForm.Utf16 ? 2 : 1;

    /// <summary>Traps when the length in <paramref name="local"/>, in code units, is more than a string may have.</summary>
    public static void RequireLength(CodeBuilder code, int local, int unitBytes) =>
        code.Get(local).I32(CanonicalAbi.MaxByteLength / unitBytes).Op(Opcode.I32GtU).TrapIf();

    /// <summary><c>(address, end)</c>: decodes everything in between. ASCII does not leave the loop.</summary>
    public static void Validate(CodeBuilder code, MemoryId memory, StringForm form, FunctionId decoder)
    {
        var unit = UnitBytes(form);
        var load = form == StringForm.Utf8 ? Opcode.I32Load8U : Opcode.I32Load16U;
        code.Loop(() =>
        {
            code.Get(0).Get(1).Op(Opcode.I32GeU).BranchIf(1);
            code.Get(0).Access(load, memory, 0).I32(0x80).Op(Opcode.I32LtU).If(
                () => code.Add(0, unit).Branch(1));
            code.Get(0).Get(0).Get(1).Call(decoder).I32(24).Op(Opcode.I32ShrU).Op(Opcode.I32Add).Set(0).Branch(0);
        });
    }

    /// <summary>The body of the UTF-8 decoder.</summary>
    public static void DecodeUtf8(CodeBuilder code, MemoryId memory)
    {
        var (value, count, index, next) = (code.Local(), code.Local(), code.Local(), code.Local());
        code.Get(0).Access(Opcode.I32Load8U, memory, 0).Tee(value).I32(0x80).Op(Opcode.I32LtU)
            .If(() => code.Get(value).I32(1 << 24).Op(Opcode.I32Or).Op(Opcode.Return));

        // Lead bytes of well-formed sequences are C2 to F4.
        code.Get(value).I32(0xC2).Op(Opcode.I32Sub).I32(0xF5 - 0xC2).Op(Opcode.I32GeU).TrapIf();
        code.I32(2).Get(value).I32(0xE0).Op(Opcode.I32GeU).Op(Opcode.I32Add).Get(value).I32(0xF0).Op(Opcode.I32GeU).Op(Opcode.I32Add).Set(count);
        code.Get(1).Get(0).Op(Opcode.I32Sub).Get(count).Op(Opcode.I32LtU).TrapIf();
        code.Get(value).I32(0x7F).Get(count).Op(Opcode.I32ShrU).Op(Opcode.I32And).Set(value);
        code.I32(1).Set(index).Loop(() =>
        {
            code.Get(0).Get(index).Op(Opcode.I32Add).Access(Opcode.I32Load8U, memory, 0).Tee(next).I32(0xC0).Op(Opcode.I32And).I32(0x80).Op(Opcode.I32Ne).TrapIf();
            code.Get(value).I32(6).Op(Opcode.I32Shl).Get(next).I32(0x3F).Op(Opcode.I32And).Op(Opcode.I32Or).Set(value);
            code.Get(index).I32(1).Op(Opcode.I32Add).Tee(index).Get(count).Op(Opcode.I32LtU).BranchIf(0);
        });

        // Two bytes are at least 2^6 with a lead from C2 on, three at least 2^11, four at least 2^16: 5 * count - 4 bits.
        code.Get(value).Get(count).I32(5).Op(Opcode.I32Mul).I32(4).Op(Opcode.I32Sub).Op(Opcode.I32ShrU).Op(Opcode.I32Eqz).TrapIf();
        code.Get(value).I32(0x110000).Op(Opcode.I32GeU).Get(value).I32(11).Op(Opcode.I32ShrU).I32(0xD800 >> 11).Op(Opcode.I32Eq).Op(Opcode.I32Or).TrapIf();
        code.Get(value).Get(count).I32(24).Op(Opcode.I32Shl).Op(Opcode.I32Or);
    }

    /// <summary>The body of the UTF-16 decoder.</summary>
    public static void DecodeUtf16(CodeBuilder code, MemoryId memory)
    {
        var (value, low) = (code.Local(), code.Local());
        code.Get(0).Access(Opcode.I32Load16U, memory, 0).Tee(value).I32(11).Op(Opcode.I32ShrU).I32(0xD800 >> 11).Op(Opcode.I32Ne)
            .If(() => code.Get(value).I32(2 << 24).Op(Opcode.I32Or).Op(Opcode.Return));
        code.Get(value).I32(0xDC00).Op(Opcode.I32GeU).TrapIf();
        code.Get(1).Get(0).Op(Opcode.I32Sub).I32(4).Op(Opcode.I32LtU).TrapIf();
        code.Get(0).Access(Opcode.I32Load16U, memory, 2).Tee(low).I32(10).Op(Opcode.I32ShrU).I32(0xDC00 >> 10).Op(Opcode.I32Ne).TrapIf();
        code.Get(value).I32(0x3FF).Op(Opcode.I32And).I32(10).Op(Opcode.I32Shl).Get(low).I32(0x3FF).Op(Opcode.I32And).Op(Opcode.I32Or)
            .I32(0x10000).Op(Opcode.I32Add).I32(4 << 24).Op(Opcode.I32Or);
    }

    /// <summary>The body of the Latin-1 decoder: every byte is a scalar value.</summary>
    public static void DecodeLatin1(CodeBuilder code, MemoryId memory) =>
        code.Get(0).Access(Opcode.I32Load8U, memory, 0).I32(1 << 24).Op(Opcode.I32Or);

    /// <summary>
    /// Calls <paramref name="use"/> with each scalar value from the address in local 0 up to <paramref name="end"/>; stops in front of the
    /// first for which <paramref name="until"/> pushes what is not zero.
    /// </summary>
    public static void EachScalar(CodeBuilder code, int end, FunctionId decoder, Action<int> use, Action<int>? until = null)
    {
        var (value, bytes) = (code.Local(), code.Local());
        code.Loop(() =>
        {
            code.Get(0).Get(end).Op(Opcode.I32GeU).BranchIf(1);
            code.Get(0).Get(end).Call(decoder).Tee(value).I32(24).Op(Opcode.I32ShrU).Set(bytes);
            code.Get(value).I32(0xFFFFFF).Op(Opcode.I32And).Set(value);
            if (until is not null)
            {
                until(value);
                code.BranchIf(1);
            }

            code.Get(0).Get(bytes).Op(Opcode.I32Add).Set(0);
            use(value);
            code.Branch(0);
        });
    }
}
