using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>How linear memories are laid out.</summary>
internal enum MemoryStrategy
{
    /// <summary>Shared where every module allows it, else multi.</summary>
    Auto,

    /// <summary>One memory; refused where a module does not allow it.</summary>
    Shared,

    /// <summary>A memory for each module that has one.</summary>
    Multi,
}

/// <summary>How to fuse.</summary>
/// <param name="Memory">Layout of linear memories.</param>
/// <param name="KeepExports">Exports that stay although the world does not ask for them: <c>iface#func</c>, a bare function name, or a core export.</param>
/// <param name="Wiring">Explicit wiring; null matches names.</param>
/// <param name="Features">Proposals that core modules may use.</param>
/// <param name="Handles">Resource handles that one component instance may have at a time; 0 for <see cref="SharedHandles"/> in a shared memory, and for
/// tables that grow in memories of their own.</param>
/// <param name="Guarded">Instances that interrupts must not enter while they run, by name.</param>
internal sealed record FusionOptions(
    MemoryStrategy Memory = MemoryStrategy.Auto,
    ImmutableArray<string> KeepExports = default,
    Wiring? Wiring = null,
    WasmFeatures Features = WasmFeatures.Default,
    int Handles = 0,
    ImmutableArray<string> Guarded = default)
{
    /// <summary>Handles that a table in a shared memory holds when nothing else is asked for.</summary>
    public const int SharedHandles = 126;

    /// <summary>The kept exports, never default.</summary>
    public ImmutableArray<string> Kept => KeepExports.IsDefault ? [] : KeepExports;
}

/// <summary>An explicit wiring.</summary>
/// <param name="Instances">Named instances of components, by index in the list of components.</param>
/// <param name="Plugs">Which import is satisfied by which export.</param>
/// <param name="Exports">What the world sees.</param>
internal sealed record Wiring(ImmutableArray<WiredInstance> Instances, ImmutableArray<Plug> Plugs, ImmutableArray<WorldName> Exports);

/// <summary>An instance of component number <paramref name="Component"/>.</summary>
internal sealed record WiredInstance(string Name, int Component);

/// <summary>Import <paramref name="Import"/> of <paramref name="Into"/> is export <paramref name="Export"/> of <paramref name="From"/>.</summary>
internal sealed record Plug(string Into, string Import, string From, string Export);

/// <summary>Export <paramref name="Export"/> of <paramref name="Instance"/>, which the world knows as <paramref name="Name"/>.</summary>
internal sealed record WorldName(string Name, string Instance, string Export);
