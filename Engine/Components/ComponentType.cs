using System.Collections.Immutable;
using System.Text;

namespace Pulse.Build.Engine.Components;

/// <summary>A resource type; two are the same only when they are this very object.</summary>
/// <param name="Number">Number in order of appearance, for names.</param>
/// <param name="Name">Name for messages.</param>
/// <param name="Owner">Number of the component instance that defines it, -1 for the host.</param>
internal sealed record ResourceType(int Number, string Name, int Owner);

/// <summary>A field, a case or a label of a type; <paramref name="Type"/> is null where there is no payload.</summary>
internal readonly record struct Member(string Label, ComponentType? Type);

/// <summary>
/// A resolved value type: no indices, every name of a type replaced by what it stands for. Equal types have equal <see cref="Key"/>s.
/// Size, alignment and flat form are computed once, when the type is made.
/// </summary>
internal sealed class ComponentType
{
    /// <summary>A type with more parts than this is refused: adapters are generated over its parts.</summary>
    public const int MaxParts = 2000;

    /// <summary>Makes a type; <paramref name="element"/> and <paramref name="length"/> are a list's.</summary>
    public ComponentType(TypeKind kind, ImmutableArray<Member> members, ComponentType? element = null, int length = -1, ResourceType? resource = null)
    {
        (Kind, Members, Element, Length, Resource) = (kind, members, element, length, resource);
        long parts = 1 + (element?.Parts ?? 0);
        foreach (var member in members)
        {
            parts += 1 + (member.Type?.Parts ?? 0);
        }

        Parts = (int)Math.Min(parts, MaxParts + 1);
        Key = Parts > MaxParts ? "" : MakeKey();
        Layout = TypeLayout.Of(this);
    }

    /// <summary>A primitive.</summary>
    public static ComponentType Primitive(TypeKind kind) => new(kind, []);

    /// <summary>The constructor.</summary>
    public TypeKind Kind { get; }

    /// <summary>Fields, cases or labels.</summary>
    public ImmutableArray<Member> Members { get; }

    /// <summary>Element of a list, a stream or a future.</summary>
    public ComponentType? Element { get; }

    /// <summary>Length of a fixed-length list, else -1.</summary>
    public int Length { get; }

    /// <summary>Resource of a handle.</summary>
    public ResourceType? Resource { get; }

    /// <summary>Number of constructors in the type, at most one more than <see cref="MaxParts"/>.</summary>
    public int Parts { get; }

    /// <summary>The type in a form of which two types have the same exactly when they are equal.</summary>
    public string Key { get; }

    /// <summary>Its representation.</summary>
    public TypeLayout Layout { get; }

    /// <summary>Whether it is a sum: a discriminant, then the case's payload.</summary>
    public bool IsVariant => Kind is TypeKind.Variant or TypeKind.Enum or TypeKind.Option or TypeKind.Result;

    /// <summary>Whether it is a product: its fields one after another.</summary>
    public bool IsRecord => Kind is TypeKind.Record or TypeKind.Tuple;

    /// <summary>Whether it is a list whose length is part of the type.</summary>
    public bool IsFixedList => Kind == TypeKind.List && Length >= 0;

    /// <summary>Whether a value holds pointers into memory.</summary>
    public bool HasPointers => Any(type => type.Kind == TypeKind.String || type is { Kind: TypeKind.List, IsFixedList: false });

    /// <summary>Whether a value holds handles of resources.</summary>
    public bool HasHandles => Any(type => type.Kind is TypeKind.Own or TypeKind.Borrow);

    /// <summary>The first part for which <paramref name="predicate"/> holds.</summary>
    public ComponentType? Find(Func<ComponentType, bool> predicate)
    {
        if (predicate(this))
        {
            return this;
        }

        foreach (var member in Members)
        {
            if (member.Type?.Find(predicate) is { } found)
            {
                return found;
            }
        }

        return Element?.Find(predicate);
    }

    /// <summary>Whether <paramref name="predicate"/> holds for a part.</summary>
    public bool Any(Func<ComponentType, bool> predicate) => Find(predicate) is not null;

    /// <inheritdoc/>
    public override string ToString() => Key;

    private string MakeKey()
    {
        var row = Kind.Row();
        if (Resource is not null)
        {
            return $"{row.Name}<{Resource.Name}#{Resource.Number}>";
        }

        if (Kind.IsPrimitive())
        {
            return row.Name;
        }

        var text = new StringBuilder(row.Name).Append('<');
        var separator = "";
        foreach (var member in Members)
        {
            text.Append(separator).Append(member.Label).Append(member.Label.Length > 0 && member.Type is not null ? ": " : "").Append(member.Type?.Key);
            separator = ", ";
        }

        text.Append(Element?.Key);
        if (IsFixedList)
        {
            text.Append(", ").Append(Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return text.Append('>').ToString();
    }
}

/// <summary>A resolved function type.</summary>
internal sealed record ComponentFuncType(ImmutableArray<Member> Parameters, ComponentType? Result, bool IsAsync)
{
    /// <summary>Equal types have equal keys.</summary>
    public string Key { get; } =
        $"{(IsAsync ? "async " : "")}func({string.Join(", ", Parameters.Select(p => $"{p.Label}: {p.Type}"))}){(Result is null ? "" : " -> " + Result)}";

    /// <summary>The first part of a parameter or the result for which <paramref name="predicate"/> holds.</summary>
    public ComponentType? Find(Func<ComponentType, bool> predicate) =>
        Parameters.Select(p => p.Type!.Find(predicate)).FirstOrDefault(found => found is not null) ?? Result?.Find(predicate);

    /// <inheritdoc/>
    public override string ToString() => Key;
}
