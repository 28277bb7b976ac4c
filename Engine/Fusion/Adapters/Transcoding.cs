using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// Writes strings in another form. Local 0 is the source's address and local 1 its code units, both checked; what each function leaves
/// is <c>address | tagged code units &lt;&lt; 32</c>. Which allocations are made, grown and shrunk is what the callee's allocator sees, and
/// so it is as the specification has it.
/// </summary>
/// <remarks>CanonicalABI.md #storing <c>store_string_into_range</c></remarks>
internal sealed class Transcoding(CodeBuilder code, MemoryId source, StringForm form, FunctionId decoder, CanonicalContext target)
{
    /// <summary>Bit of a latin1+utf16 length that says UTF-16.</summary>
    public const long Utf16Tag = 1L << 31;

    private readonly MemoryId _into = target.Memory!.Value;

    /// <summary>Latin-1 is copied as it is; in UTF-16 every byte becomes a code unit.</summary>
    /// <remarks><c>store_string_copy</c></remarks>
    public void Latin1(bool inflate)
    {
        var (copy, bytes) = (code.Local(), 1);
        if (inflate)
        {
            bytes = code.Local();
            code.Get(1).I32(1).Op(Opcode.I32Shl).Set(bytes);
        }

        Allocate(2, copy, bytes);
        if (inflate)
        {
            var (end, write) = (End(), code.Local());
            code.Get(copy).Set(write);
            StringCode.EachScalar(code, end, decoder, value => Utf16Unit(write, () => code.Get(value)));
        }
        else
        {
            code.Get(copy).Get(0).Get(1).Copy(_into, source);
        }

        Pack(copy, () => code.Get(1));
    }

    /// <summary>Allocates for the worst case, transcodes, and gives back what was not needed.</summary>
    /// <remarks><c>store_utf8_to_utf16</c></remarks>
    public void Utf8ToUtf16()
    {
        var (worst, copy, write, end, bytes) = (code.Local(), code.Local(), code.Local(), End(), code.Local());
        code.Get(1).I32(1).Op(Opcode.I32Shl).Set(worst);
        Allocate(2, copy, worst);
        code.Get(copy).Set(write);
        StringCode.EachScalar(code, end, decoder, value => Utf16(value, write));
        code.Get(write).Get(copy).Op(Opcode.I32Sub).Set(bytes);
        Shrink(2, copy, worst, bytes);
        Pack(copy, () => code.Get(bytes).I32(1).Op(Opcode.I32ShrU));
    }

    /// <summary>Allocates one byte a code unit; when a scalar needs more, grows to the worst case and shrinks after the copy.</summary>
    /// <remarks><c>store_string_to_utf8</c></remarks>
    public void ToUtf8()
    {
        var (read, copy, write, end, bytes, worst) = (code.Local(), code.Local(), code.Local(), End(), code.Local(), code.Local());
        code.Get(0).Set(read);
        StringCode.EachScalar(code, end, decoder, value =>
        {
            code.Get(bytes).I32(1);
            foreach (var more in form == StringForm.Latin1 ? [0x80] : new[] { 0x80, 0x800, 0x10000 })
            {
                code.Get(value).I32(more).Op(Opcode.I32GeU).Op(Opcode.I32Add);
            }

            code.Op(Opcode.I32Add).Set(bytes);
        });
        Allocate(1, copy, 1);
        code.Get(bytes).Get(1).Op(Opcode.I32Ne).If(() =>
        {
            code.Get(1).I32(form == StringForm.Latin1 ? 2 : 3).Op(Opcode.I32Mul).Set(worst);
            Reallocate(1, copy, 1, worst);
        });
        code.Get(read).Set(0).Get(copy).Set(write);
        StringCode.EachScalar(code, end, decoder, value => Utf8(value, write));
        code.Get(worst).If(() => Shrink(1, copy, worst, bytes));
        Pack(copy, () => code.Get(bytes));
    }

    /// <summary>
    /// Writes Latin-1 as long as scalars fit; from the first that does not, grows to UTF-16's worst case, widens what is there from its
    /// end on, and goes on in UTF-16.
    /// </summary>
    /// <remarks><c>store_string_to_latin1_or_utf16</c></remarks>
    public void ToLatin1OrUtf16()
    {
        var (copy, write, end, worst, count, bytes) = (code.Local(), code.Local(), End(), code.Local(), code.Local(), code.Local());
        Allocate(2, copy, 1);
        code.Get(copy).Set(write);
        StringCode.EachScalar(code, end, decoder,
            value => code.Get(write).Get(value).Access(Opcode.I32Store8, _into, 0).Add(write, 1),
            value => code.Get(value).I32(0x100).Op(Opcode.I32GeU));
        code.Get(write).Get(copy).Op(Opcode.I32Sub).Set(count);
        code.Get(0).Get(end).Op(Opcode.I32GeU).If(() =>
        {
            Shrink(2, copy, 1, count);
            Pack(copy, () => code.Get(count));
            code.Op(Opcode.Return);
        });
        code.Get(1).I32(1).Op(Opcode.I32Shl).Set(worst);
        Reallocate(2, copy, 1, worst);
        code.Get(copy).Get(count).I32(1).Op(Opcode.I32Shl).Op(Opcode.I32Add).Set(write);
        code.Loop(() =>
        {
            code.Get(count).Op(Opcode.I32Eqz).BranchIf(1);
            code.Add(count, -1).Get(copy).Get(count).I32(1).Op(Opcode.I32Shl).Op(Opcode.I32Add)
                .Get(copy).Get(count).Op(Opcode.I32Add).Access(Opcode.I32Load8U, _into, 0).Access(Opcode.I32Store16, _into, 0).Branch(0);
        });
        StringCode.EachScalar(code, end, decoder, value => Utf16(value, write));
        code.Get(write).Get(copy).Op(Opcode.I32Sub).Set(bytes);
        Shrink(2, copy, worst, bytes);
        Pack(copy, () => code.Get(bytes).I32(1).Op(Opcode.I32ShrU).I32(Utf16Tag).Op(Opcode.I32Or));
    }

    /// <summary>Copies UTF-16 that its producer chose over Latin-1; narrows it when it was not needed after all.</summary>
    /// <remarks><c>store_probably_utf16_to_latin1_or_utf16</c></remarks>
    public void Utf16ToLatin1OrUtf16()
    {
        var (read, copy, end, bytes, wide, count) = (code.Local(), code.Local(), code.Local(), code.Local(), code.Local(), code.Local());
        code.Get(1).I32(1).Op(Opcode.I32Shl).Set(bytes).Get(0).Tee(read).Get(bytes).Op(Opcode.I32Add).Set(end);
        StringCode.EachScalar(code, end, decoder, value => code.Get(wide).Get(value).I32(0x100).Op(Opcode.I32GeU).Op(Opcode.I32Or).Set(wide));
        Allocate(2, copy, bytes);
        code.Get(copy).Get(read).Get(bytes).Copy(_into, source);
        code.Get(wide).If(() =>
        {
            Pack(copy, () => code.Get(1).I32(Utf16Tag).Op(Opcode.I32Or));
            code.Op(Opcode.Return);
        });
        code.Loop(() =>
        {
            code.Get(count).Get(1).Op(Opcode.I32GeU).BranchIf(1);
            code.Get(copy).Get(count).Op(Opcode.I32Add)
                .Get(copy).Get(count).I32(1).Op(Opcode.I32Shl).Op(Opcode.I32Add).Access(Opcode.I32Load8U, _into, 0)
                .Access(Opcode.I32Store8, _into, 0).Add(count, 1).Branch(0);
        });
        Reallocate(1, copy, bytes, 1);
        Pack(copy, () => code.Get(1));
    }

    /// <summary>A local with the end of the source.</summary>
    private int End()
    {
        var end = code.Local();
        code.Get(0).Get(1);
        if (form == StringForm.Utf16)
        {
            code.I32(1).Op(Opcode.I32Shl);
        }

        code.Op(Opcode.I32Add).Set(end);
        return end;
    }

    private void Allocate(int alignment, int copy, int bytes)
    {
        AdapterRuntime.Allocate(code, target, alignment, bytes, copy);
        code.RequireRange(_into, copy, bytes);
    }

    private void Reallocate(int alignment, int copy, int from, int to) =>
        code.Get(copy).Get(from).I32(alignment).Get(to).Call(target.Realloc!.Value).Set(copy)
            .RequireAlignment(copy, alignment).RequireRange(_into, copy, to);

    private void Shrink(int alignment, int copy, int from, int to) =>
        code.Get(to).Get(from).Op(Opcode.I32LtU).If(() => Reallocate(alignment, copy, from, to));

    private void Pack(int address, Action length)
    {
        length();
        code.Op(Opcode.I64ExtendI32U).I64(32).Op(Opcode.I64Shl).Get(address).Op(Opcode.I64ExtendI32U).Op(Opcode.I64Or);
    }

    private void Utf16(int value, int write) => code.Get(value).I32(0x10000).Op(Opcode.I32LtU).If(
        () => Utf16Unit(write, () => code.Get(value)),
        () =>
        {
            Utf16Unit(write, () => code.Get(value).I32(10).Op(Opcode.I32ShrU).I32(0xD800 - (0x10000 >> 10)).Op(Opcode.I32Add));
            Utf16Unit(write, () => code.Get(value).I32(0x3FF).Op(Opcode.I32And).I32(0xDC00).Op(Opcode.I32Or));
        });

    private void Utf16Unit(int write, Action push)
    {
        code.Get(write);
        push();
        code.Access(Opcode.I32Store16, _into, 0).Add(write, 2);
    }

    private void Utf8(int value, int write)
    {
        void Byte(int shift, int mask, int mark, int offset)
        {
            code.Get(write).Get(value).I32(shift).Op(Opcode.I32ShrU).I32(mask).Op(Opcode.I32And).I32(mark).Op(Opcode.I32Or)
                .Access(Opcode.I32Store8, _into, offset);
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
}
