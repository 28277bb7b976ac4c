using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.Dwarf;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>
/// Carries what producers say about code (source positions of instructions, marks about inlining) from the modules where it stood to the module
/// into which the bodies go. Calls are matched by their order in the body.
/// </summary>
internal sealed class CodeNotes
{
    private readonly Dictionary<Module, (CodePositions Positions, InlineHints Hints)> _sources = new(ReferenceEqualityComparer.Instance);
    private readonly SortedDictionary<int, BodyPositions> _positions = [];
    private readonly SortedDictionary<int, SortedDictionary<int, InlineMark>> _marks = [];

    /// <summary>Notes what is known of the body that <paramref name="from"/> has in <paramref name="source"/> and that is rewritten as <paramref name="body"/>.</summary>
    /// <param name="function">The function's index in the module that is made.</param>
    /// <param name="body">Its body there: the same instructions in the same order, or with <see cref="FunctionBody.Sources"/>.</param>
    /// <param name="source">The module where it stood, as it was read.</param>
    /// <param name="from">Its index there.</param>
    /// <param name="path">The file of that module.</param>
    public void Add(int function, FunctionBody body, Module source, FuncIndex from, string path)
    {
        var (positions, hints) = Of(source, path);
        IReadOnlyList<int> before = body.Sources.IsDefault ? CodePositions.PlacesIn(source.Functions[from.Index].Body!) : body.Sources;
        var after = CodePositions.PlacesIn(body with { Offset = 0 });
        InvariantException.Require(before.Count == after.Count, "a rewritten body says where its instructions were");
        _positions[function] = new BodyPositions(positions.OfFunction(from.Index), [.. before.Select(offset => offset < 0 ? null : positions.At(offset))]);
        var marks = new SortedDictionary<int, InlineMark>();
        if (hints.Of(from) is var own && own != InlineMark.None)
        {
            marks[0] = own;
        }

        var locals = body.LocalsLength;
        for (var i = 0; i < after.Count; i++)
        {
            if (hints.OfCall(before[i]) is { } mark)
            {
                marks[locals + after[i]] = mark;
            }
        }

        if (marks.Count > 0)
        {
            _marks[function] = marks;
        }
    }

    /// <summary>Writes the notes into <paramref name="module"/>.</summary>
    public void WriteTo(Module module)
    {
        CodePositions.Write(module, _positions);
        InlineHints.Write(module, _marks);
    }

    private (CodePositions Positions, InlineHints Hints) Of(Module source, string path)
    {
        if (!_sources.TryGetValue(source, out var notes))
        {
            _sources[source] = notes = (CodePositions.Read(source, path), InlineHints.Read(source, path));
        }

        return notes;
    }
}
