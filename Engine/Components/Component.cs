using System.Collections.Immutable;

namespace Pulse.Build.Engine.Components;

/// <summary>A component as decoded: its definitions in the order of the binary. Index spaces arise when it is instantiated.</summary>
/// <param name="Path">File it was read from, for diagnostics.</param>
/// <param name="Name">Name from the <c>component-name</c> section, or null.</param>
/// <param name="Offset">Byte offset of the preamble in the file.</param>
/// <param name="Definitions">Definitions in order, each of which adds to an index space or to the exports.</param>
/// <param name="CustomSections">Custom sections, uninterpreted.</param>
internal sealed record Component(
    string Path,
    string? Name,
    int Offset,
    ImmutableArray<Definition> Definitions,
    ImmutableArray<ComponentCustomSection> CustomSections)
{
    /// <summary>The imports in order.</summary>
    public IEnumerable<ImportDefinition> Imports => Definitions.OfType<ImportDefinition>();

    /// <summary>The exports in order.</summary>
    public IEnumerable<ExportDefinition> Exports => Definitions.OfType<ExportDefinition>();
}

/// <summary>A custom section of a component.</summary>
internal sealed record ComponentCustomSection(string Name, ReadOnlyMemory<byte> Bytes);
