using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// The functions that adapters share: one for each element type, pair of memories and allocator. Their size is bounded by the types,
/// not by how often these are used.
/// </summary>
internal sealed class SharedParts(FusedProgram program)
{
    private static readonly FuncType PairToAddress = FuncType.Of([ValType.I32, ValType.I32], [ValType.I32]);

    /// <summary><c>(address, length) -> address</c>: a copy of a list of <paramref name="element"/>s.</summary>
    public FunctionId List(ComponentType element, Side source, Side target) =>
        program.Generated($"list {element.Key} {Describe(source, target)}", () =>
        {
            var code = new CodeBuilder(PairToAddress);
            var (size, alignment) = (element.Layout.Size, element.Layout.Alignment);
            code.Get(1).I32(CanonicalAbi.MaxByteLength / size).Op(Opcode.I32GtU).TrapIf().RequireAlignment(0, alignment);
            var bytes = Bytes(code, size);
            var copy = code.Local();
            Allocate(code, target, alignment, bytes, copy);
            if (ScalarRules.IsBytes(element))
            {
                code.Get(copy).Get(0).Get(bytes).Copy(target.Memory!.Value, source.Memory!.Value);
            }
            else
            {
                code.RequireRange(source.Memory!.Value, 0, bytes).RequireRange(target.Memory!.Value, copy, bytes);
                code.Get(bytes).If(() =>
                {
                    var (write, end) = (code.Local(), code.Local());
                    code.Get(copy).Set(write).Get(0).Get(bytes).Op(Opcode.I32Add).Set(end);
                    new ValueCopy(code, this, source, target).Elements(element, 0, write, end);
                });
            }

            code.Get(copy);
            return Make($"copy-list<{element.Key}>", code);
        });

    /// <summary><c>(address, length) -> address</c>: a copy of a string in the same encoding, which is checked.</summary>
    public FunctionId SameString(Side source, Side target) =>
        program.Generated($"string {Describe(source, target)}", () =>
        {
            var code = new CodeBuilder(PairToAddress);
            var unit = StringCode.UnitBytes(source.Encoding);
            StringCode.RequireLength(code, 1, unit);
            code.RequireAlignment(0, unit);
            var bytes = Bytes(code, unit);
            var copy = code.Local();

            // A range that wraps around is not looked at here; the copy below traps on it, as on every range outside memory.
            code.Get(0).Get(0).Get(bytes).Op(Opcode.I32Add).Call(Validator(source));
            Allocate(code, target, unit, bytes, copy);
            code.Get(copy).Get(0).Get(bytes).Copy(target.Memory!.Value, source.Memory!.Value).Get(copy);
            return Make($"copy-string-{Name(source.Encoding)}", code);
        });

    /// <summary><c>(address, code units) -> address | code units &lt;&lt; 32</c>: a copy of a string in another encoding.</summary>
    public FunctionId Transcoded(Side source, Side target) =>
        program.Generated($"transcode {Describe(source, target)}", () =>
        {
            var code = new CodeBuilder(FuncType.Of([ValType.I32, ValType.I32], [ValType.I64]));
            var bytes = code.Local();
            StringCode.RequireLength(code, 1, StringCode.UnitBytes(source.Encoding));
            code.RequireAlignment(0, StringCode.UnitBytes(source.Encoding));
            code.Get(1).I32(StringCode.UnitBytes(source.Encoding)).Op(Opcode.I32Mul).Set(bytes).RequireRange(source.Memory!.Value, 0, bytes);
            if (target.Encoding == StringEncoding.Utf16)
            {
                StringCode.Utf8ToUtf16(code, source.Memory!.Value, target, Decoder(source));
            }
            else
            {
                StringCode.Utf16ToUtf8(code, source.Memory!.Value, target, Decoder(source));
            }

            return Make($"{Name(source.Encoding)}-to-{Name(target.Encoding)}", code);
        });

    /// <summary>Calls the allocator of <paramref name="side"/> for <paramref name="bytes"/> bytes, and checks the alignment of what it gives.</summary>
    public static void Allocate(CodeBuilder code, Side side, int alignment, int bytes, int result) =>
        code.I32(0).I32(0).I32(alignment).Get(bytes).Call(side.Realloc!.Value).Set(result).RequireAlignment(result, alignment);

    /// <summary>A local with the bytes of the elements that local 1 counts.</summary>
    private static int Bytes(CodeBuilder code, long size)
    {
        if (size == 1)
        {
            return 1;
        }

        var bytes = code.Local();
        code.Get(1).I32(size).Op(Opcode.I32Mul).Set(bytes);
        return bytes;
    }

    private FunctionId Validator(Side side) => program.Generated($"validate {side.Memory} {side.Encoding}", () =>
    {
        var code = new CodeBuilder(FuncType.Of([ValType.I32, ValType.I32], []));
        StringCode.Validate(code, side.Memory!.Value, side.Encoding, Decoder(side));
        return Make($"check-{Name(side.Encoding)}", code);
    });

    private FunctionId Decoder(Side side) => program.Generated($"decode {side.Memory} {side.Encoding}", () =>
    {
        var code = new CodeBuilder(PairToAddress);
        if (side.Encoding == StringEncoding.Utf8)
        {
            StringCode.DecodeUtf8(code, side.Memory!.Value);
        }
        else
        {
            StringCode.DecodeUtf16(code, side.Memory!.Value);
        }

        return Make($"decode-{Name(side.Encoding)}", code);
    });

    private static GeneratedFunction Make(string name, CodeBuilder code) => new(name, null, code.Type, code.Finish());

    /// <summary>What of the two sides the code depends on: nothing is allocated on the source's.</summary>
    private static string Describe(Side source, Side target) =>
        $"{source.Memory?.Index}/{source.Encoding} -> {target.Memory?.Index}/{target.Encoding}/{target.Realloc?.Index}";

    private static string Name(StringEncoding encoding) => encoding == StringEncoding.Utf8 ? "utf8" : "utf16";
}
