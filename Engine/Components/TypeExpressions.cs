using System.Collections.Immutable;

namespace Pulse.Build.Engine.Components;

// Types as written: they name other types by index. Resolved ones are ComponentType and ComponentFuncType.

/// <summary>A type as the binary writes it.</summary>
internal abstract record TypeExpression;

/// <summary>A value type by name or by index into the type index space.</summary>
/// <param name="Primitive">The primitive, or null when <paramref name="Index"/> counts.</param>
/// <param name="Index">Type index.</param>
internal readonly record struct TypeReference(TypeKind? Primitive, int Index);

/// <summary>A member of a record, a case of a variant, a parameter of a function.</summary>
internal readonly record struct LabelledType(string Label, TypeReference? Type);

/// <summary>A value type: what <paramref name="Members"/> and <paramref name="Element"/> mean, <paramref name="Kind"/> says.</summary>
/// <param name="Kind">The constructor.</param>
/// <param name="Members">Fields, cases, elements of a tuple, labels; for a result "ok" and "error", for an option "none" and "some".</param>
/// <param name="Element">Element of a list, a stream or a future.</param>
/// <param name="Length">Length of a fixed-length list, else -1.</param>
/// <param name="Resource">Type index of a handle's resource, else -1.</param>
internal sealed record ValueTypeExpression(
    TypeKind Kind, ImmutableArray<LabelledType> Members, TypeReference? Element = null, int Length = -1, int Resource = -1) : TypeExpression;

/// <summary>A function type.</summary>
internal sealed record FuncTypeExpression(ImmutableArray<LabelledType> Parameters, TypeReference? Result, bool IsAsync) : TypeExpression;

/// <summary>A component type: imports and exports it has.</summary>
internal sealed record ComponentTypeExpression(ImmutableArray<Definition> Declarations) : TypeExpression;

/// <summary>An instance type: exports it has.</summary>
internal sealed record InstanceTypeExpression(ImmutableArray<Definition> Declarations) : TypeExpression;

/// <summary>A resource type defined here, with its destructor's core function or -1.</summary>
internal sealed record ResourceTypeExpression(int Destructor) : TypeExpression;

/// <summary>The type of an import or export.</summary>
/// <param name="Sort">What it is.</param>
/// <param name="Index">Type index; -1 for a fresh resource (<c>sub resource</c>).</param>
internal sealed record ExternType(Sort Sort, int Index);
