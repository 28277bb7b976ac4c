using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>
/// What a module's DWARF sections (versions 2 to 5) say: source positions of code, and its subprograms. Debug information is a courtesy: a
/// section that cannot be read gives nothing and a message, never an error.
/// </summary>
/// <remarks>WebAssembly/tool-conventions Debugging.md: addresses count from the content of the code section.</remarks>
internal sealed class DwarfInfo
{
    private readonly DwarfSections _sections;
    private readonly CodeLayout _layout;
    private readonly ImmutableArray<Diagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
    private LineTable _lines = new();

    private DwarfInfo(DwarfSections sections, CodeLayout layout)
    {
        _sections = sections;
        _layout = layout;
    }

    /// <summary>The subprograms that have code, by rising address.</summary>
    public ImmutableArray<Subprogram> Subprograms { get; private set; } = [];

    /// <summary>Messages about sections that are not used.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => _diagnostics.ToImmutable();

    /// <summary>Whether any code has a source position.</summary>
    public bool HasLines => _lines.Count > 0;

    /// <summary>Reads the debug information of <paramref name="module"/>, which was read from <paramref name="path"/> and not changed since.</summary>
    public static DwarfInfo Read(Module module, string path) => Read(DwarfSections.Of(module, path), CodeLayout.Of(module), path);

    /// <summary>Reads the debug information in <paramref name="sections"/> of code that stands as <paramref name="layout"/> says.</summary>
    public static DwarfInfo Read(DwarfSections sections, CodeLayout layout, string path)
    {
        var result = new DwarfInfo(sections, layout);
        if (!result._layout.Bodies.IsEmpty)
        {
            result.ReadLines(result.ReadInfo(), path);
        }

        return result;
    }

    /// <summary>The source position of the byte at <paramref name="offset"/> of the file, or null.</summary>
    public SourcePosition? Find(int offset) => _lines.Find(offset - _layout.ContentOffset) is { } row ? PositionOf(row) : null;

    /// <summary>The positions that rows give to <paramref name="offset"/> itself, in their order; else the one that covers it. Null where a row says that nobody knows.</summary>
    public ImmutableArray<SourcePosition?> All(int offset) => [.. _lines.FindAll(offset - _layout.ContentOffset).Select(PositionOf)];

    private SourcePosition? PositionOf(LineRow row)
    {
        if (row.Line <= 0 || _lines.Files[row.File] is not { Name: { } name } file)
        {
            return null;
        }

        var path = Join(_sections.Text(name), file.Directory, file.CompilationDirectory);
        return path.Length > 0 ? new SourcePosition(path, row.Line, row.Column) : null;
    }

    private IReadOnlyDictionary<ulong, DwarfString> ReadInfo()
    {
        try
        {
            var info = DebugInfoReader.Read(_sections);
            Subprograms = [.. info.Subprograms(_layout).OrderBy(s => s.LowPc)];
            return info.Directories;
        }
        catch (DiagnosticException refusal)
        {
            _diagnostics.Add(refusal.Diagnostic);
            return ImmutableDictionary<ulong, DwarfString>.Empty;
        }
    }

    private void ReadLines(IReadOnlyDictionary<ulong, DwarfString> directories, string path)
    {
        try
        {
            for (long position = 0; position < _sections.Length(DwarfSection.Line);)
            {
                position = LineProgram.Run(_sections, position, directories, _lines, _layout);
            }
        }
        catch (DiagnosticException refusal)
        {
            _diagnostics.Add(refusal.Diagnostic);
            _lines = new LineTable();
        }

        if (_lines.HasMismatches)
        {
            _diagnostics.Add(Diagnostic.Create(DiagnosticId.PULSE1020, new Location(path), "some of it describes other code than the module has"));
        }
    }

    private string Join(string name, DwarfString? directory, DwarfString? compilation)
    {
        var path = name;
        foreach (var part in new[] { directory, compilation })
        {
            if (part is { } place && !IsRooted(path) && _sections.Text(place) is { Length: > 0 } text)
            {
                path = text.EndsWith('/') || text.EndsWith('\\') ? text + path : text + "/" + path;
            }
        }

        return path;
    }

    /// <summary>Absolute on the machine of the producer, whichever that was.</summary>
    private static bool IsRooted(string path) => path is ['/' or '\\', ..] or [_, ':', ..];
}
