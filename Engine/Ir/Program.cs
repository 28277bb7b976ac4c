using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>
/// A module with its function bodies in SSA form. A body that the IR does not model stays encoded in the module and is carried through.
/// </summary>
/// <param name="module">The module; its <see cref="ModuleFunction.Body"/> is what a function had when it was read.</param>
internal sealed class Program(Module module)
{
    private readonly EntityMap<FuncIndex, Function?> _bodies = new();
    private readonly EntitySet<FuncIndex> _changed = new();

    /// <summary>Everything but the bodies.</summary>
    public Module Module { get; } = module;

    /// <summary>The body of <paramref name="function"/>, or null when it is imported or not modelled.</summary>
    public Function? Body(FuncIndex function) => _bodies[function];

    /// <summary>Sets a body when the program is built.</summary>
    public void SetBody(FuncIndex function, Function body) => _bodies[function] = body;

    /// <summary>Says that a pass changed the body: it will be emitted anew.</summary>
    public void MarkChanged(FuncIndex function) => _changed.Add(function);

    /// <summary>Whether a pass changed the body.</summary>
    public bool IsChanged(FuncIndex function) => _changed.Contains(function);

    /// <summary>Every function index of the module.</summary>
    public IEnumerable<FuncIndex> Functions => Enumerable.Range(0, Module.Functions.Count).Select(FuncIndex.FromIndex);
}
