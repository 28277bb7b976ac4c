using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.Dwarf;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>What a producer asks for.</summary>
internal enum InlineMark
{
    None,

    /// <summary>Inline wherever it is possible.</summary>
    Inline,

    /// <summary>Do not inline.</summary>
    Never,
}

/// <summary>
/// The producer's marks about inlining. From the strongest: a mark of the call in <c>metadata.code.inline</c> or
/// <c>metadata.code.instr_freq</c>; a mark of the called function in <c>metadata.code.inline</c>; <c>DW_AT_inline</c> of the called function.
/// </summary>
/// <remarks>
/// compilation-hints Overview.md: for each function, for each hint the offset in the body (0: the function as a target), the number of bytes
/// and the logarithm of the frequency, where 0 is never and 127 always; others are estimates, which ask for nothing. LLVM writes
/// <c>DW_INL_inlined</c> for every function that it inlined somewhere, declared so or not; a copy that is left asks for the same.
/// Marks are a courtesy: a section that cannot be read gives none and a message.
/// </remarks>
internal sealed class InlineHints
{
    /// <summary>The section with marks of calls and of functions.</summary>
    public const string SectionName = "metadata.code.inline";

    private const string FrequencySectionName = "metadata.code.instr_freq";
    private const byte NeverValue = 0;
    private const byte OnceValue = 32;
    private const byte AlwaysValue = 127;

    private readonly Dictionary<int, InlineMark> _calls = [];
    private readonly Dictionary<FuncIndex, InlineMark> _functions = [];
    private readonly ImmutableArray<Diagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();

    /// <summary>Messages about sections that are not used.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => _diagnostics.ToImmutable();

    /// <summary>The marks in <paramref name="module"/>, as it was read from <paramref name="path"/>.</summary>
    public static InlineHints Read(Module module, string path = "")
    {
        var hints = new InlineHints();
        var layout = CodeLayout.Of(module);
        hints.ReadDebugInfo(module, layout, path);
        foreach (var name in new[] { FrequencySectionName, SectionName })
        {
            hints.ReadSection(module, layout, name, path);
        }

        return hints;
    }

    /// <summary>What is asked for the calls of <paramref name="callee"/>.</summary>
    public InlineMark Of(FuncIndex callee) => _functions.GetValueOrDefault(callee);

    /// <summary>What is asked for the call of <paramref name="callee"/> whose opcode stands at <paramref name="offset"/> of the file.</summary>
    public InlineMark Of(FuncIndex callee, int offset) => _calls.TryGetValue(offset, out var mark) ? mark : Of(callee);

    /// <summary>What the producer says about the call at <paramref name="offset"/> of the file itself, or null.</summary>
    public InlineMark? OfCall(int offset) => _calls.TryGetValue(offset, out var mark) ? mark : null;

    /// <summary>Gives <paramref name="module"/> marks, by function and by position in its body; no section when there are none.</summary>
    public static void Write(Module module, SortedDictionary<int, SortedDictionary<int, InlineMark>> functions)
    {
        module.CustomSections.RemoveAll(section => section.Name == SectionName);
        if (functions.Count == 0)
        {
            return;
        }

        var output = new ByteWriter();
        output.Uleb((ulong)functions.Count);
        foreach (var (function, marks) in functions)
        {
            output.Uleb((ulong)function);
            output.Uleb((ulong)marks.Count);
            foreach (var (position, mark) in marks)
            {
                output.Uleb((ulong)position);
                output.Vector([mark switch { InlineMark.Never => NeverValue, InlineMark.Inline => AlwaysValue, _ => OnceValue }]);
            }
        }

        module.CustomSections.Add(new CustomSection(SectionName, output.ToArray(), SectionId.Function));
    }

    private void ReadDebugInfo(Module module, CodeLayout layout, string path)
    {
        var info = DwarfInfo.Read(module, path);
        _diagnostics.AddRange(info.Diagnostics);
        foreach (var subprogram in info.Subprograms)
        {
            if (subprogram.Inline != DwarfInline.None && layout.Find(subprogram.LowPc) is { } body)
            {
                _functions[body.Function] = InlineMark.Inline;
            }
        }
    }

    private void ReadSection(Module module, CodeLayout layout, string name, string path)
    {
        var calls = new Dictionary<int, InlineMark>();
        var functions = new Dictionary<FuncIndex, InlineMark>();
        foreach (var section in module.Source?.Sections ?? [])
        {
            if (section.Custom is not { } custom || custom.Name != name)
            {
                continue;
            }

            try
            {
                var reader = new ByteReader(custom.Bytes.Span, section.EndOffset - custom.Bytes.Length, path, DiagnosticId.PULSE1021);
                for (var left = reader.Count(2); left > 0; left--)
                {
                    ReadFunction(ref reader, module, layout, calls, name == SectionName ? functions : []);
                }
            }
            catch (DiagnosticException refusal)
            {
                _diagnostics.Add(refusal.Diagnostic);
                return;
            }
        }

        foreach (var (offset, mark) in calls)
        {
            _calls[offset] = mark;
        }

        foreach (var (function, mark) in functions)
        {
            _functions[function] = mark;
        }
    }

    private static void ReadFunction(
        ref ByteReader reader, Module module, CodeLayout layout, Dictionary<int, InlineMark> calls, Dictionary<FuncIndex, InlineMark> functions)
    {
        var start = reader.Offset;
        var function = reader.Index();
        if (function >= module.Functions.Count)
        {
            throw reader.Malformed($"function {function} does not exist", start);
        }

        var body = layout.Of(new FuncIndex(function)) ?? default;
        for (var left = reader.Count(2); left > 0; left--)
        {
            var position = reader.Index();
            var value = reader.Bytes(reader.Count());
            var mark = value is [NeverValue, ..] ? InlineMark.Never : value is [AlwaysValue, ..] ? InlineMark.Inline : InlineMark.None;
            if (position == 0)
            {
                functions[new FuncIndex(function)] = mark;
            }
            else if (position < body.End - body.Start)
            {
                calls[layout.ContentOffset + body.Start + position] = mark;
            }
        }
    }
}
