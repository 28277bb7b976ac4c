using System.Collections.Immutable;

namespace Pulse.Build.Engine.Components;

// A family of small records: one per production of Binary.md. Indices are as encoded; who instantiates checks them.

/// <summary>One definition of a component, or one declarator of a component or instance type.</summary>
/// <param name="Offset">Byte offset in the file.</param>
internal abstract record Definition(int Offset);

/// <summary>An embedded core module, not decoded.</summary>
internal sealed record CoreModuleDefinition(int Offset, ReadOnlyMemory<byte> Bytes) : Definition(Offset);

/// <summary>A core instance made by instantiating a core module with named instances.</summary>
internal sealed record CoreInstantiateDefinition(int Offset, int Module, ImmutableArray<CoreArgument> Arguments) : Definition(Offset);

/// <summary>Satisfies every import from module <paramref name="Name"/> by a core instance.</summary>
internal readonly record struct CoreArgument(string Name, int Instance);

/// <summary>A core instance that only bundles existing items.</summary>
internal sealed record CoreInlineDefinition(int Offset, ImmutableArray<NamedItem> Exports) : Definition(Offset);

/// <summary>A named item of an argument list or an inline export list.</summary>
internal readonly record struct NamedItem(string Name, SortIndex Item);

/// <summary>A core type; function types are all that P2 components use, the rest is kept by name.</summary>
internal sealed record CoreTypeDefinition(int Offset, string Kind) : Definition(Offset);

/// <summary>A nested component.</summary>
internal sealed record NestedDefinition(int Offset, Component Component) : Definition(Offset);

/// <summary>An instance made by instantiating a component.</summary>
internal sealed record InstantiateDefinition(int Offset, int Component, ImmutableArray<NamedItem> Arguments) : Definition(Offset);

/// <summary>An instance that only bundles existing items.</summary>
internal sealed record InlineDefinition(int Offset, ImmutableArray<NamedItem> Exports) : Definition(Offset);

/// <summary>Names an export of an instance.</summary>
internal sealed record ExportAliasDefinition(int Offset, Sort Sort, int Instance, string Name) : Definition(Offset);

/// <summary>Names an export of a core instance.</summary>
internal sealed record CoreExportAliasDefinition(int Offset, Sort Sort, int Instance, string Name) : Definition(Offset);

/// <summary>Names an item of an enclosing scope, <paramref name="Count"/> scopes out.</summary>
internal sealed record OuterAliasDefinition(int Offset, Sort Sort, int Count, int Index) : Definition(Offset);

/// <summary>A type.</summary>
internal sealed record TypeDefinition(int Offset, TypeExpression Type) : Definition(Offset);

/// <summary>Lifts a core function to a component function.</summary>
internal sealed record LiftDefinition(int Offset, int CoreFunction, CanonicalOptions Options, int Type) : Definition(Offset);

/// <summary>Lowers a component function to a core function.</summary>
internal sealed record LowerDefinition(int Offset, int Function, CanonicalOptions Options) : Definition(Offset);

/// <summary>Another canonical built-in that defines a core function; <paramref name="Index"/> is its type or slot, -1 for none.</summary>
internal sealed record BuiltinDefinition(int Offset, string Name, int Index, CanonicalOptions Options) : Definition(Offset);

/// <summary>An import.</summary>
internal sealed record ImportDefinition(int Offset, string Name, ExternType Type) : Definition(Offset);

/// <summary>An export of a component.</summary>
internal sealed record ExportDefinition(int Offset, string Name, SortIndex Item, ExternType? Type) : Definition(Offset);

/// <summary>An export declared by a component or instance type.</summary>
internal sealed record ExportDeclaration(int Offset, string Name, ExternType Type) : Definition(Offset);
