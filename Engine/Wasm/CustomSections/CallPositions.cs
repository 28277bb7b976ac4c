using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.Dwarf;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>
/// Source positions of a module's calls. A module as a producer made it has them in DWARF. Fusion and optimisation move code, which DWARF does
/// not survive; they carry the positions of the calls in the section <c>pulse.calls</c> instead.
/// </summary>
/// <remarks>
/// Format, all integers LEB128: version 1; the names of the files; then for each function that has any its index and for each of its calls,
/// in the order of the code, 0 or the file's number from 1 with line and column.
/// </remarks>
internal sealed class CallPositions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "pulse.calls";

    private const int Version = 1;

    /// <summary>Sections that speak of places in the code or in data segments.</summary>
    private static readonly string[] Positional = [".debug_", "metadata.code.", "reloc.", "linking", "sourceMappingURL", "external_debug_info"];

    private readonly Dictionary<int, SourcePosition> _positions = [];
    private readonly DwarfInfo? _debugInfo;

    private CallPositions(DwarfInfo? debugInfo) => _debugInfo = debugInfo;

    /// <summary>Messages about sections that are not used.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; private set; } = [];

    /// <summary>The positions in <paramref name="module"/>, as it was read from <paramref name="path"/>.</summary>
    public static CallPositions Read(Module module, string path)
    {
        foreach (var section in module.Source?.Sections ?? [])
        {
            if (section.Custom is { Name: SectionName } custom)
            {
                return ReadSection(module, new ByteReader(custom.Bytes.Span, section.EndOffset - custom.Bytes.Length, path, DiagnosticId.PULSE1020));
            }
        }

        var debugInfo = DwarfInfo.Read(module, path);
        return new CallPositions(debugInfo) { Diagnostics = debugInfo.Diagnostics };
    }

    /// <summary>The source position of the call whose opcode stands at <paramref name="offset"/> of the file, or null.</summary>
    public SourcePosition? At(int offset) =>
        _debugInfo is not null ? _debugInfo.Find(offset) : _positions.TryGetValue(offset, out var position) ? position : null;

    /// <summary>Byte offsets in the file of the calls in <paramref name="body"/>; from the start of the code when it was made here.</summary>
    public static List<int> CallsIn(FunctionBody body)
    {
        var offsets = new List<int>();
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if ((instruction.Info.Effects & Effects.Calls) != 0)
            {
                offsets.Add(instruction.Offset);
            }
        }

        return offsets;
    }

    /// <summary>Where the calls in <paramref name="body"/> stood in the file that they were read from, in the order of the code; -1 for new ones.</summary>
    public static IReadOnlyList<int> SourcesOf(FunctionBody body) => body.CallSources.IsDefault ? CallsIn(body) : body.CallSources;

    /// <summary>
    /// Carries these positions over to <paramref name="module"/>, which passes made of the one that they were read from, and removes the
    /// sections whose places in the code are no longer right.
    /// </summary>
    public void CarryTo(Module module)
    {
        var functions = new SortedDictionary<int, IReadOnlyList<SourcePosition?>>();
        for (var i = 0; i < module.Functions.Count; i++)
        {
            if (module.Functions[i].Body is { } body)
            {
                functions[i] = [.. SourcesOf(body).Select(offset => offset < 0 ? null : At(offset))];
            }
        }

        module.CustomSections.RemoveAll(section => Positional.Any(prefix => section.Name.StartsWith(prefix, StringComparison.Ordinal)));
        Write(module, functions);
    }

    /// <summary>Gives <paramref name="module"/> the positions of its calls, by function, in the order of the code; no section when there are none.</summary>
    public static void Write(Module module, SortedDictionary<int, IReadOnlyList<SourcePosition?>> functions)
    {
        module.CustomSections.RemoveAll(section => section.Name == SectionName);
        var known = functions.Where(function => function.Value.Any(position => position is not null)).ToList();
        if (known.Count == 0)
        {
            return;
        }

        var files = known.SelectMany(function => function.Value).OfType<SourcePosition>().Select(position => position.File)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var output = new ByteWriter();
        output.Uleb(Version);
        output.Uleb((ulong)files.Count);
        files.ForEach(output.Name);
        output.Uleb((ulong)known.Count);
        foreach (var (function, calls) in known)
        {
            output.Uleb((ulong)function);
            output.Uleb((ulong)calls.Count);
            foreach (var call in calls)
            {
                output.Uleb(call is { } position ? (ulong)files.BinarySearch(position.File, StringComparer.Ordinal) + 1 : 0);
                if (call is { } place)
                {
                    output.Uleb((ulong)place.Line);
                    output.Uleb((ulong)place.Column);
                }
            }
        }

        module.CustomSections.Add(new CustomSection(SectionName, output.ToArray(), SectionId.Data));
    }

    private static CallPositions ReadSection(Module module, ByteReader reader)
    {
        var result = new CallPositions(null);
        try
        {
            result.ReadFunctions(module, ref reader);
        }
        catch (DiagnosticException refusal)
        {
            result._positions.Clear();
            result.Diagnostics = [refusal.Diagnostic];
        }

        return result;
    }

    private void ReadFunctions(Module module, ref ByteReader reader)
    {
        if (reader.U32() != Version)
        {
            throw reader.Malformed($"{SectionName} of another version than {Version}");
        }

        var files = new string[reader.Count()];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = reader.Name();
        }

        for (var left = reader.Count(2); left > 0; left--)
        {
            var function = reader.Index();
            var calls = new SourcePosition?[reader.Count()];
            for (var i = 0; i < calls.Length; i++)
            {
                var file = reader.Index();
                calls[i] = file == 0 ? null
                    : file <= files.Length ? new SourcePosition(files[file - 1], reader.Index(), reader.Index())
                    : throw reader.Malformed($"{SectionName} has no file {file}");
            }

            Add(module, function, calls);
        }
    }

    /// <summary>A body with another number of calls is not the one that the section speaks of.</summary>
    private void Add(Module module, int function, SourcePosition?[] calls)
    {
        if (function >= module.Functions.Count || module.Functions[function].Body is not { } body || CallsIn(body) is var offsets && offsets.Count != calls.Length)
        {
            return;
        }

        for (var i = 0; i < calls.Length; i++)
        {
            if (calls[i] is { Line: > 0 } position)
            {
                _positions[offsets[i]] = position;
            }
        }
    }
}
