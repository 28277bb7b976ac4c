using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Handles;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// The functions that adapters share: one for each element type, pair of memories and allocator. Their size is bounded by the types,
/// not by how often these are used.
/// </summary>
internal sealed class AdapterRuntime(IFusedEntities entities, ResourceBinder resources, HostTransferBuffer? area)
{
    private static readonly FuncType PairToAddress = FuncType.Of([ValType.I32, ValType.I32], [ValType.I32]);
    private static readonly FuncType PairToPair = FuncType.Of([ValType.I32, ValType.I32], [ValType.I64]);

    /// <summary>The memory through which data passes to and from the host; null where that is a component's.</summary>
    public HostTransferBuffer? Area => area;

    /// <summary>How handles pass.</summary>
    public ResourceBinder Resources => resources;

    /// <summary><c>(address, length) -> address</c>: a copy of a list of <paramref name="element"/>s.</summary>
    public FunctionId List(ComponentType element, CanonicalContext source, CanonicalContext target) =>
        entities.Generated($"list {element.Key} {Describe(source, target)}{(element.HasHandles ? $" {source.Handles} {source.Lends} {target.Handles} {target.IsInPlace}" : "")}", () =>
        {
            var code = new CodeBuilder(PairToAddress);
            var (size, alignment) = (element.Layout.Size, element.Layout.Alignment);
            code.Get(1).I32(CanonicalAbi.MaxByteLength / size).Op(Opcode.I32GtU).TrapIf().RequireAlignment(0, alignment);
            var bytes = Bytes(code, size);
            var copy = code.Local();
            if (target.IsInPlace)
            {
                code.Get(0).Set(copy);
            }
            else
            {
                Allocate(code, target, alignment, bytes, copy);
            }

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
            return Make($"{(target.IsInPlace ? "pass" : "copy")}-list<{element.Key}>", code);
        });

    /// <summary><c>(address, length) -> address</c>: a copy of a string in the same encoding, which is checked.</summary>
    public FunctionId SameString(CanonicalContext source, CanonicalContext target) => SameString(FormOf(source.Encoding), source, target);

    /// <summary><c>(address, length) -> address | length &lt;&lt; 32</c>: a copy of a string in another encoding; lengths are tagged code units.</summary>
    public FunctionId Transcoded(CanonicalContext source, CanonicalContext target) => source.Encoding == StringEncoding.Latin1Utf16
        ? ByTag(source, target) : Transcoded(FormOf(source.Encoding), source, target);

    /// <summary>Looks at the tag of a latin1+utf16 string, and checks the alignment that both forms have.</summary>
    private FunctionId ByTag(CanonicalContext source, CanonicalContext target) =>
        entities.Generated($"text {Describe(source, target)}", () =>
        {
            var code = new CodeBuilder(PairToPair);
            var (wide, narrow) = (Transcoded(StringForm.Utf16, source, target), Transcoded(StringForm.Latin1, source, target));
            code.RequireAlignment(0, 2).Get(1).I32(0).Op(Opcode.I32LtS).If(() =>
                code.Get(0).Get(1).I32(~Transcoding.Utf16Tag).Op(Opcode.I32And).Call(wide).Op(Opcode.Return));
            code.Get(0).Get(1).Call(narrow);
            return Make($"{Name(source.Encoding)}-to-{Name(target.Encoding)}", code);
        });

    private FunctionId SameString(StringForm form, CanonicalContext source, CanonicalContext target) =>
        entities.Generated($"string {form} {Describe(source, target)}", () =>
        {
            var code = new CodeBuilder(PairToAddress);
            var unit = StringCode.UnitBytes(form);
            StringCode.RequireLength(code, 1, unit);
            code.RequireAlignment(0, unit);
            var bytes = Bytes(code, unit);
            var copy = code.Local();

            // A range that wraps around is not looked at here; the copy below traps on it, as on every range outside memory.
            code.Get(0).Get(0).Get(bytes).Op(Opcode.I32Add).Call(Validator(form, source.Memory!.Value));
            Allocate(code, target, unit, bytes, copy);
            code.Get(copy).Get(0).Get(bytes).Copy(target.Memory!.Value, source.Memory!.Value).Get(copy);
            return Make($"copy-string-{Name(form)}", code);
        });

    /// <summary><c>(address, code units) -> address | tagged code units &lt;&lt; 32</c>, for a string in <paramref name="form"/>.</summary>
    private FunctionId Transcoded(StringForm form, CanonicalContext source, CanonicalContext target) =>
        entities.Generated($"transcode {form} {Describe(source, target)}", () =>
        {
            var code = new CodeBuilder(PairToPair);
            if (form == FormOf(target.Encoding) && target.Encoding != StringEncoding.Latin1Utf16)
            {
                code.Get(0).Get(1).Call(SameString(form, source, target)).Op(Opcode.I64ExtendI32U)
                    .Get(1).Op(Opcode.I64ExtendI32U).I64(32).Op(Opcode.I64Shl).Op(Opcode.I64Or);
                return Make($"{Name(form)}-to-{Name(target.Encoding)}", code);
            }

            var unit = StringCode.UnitBytes(form);
            StringCode.RequireLength(code, 1, unit);
            code.RequireAlignment(0, unit).RequireRange(source.Memory!.Value, 0, Bytes(code, unit));
            var transcoding = new Transcoding(code, source.Memory!.Value, form, Decoder(form, source.Memory!.Value), target);
            switch (form, target.Encoding)
            {
                case (_, StringEncoding.Utf8):
                    transcoding.ToUtf8();
                    break;
                case (StringForm.Utf8, StringEncoding.Utf16):
                    transcoding.Utf8ToUtf16();
                    break;
                case (StringForm.Latin1, _):
                    transcoding.Latin1(inflate: target.Encoding == StringEncoding.Utf16);
                    break;
                case (StringForm.Utf16, _) when source.Encoding == StringEncoding.Latin1Utf16:
                    transcoding.Utf16ToLatin1OrUtf16();
                    break;
                default:
                    transcoding.ToLatin1OrUtf16();
                    break;
            }

            return Make($"{Name(form)}-to-{Name(target.Encoding)}", code);
        });

    /// <summary>Calls the allocator of <paramref name="side"/> for <paramref name="bytes"/> bytes, and checks the alignment of what it gives.</summary>
    public static void Allocate(CodeBuilder code, CanonicalContext side, int alignment, int bytes, int result) =>
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

    private FunctionId Validator(StringForm form, MemoryId memory) => entities.Generated($"validate {memory.Index} {form}", () =>
    {
        var code = new CodeBuilder(FuncType.Of([ValType.I32, ValType.I32], []));
        StringCode.Validate(code, memory, form, Decoder(form, memory));
        return Make($"check-{Name(form)}", code);
    });

    private FunctionId Decoder(StringForm form, MemoryId memory) => entities.Generated($"decode {memory.Index} {form}", () =>
    {
        var code = new CodeBuilder(PairToAddress);
        Action<CodeBuilder, MemoryId> decode = form switch
        {
            StringForm.Utf8 => StringCode.DecodeUtf8,
            StringForm.Utf16 => StringCode.DecodeUtf16,
            _ => StringCode.DecodeLatin1,
        };
        decode(code, memory);
        return Make($"decode-{Name(form)}", code);
    });

    private static GeneratedFunction Make(string name, CodeBuilder code) => new(name, null, code.Type, code.Finish());

    /// <summary>What of the two sides the code depends on: nothing is allocated on the source's.</summary>
    private static string Describe(CanonicalContext source, CanonicalContext target) =>
        $"{source.Memory?.Index}/{source.Encoding} -> {target.Memory?.Index}/{target.Encoding}/{target.Realloc?.Index}";

    /// <summary>The form of a string that has one; that of latin1+utf16 without a tag.</summary>
    private static StringForm FormOf(StringEncoding encoding) => encoding switch
    {
        StringEncoding.Utf8 => StringForm.Utf8,
        StringEncoding.Utf16 => StringForm.Utf16,
        _ => StringForm.Latin1,
    };

    private static string Name(StringForm form) => form switch
    {
        StringForm.Utf8 => "utf8",
        StringForm.Utf16 => "utf16",
        _ => "latin1",
    };

    private static string Name(StringEncoding encoding) => encoding == StringEncoding.Latin1Utf16 ? "latin1-or-utf16" : Name(FormOf(encoding));
}
