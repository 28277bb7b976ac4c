using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.Dwarf;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>
/// Source positions of a module's functions, and of what calls or may trap in them. A module as a producer made it has them in DWARF. Fusion and optimisation move code,
/// which DWARF does not survive; they carry these positions in the section <c>pulse.positions</c> instead.
/// </summary>
/// <remarks>
/// Format, all integers LEB128: version 3; the names of the files; then for each function that has any its index, its own position and those
/// of those instructions in the order of the code. A position is 0, or the file's number from 1 with line and column.
/// </remarks>
internal sealed class CodePositions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "pulse.positions";

    private const int Version = 3;

    /// <summary>Sections that speak of places in the code or in data segments.</summary>
    private static readonly string[] Positional = [".debug_", "metadata.code.", "reloc.", "linking", "sourceMappingURL", "external_debug_info"];

    private readonly Dictionary<int, SourcePosition> _positions = [];
    private readonly Dictionary<int, SourcePosition> _functions = [];
    private readonly DwarfInfo? _debugInfo;

    private CodePositions(DwarfInfo? debugInfo) => _debugInfo = debugInfo;

    /// <summary>Messages about sections that are not used.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; private set; } = [];

    /// <summary>The positions in <paramref name="module"/>, as it was read from <paramref name="path"/>.</summary>
    public static CodePositions Read(Module module, string path)
    {
        foreach (var section in module.Source?.Sections ?? [])
        {
            if (section.Custom is { Name: SectionName } custom)
            {
                return ReadSection(module, new ByteReader(custom.Bytes.Span, section.EndOffset - custom.Bytes.Length, path, DiagnosticId.PULSE1020));
            }
        }

        var debugInfo = DwarfInfo.Read(module, path);
        var result = new CodePositions(debugInfo) { Diagnostics = debugInfo.Diagnostics };
        for (var i = 0; debugInfo.HasLines && i < module.Functions.Count; i++)
        {
            if (module.Functions[i].Body is { } body && debugInfo.Find(body.Offset) is { } position)
            {
                result._functions[i] = position;
            }
        }

        return result;
    }

    /// <summary>The source position of the instruction whose opcode stands at <paramref name="offset"/> of the file, or null.</summary>
    public SourcePosition? At(int offset) =>
        _debugInfo is not null ? _debugInfo.Find(offset) : _positions.TryGetValue(offset, out var position) ? position : null;

    /// <summary>The source position of the function with <paramref name="index"/>, or null.</summary>
    public SourcePosition? OfFunction(int index) => _functions.TryGetValue(index, out var position) ? position : null;

    /// <summary>Whether instructions of the row have a position of their own: they call or may trap.</summary>
    public static bool IsPlace(OpcodeInfo row) => (row.Effects & (Effects.Calls | Effects.Traps)) != 0;

    /// <summary>Byte offsets in the file of the instructions in <paramref name="body"/> that have a position; from the start of the code when it was made here.</summary>
    public static List<int> PlacesIn(FunctionBody body)
    {
        var offsets = new List<int>();
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if (IsPlace(instruction.Info))
            {
                offsets.Add(instruction.Offset);
            }
        }

        return offsets;
    }

    /// <summary>Where the instructions of <paramref name="body"/> that have a position stood in the file that they were read from, in the order of the code; -1 for new ones.</summary>
    public static IReadOnlyList<int> SourcesOf(FunctionBody body) => body.Sources.IsDefault ? PlacesIn(body) : body.Sources;

    /// <summary>
    /// Carries these positions over to <paramref name="module"/>, which passes made of the one that they were read from, and removes the
    /// sections whose places in the code are no longer right.
    /// </summary>
    /// <param name="module">The module that was made.</param>
    /// <param name="origins">For each of its functions, the index in the module that the positions were read from.</param>
    public void CarryTo(Module module, IReadOnlyList<int> origins)
    {
        var functions = new SortedDictionary<int, BodyPositions>();
        for (var i = 0; i < module.Functions.Count; i++)
        {
            if (module.Functions[i].Body is { } body)
            {
                functions[i] = new BodyPositions(OfFunction(origins[i]), [.. SourcesOf(body).Select(offset => offset < 0 ? null : At(offset))]);
            }
        }

        module.CustomSections.RemoveAll(section => Positional.Any(prefix => section.Name.StartsWith(prefix, StringComparison.Ordinal)));
        Write(module, functions);
    }

    /// <summary>Gives <paramref name="module"/> the positions of its functions and their instructions; no section when there are none.</summary>
    public static void Write(Module module, SortedDictionary<int, BodyPositions> functions)
    {
        module.CustomSections.RemoveAll(section => section.Name == SectionName);
        var known = functions.Where(function => function.Value.All.Any(position => position is not null)).ToList();
        if (known.Count == 0)
        {
            return;
        }

        var files = known.SelectMany(function => function.Value.All).OfType<SourcePosition>().Select(position => position.File)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var output = new ByteWriter();
        output.Uleb(Version);
        output.Uleb((ulong)files.Count);
        files.ForEach(output.Name);
        output.Uleb((ulong)known.Count);
        foreach (var (function, body) in known)
        {
            output.Uleb((ulong)function);
            Write(output, body.Function, files);
            output.Uleb((ulong)body.Places.Count);
            foreach (var place in body.Places)
            {
                Write(output, place, files);
            }
        }

        module.CustomSections.Add(new CustomSection(SectionName, output.ToArray(), SectionId.Data));
    }

    private static void Write(ByteWriter output, SourcePosition? position, List<string> files)
    {
        if (position is not { } place)
        {
            output.Uleb(0);
            return;
        }

        output.Uleb((ulong)files.BinarySearch(place.File, StringComparer.Ordinal) + 1);
        output.Uleb((ulong)place.Line);
        output.Uleb((ulong)place.Column);
    }

    private static CodePositions ReadSection(Module module, ByteReader reader)
    {
        var result = new CodePositions(null);
        try
        {
            result.ReadFunctions(module, ref reader);
        }
        catch (DiagnosticException refusal)
        {
            result._positions.Clear();
            result._functions.Clear();
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

        for (var left = reader.Count(3); left > 0; left--)
        {
            var function = reader.Index();
            var own = ReadPosition(ref reader, files);
            var places = new SourcePosition?[reader.Count()];
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = ReadPosition(ref reader, files);
            }

            Add(module, function, own, places);
        }
    }

    private static SourcePosition? ReadPosition(ref ByteReader reader, string[] files)
    {
        var file = reader.Index();
        return file == 0 ? null
            : file <= files.Length ? new SourcePosition(files[file - 1], reader.Index(), reader.Index())
            : throw reader.Malformed($"{SectionName} has no file {file}");
    }

    /// <summary>A body with another number of such instructions is not the one that the section speaks of.</summary>
    private void Add(Module module, int function, SourcePosition? own, SourcePosition?[] places)
    {
        if (function >= module.Functions.Count || module.Functions[function].Body is not { } body || PlacesIn(body) is var offsets && offsets.Count != places.Length)
        {
            return;
        }

        if (own is { Line: > 0 } place)
        {
            _functions[function] = place;
        }

        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] is { Line: > 0 } position)
            {
                _positions[offsets[i]] = position;
            }
        }
    }
}

/// <summary>The source positions of a body: of its function and of its instructions in the order of the code, where they are known.</summary>
internal sealed record BodyPositions(SourcePosition? Function, IReadOnlyList<SourcePosition?> Places)
{
    /// <summary>All of them.</summary>
    public IEnumerable<SourcePosition?> All => Places.Prepend(Function);
}
