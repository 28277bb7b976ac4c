using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// Checks and transcodes strings. A decoder reads one scalar value at an address below an end and gives
/// <c>value | bytes read &lt;&lt; 24</c>; what is not well-formed traps.
/// </summary>
/// <remarks>CanonicalABI.md #loading <c>load_string_from_range</c>, #storing <c>store_string_into_range</c>; Unicode 15 table 3-7</remarks>
internal static class StringCode
{
    /// <summary>Bytes of a code unit.</summary>
    public static int UnitBytes(StringEncoding encoding) => encoding == StringEncoding.Utf8 ? 1 : 2;

    /// <summary>Traps when the length in <paramref name="local"/>, in code units, is more than a string may have.</summary>
    public static void RequireLength(CodeBuilder code, int local, int unitBytes) =>
        code.Get(local).I32(CanonicalAbi.MaxByteLength / unitBytes).Op(Opcode.I32GtU).TrapIf();

    /// <summary><c>(address, end)</c>: decodes everything in between. ASCII does not leave the loop.</summary>
    public static void Validate(CodeBuilder code, MemoryId memory, StringEncoding encoding, FunctionId decoder)
    {
        var unit = UnitBytes(encoding);
        var load = encoding == StringEncoding.Utf8 ? Opcode.I32Load8U : Opcode.I32Load16U;
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

    /// <summary>Allocates for the worst case, transcodes, and gives back what was not needed.</summary>
    public static void Utf8ToUtf16(CodeBuilder code, MemoryId source, Side target, FunctionId decoder)
    {
        var (worst, copy, write, end, bytes) = (code.Local(), code.Local(), code.Local(), code.Local(), code.Local());
        code.Get(1).I32(1).Op(Opcode.I32Shl).Set(worst);
        SharedParts.Allocate(code, target, 2, worst, copy);
        code.RequireRange(target.Memory!.Value, copy, worst).Get(copy).Set(write).Get(0).Get(1).Op(Opcode.I32Add).Set(end);
        EachScalar(code, end, decoder, value =>
        {
            code.Get(value).I32(0x10000).Op(Opcode.I32LtU).If(
                () => code.Get(write).Get(value).Access(Opcode.I32Store16, target.Memory.Value, 0).Add(write, 2),
                () =>
                {
                    code.Get(write).Get(value).I32(10).Op(Opcode.I32ShrU).I32(0xD800 - (0x10000 >> 10)).Op(Opcode.I32Add).Access(Opcode.I32Store16, target.Memory.Value, 0);
                    code.Get(write).Get(value).I32(0x3FF).Op(Opcode.I32And).I32(0xDC00).Op(Opcode.I32Or).Access(Opcode.I32Store16, target.Memory.Value, 2);
                    code.Add(write, 4);
                });
        });
        code.Get(write).Get(copy).Op(Opcode.I32Sub).Set(bytes);
        Shrink(code, target, 2, copy, worst, bytes);
        Pack(code, copy, () => code.Get(bytes).I32(1).Op(Opcode.I32ShrU));
    }

    /// <summary>Allocates one byte a code unit; when a scalar needs more, grows to the worst case and shrinks after the copy.</summary>
    public static void Utf16ToUtf8(CodeBuilder code, MemoryId source, Side target, FunctionId decoder)
    {
        var (read, copy, write, end, bytes, worst) = (code.Local(), code.Local(), code.Local(), code.Local(), code.Local(), code.Local());
        code.Get(0).Set(read).Get(0).Get(1).I32(1).Op(Opcode.I32Shl).Op(Opcode.I32Add).Set(end);
        EachScalar(code, end, decoder, value => code.Get(bytes).I32(1)
            .Get(value).I32(0x80).Op(Opcode.I32GeU).Op(Opcode.I32Add)
            .Get(value).I32(0x800).Op(Opcode.I32GeU).Op(Opcode.I32Add)
            .Get(value).I32(0x10000).Op(Opcode.I32GeU).Op(Opcode.I32Add).Op(Opcode.I32Add).Set(bytes));
        SharedParts.Allocate(code, target, 1, 1, copy);
        code.RequireRange(target.Memory!.Value, copy, 1);
        code.Get(bytes).Get(1).Op(Opcode.I32Ne).If(() =>
        {
            code.Get(1).I32(3).Op(Opcode.I32Mul).Set(worst);
            code.Get(copy).Get(1).I32(1).Get(worst).Call(target.Realloc!.Value).Set(copy).RequireRange(target.Memory.Value, copy, worst);
        });
        code.Get(read).Set(0).Get(copy).Set(write);
        EachScalar(code, end, decoder, value => WriteUtf8(code, target.Memory.Value, value, write));
        code.Get(worst).If(() => Shrink(code, target, 1, copy, worst, bytes));
        Pack(code, copy, () => code.Get(bytes));
    }

    /// <summary>Calls <paramref name="use"/> with each scalar value from the address in local 0 up to <paramref name="end"/>.</summary>
    private static void EachScalar(CodeBuilder code, int end, FunctionId decoder, Action<int> use)
    {
        var value = code.Local();
        code.Loop(() =>
        {
            code.Get(0).Get(end).Op(Opcode.I32GeU).BranchIf(1);
            code.Get(0).Get(end).Call(decoder).Tee(value).I32(24).Op(Opcode.I32ShrU).Get(0).Op(Opcode.I32Add).Set(0);
            code.Get(value).I32(0xFFFFFF).Op(Opcode.I32And).Set(value);
            use(value);
            code.Branch(0);
        });
    }

    private static void WriteUtf8(CodeBuilder code, MemoryId memory, int value, int write)
    {
        void Byte(int shift, int mask, int mark, int offset)
        {
            code.Get(write).Get(value).I32(shift).Op(Opcode.I32ShrU).I32(mask).Op(Opcode.I32And).I32(mark).Op(Opcode.I32Or)
                .Access(Opcode.I32Store8, memory, offset);
        }

        void Bytes(int count, int mark)
        {
            Byte(6 * (count - 1), 0x7F >> (count == 1 ? 0 : count), mark, 0);
            for (var i = 1; i < count; i++)
            {
                Byte(6 * (count - 1 - i), 0x3F, 0x80, i);
            }

            code.Add(write, count);
        }

        code.Get(value).I32(0x80).Op(Opcode.I32LtU).If(() => Bytes(1, 0), () =>
            code.Get(value).I32(0x800).Op(Opcode.I32LtU).If(() => Bytes(2, 0xC0), () =>
                code.Get(value).I32(0x10000).Op(Opcode.I32LtU).If(() => Bytes(3, 0xE0), () => Bytes(4, 0xF0))));
    }

    private static void Shrink(CodeBuilder code, Side target, int alignment, int copy, int from, int to) =>
        code.Get(to).Get(from).Op(Opcode.I32LtU).If(() => code.Get(copy).Get(from).I32(alignment).Get(to).Call(target.Realloc!.Value).Set(copy)
            .RequireAlignment(copy, alignment).RequireRange(target.Memory!.Value, copy, to));

    private static void Pack(CodeBuilder code, int address, Action length)
    {
        length();
        code.Op(Opcode.I64ExtendI32U).I64(32).Op(Opcode.I64Shl).Get(address).Op(Opcode.I64ExtendI32U).Op(Opcode.I64Or);
    }
}
