using System.Collections.Immutable;

namespace Pulse.Build.Engine.Fusion;

/// <summary>The components of a program, instantiated: core module instances in order, and what the world sees.</summary>
/// <param name="Modules">Core module instances in instantiation order.</param>
/// <param name="Exports">The world's exports.</param>
internal sealed record ComponentGraph(ImmutableArray<ModuleInstance> Modules, ImmutableArray<WorldExport> Exports);

/// <summary>A function that the world sees.</summary>
/// <param name="Name">Its name in the core module: <c>iface#func</c>, or <c>func</c> of a world's own function.</param>
/// <param name="Function">The function.</param>
/// <param name="Instance">The instance that exports it.</param>
internal sealed record WorldExport(string Name, FunctionItem Function, string Instance);
