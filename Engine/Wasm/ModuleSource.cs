using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm;

/// <summary>One section as it stands in the file.</summary>
/// <param name="Id">Its <see cref="SectionId"/>.</param>
/// <param name="Encoded">Id, size and content.</param>
/// <param name="ContentOffset">Byte offset of the content in the file; relocations count from here.</param>
/// <param name="Custom">The custom section, when it is one.</param>
internal sealed record SourceSection(int Id, ReadOnlyMemory<byte> Encoded, int ContentOffset, CustomSection? Custom)
{
    /// <summary>Byte offset in the file of the section's end.</summary>
    public int EndOffset { get; init; }
}

/// <summary>
/// Where a module was read from: its sections in file order, and the entities as they were read. A section whose entities are still those
/// is written with its original bytes, padded LEB128 integers and all; so an unmodified module comes back byte for byte.
/// </summary>
internal sealed class ModuleSource(ImmutableArray<SourceSection> sections, Module read)
{
    private readonly SourceSection?[] _known = Known(sections);

    /// <summary>Made when a writer asks: whoever only reads has no use for it.</summary>
    private Dictionary<CustomSection, ReadOnlyMemory<byte>>? _customs;

    /// <summary>The sections in file order: relocation sections name their target by its position here.</summary>
    public ImmutableArray<SourceSection> Sections => sections;

    /// <summary>The section with <paramref name="id"/>, which is not custom, or null.</summary>
    public SourceSection? Find(int id) => _known[id];

    /// <summary>The original bytes of <paramref name="custom"/>, or null when the section is a new one.</summary>
    public ReadOnlyMemory<byte>? EncodedCustom(CustomSection custom) =>
        (_customs ??= Customs(sections)).TryGetValue(custom, out var encoded) ? encoded : (ReadOnlyMemory<byte>?)null;

    /// <summary>The original bytes of section <paramref name="id"/> when <paramref name="module"/> still has what was read from it.</summary>
    public ReadOnlyMemory<byte>? Unchanged(int id, Module module) =>
        Find(id) is { } section && IsUnchanged(id, module) ? section.Encoded : (ReadOnlyMemory<byte>?)null;

    private static SourceSection?[] Known(ImmutableArray<SourceSection> sections)
    {
        var known = new SourceSection?[SectionId.Tag + 1];
        foreach (var section in sections)
        {
            known[section.Id] = section;
        }

        known[SectionId.Custom] = null;
        return known;
    }

    private static Dictionary<CustomSection, ReadOnlyMemory<byte>> Customs(ImmutableArray<SourceSection> sections)
    {
        var result = new Dictionary<CustomSection, ReadOnlyMemory<byte>>(sections.Count(section => section.Custom is not null), ReferenceEqualityComparer.Instance);
        foreach (var section in sections)
        {
            if (section.Custom is { } custom)
            {
                result.Add(custom, section.Encoded);
            }
        }

        return result;
    }

    private bool IsUnchanged(int id, Module module) => id switch
    {
        SectionId.Type => Same(module.Types, read.Types),
        SectionId.Import => ImportsUnchanged(module),
        SectionId.Function => Same(module.Functions.Where(f => f.Import is null).Select(f => f.Type), read.Functions.Where(f => f.Import is null).Select(f => f.Type)),
        SectionId.Table => Same(module.Tables.Where(t => t.Import is null), read.Tables.Where(t => t.Import is null)),
        SectionId.Memory => Same(module.Memories.Where(m => m.Import is null), read.Memories.Where(m => m.Import is null)),
        SectionId.Global => Same(module.Globals.Where(g => g.Import is null), read.Globals.Where(g => g.Import is null)),
        SectionId.Export => Same(module.Exports, read.Exports),
        SectionId.Start => module.Start == read.Start,
        SectionId.Element => Same(module.Elements, read.Elements),
        SectionId.DataCount => module.HasDataCount == read.HasDataCount && module.Data.Count == read.Data.Count,
        SectionId.Code => Same(module.Functions.Where(f => f.Import is null).Select(f => f.Body), read.Functions.Where(f => f.Import is null).Select(f => f.Body)),
        SectionId.Data => Same(module.Data, read.Data),
        _ => false,
    };

    private bool ImportsUnchanged(Module module) =>
        Same(module.Imports, read.Imports)
        && Same(module.Functions.Where(f => f.Import is not null), read.Functions.Where(f => f.Import is not null))
        && Same(module.Tables.Where(t => t.Import is not null), read.Tables.Where(t => t.Import is not null))
        && Same(module.Memories.Where(m => m.Import is not null), read.Memories.Where(m => m.Import is not null))
        && Same(module.Globals.Where(g => g.Import is not null), read.Globals.Where(g => g.Import is not null));

    /// <summary>Equality of records is enough: code and data compare by the memory they stand in.</summary>
    private static bool Same<T>(IEnumerable<T> now, IEnumerable<T> then) => now.SequenceEqual(then);
}
