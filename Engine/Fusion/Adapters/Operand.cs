using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>Where a value is, or is to go.</summary>
internal abstract record Operand
{
    /// <summary>Where field <paramref name="index"/> of the record <paramref name="type"/> is.</summary>
    public abstract Operand Field(ComponentType type, int index);

    /// <summary>Where the payload of the variant <paramref name="type"/> is.</summary>
    public abstract Operand Payload(ComponentType type);

    /// <summary>Where element <paramref name="index"/> of the fixed-length list <paramref name="type"/> is.</summary>
    public abstract Operand Element(ComponentType type, int index);
}

/// <summary>In memory, at the address in <paramref name="Address"/>, a local, plus <paramref name="Offset"/>.</summary>
internal sealed record MemoryOperand(MemoryId Memory, int Address, long Offset) : Operand
{
    /// <inheritdoc/>
    public override Operand Field(ComponentType type, int index) => this with { Offset = Offset + type.Layout.Offsets[index] };

    /// <inheritdoc/>
    public override Operand Payload(ComponentType type) => this with { Offset = Offset + type.Layout.Offsets[0] };

    /// <inheritdoc/>
    public override Operand Element(ComponentType type, int index) => this with { Offset = Offset + index * type.Element!.Layout.Size };
}

/// <summary>In locals, in the flat form. Within a variant a local may be wider than the value: then it holds its bits.</summary>
internal sealed record FlatOperand(ImmutableArray<int> Locals) : Operand
{
    /// <inheritdoc/>
    public override Operand Field(ComponentType type, int index) =>
        Slice(type.Members.Take(index).Sum(m => m.Type!.Layout.Flat.Length), type.Members[index].Type!);

    /// <inheritdoc/>
    public override Operand Payload(ComponentType type) => new FlatOperand(Locals[1..]);

    /// <inheritdoc/>
    public override Operand Element(ComponentType type, int index) => Slice(index * type.Element!.Layout.Flat.Length, type.Element);

    private FlatOperand Slice(int start, ComponentType part) => new(Locals.Slice(start, part.Layout.Flat.Length));
}
