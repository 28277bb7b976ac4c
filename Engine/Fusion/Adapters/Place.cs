using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>Where a value is, or is to go.</summary>
internal abstract record Place
{
    /// <summary>Where field <paramref name="index"/> of the record <paramref name="type"/> is.</summary>
    public abstract Place Field(ComponentType type, int index);

    /// <summary>Where the payload of the variant <paramref name="type"/> is.</summary>
    public abstract Place Payload(ComponentType type);

    /// <summary>Where element <paramref name="index"/> of the fixed-length list <paramref name="type"/> is.</summary>
    public abstract Place Element(ComponentType type, int index);
}

/// <summary>In memory, at the address in <paramref name="Address"/>, a local, plus <paramref name="Offset"/>.</summary>
internal sealed record MemoryPlace(MemoryId Memory, int Address, long Offset) : Place
{
    /// <inheritdoc/>
    public override Place Field(ComponentType type, int index) => this with { Offset = Offset + type.Layout.Offsets[index] };

    /// <inheritdoc/>
    public override Place Payload(ComponentType type) => this with { Offset = Offset + type.Layout.Offsets[0] };

    /// <inheritdoc/>
    public override Place Element(ComponentType type, int index) => this with { Offset = Offset + index * type.Element!.Layout.Size };
}

/// <summary>In locals, in the flat form. Within a variant a local may be wider than the value: then it holds its bits.</summary>
internal sealed record FlatPlace(ImmutableArray<int> Locals) : Place
{
    /// <inheritdoc/>
    public override Place Field(ComponentType type, int index) =>
        Slice(type.Members.Take(index).Sum(m => m.Type!.Layout.Flat.Length), type.Members[index].Type!);

    /// <inheritdoc/>
    public override Place Payload(ComponentType type) => new FlatPlace(Locals[1..]);

    /// <inheritdoc/>
    public override Place Element(ComponentType type, int index) => Slice(index * type.Element!.Layout.Flat.Length, type.Element);

    private FlatPlace Slice(int start, ComponentType part) => new(Locals.Slice(start, part.Layout.Flat.Length));
}
