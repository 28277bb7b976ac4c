using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm;

/// <summary>A body in the code section, by positions from the section's content; the size before it is not part of it.</summary>
/// <param name="Function">Whose body.</param>
/// <param name="Start">Its first byte: the count of its local groups.</param>
/// <param name="End">One after its final <c>end</c>.</param>
internal readonly record struct BodyRange(FuncIndex Function, int Start, int End);

/// <summary>Where the bodies of a module stand in the code section that it was read from: DWARF and code metadata count from there.</summary>
internal sealed class CodeLayout
{
    private readonly ImmutableArray<BodyRange> _bodies;

    private CodeLayout(int contentOffset, ImmutableArray<BodyRange> bodies)
    {
        ContentOffset = contentOffset;
        _bodies = bodies;
    }

    /// <summary>Byte offset in the file of the code section's content.</summary>
    public int ContentOffset { get; }

    /// <summary>The bodies by rising position.</summary>
    public ImmutableArray<BodyRange> Bodies => _bodies;

    /// <summary>A layout of code that is no module: positions are addresses.</summary>
    public static CodeLayout Of(IEnumerable<BodyRange> bodies) => new(0, [.. bodies.OrderBy(body => body.Start)]);

    /// <summary>The layout of <paramref name="module"/>; without bodies when it was not read from a file.</summary>
    public static CodeLayout Of(Module module)
    {
        if (module.Source?.Find(SectionId.Code) is not { } section)
        {
            return new CodeLayout(0, []);
        }

        var header = section.Encoded.Length - (section.EndOffset - section.ContentOffset);
        var reader = new ByteReader(section.Encoded.Span[header..], section.ContentOffset, "");
        var bodies = ImmutableArray.CreateBuilder<BodyRange>();
        var function = module.ImportedFunctions;
        for (var left = reader.Count(2); left > 0; left--)
        {
            var size = reader.Count();
            bodies.Add(new BodyRange(new FuncIndex(function++), reader.Position, reader.Position + size));
            reader.Bytes(size);
        }

        return new CodeLayout(section.ContentOffset, bodies.ToImmutable());
    }

    /// <summary>The body of <paramref name="function"/>, or null when it has none in the file.</summary>
    public BodyRange? Of(FuncIndex function) =>
        _bodies is [var first, ..] && function.Index - first.Function.Index is var index && index >= 0 && index < _bodies.Length ? _bodies[index] : null;

    /// <summary>The body around <paramref name="position"/>, or null.</summary>
    public BodyRange? Find(int position)
    {
        int low = 0, high = _bodies.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (position < _bodies[middle].Start)
            {
                high = middle - 1;
            }
            else if (position >= _bodies[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return _bodies[middle];
            }
        }

        return null;
    }
}
