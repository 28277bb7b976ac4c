using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Composition;

// What the index spaces of an instantiated component hold. Items are compared by identity: an instance is one instance.

/// <summary>Something of the component level: a function, an instance, a type, a component, a core module.</summary>
internal abstract class Item;

/// <summary>A component function.</summary>
internal abstract class FunctionItem(ComponentFuncType type) : Item
{
    /// <summary>Its type.</summary>
    public ComponentFuncType Type => type;
}

/// <summary>A core function lifted by the component instance <paramref name="owner"/>.</summary>
internal sealed class LiftedFunction(ComponentInstance owner, CoreItem core, ResolvedOptions options, ComponentFuncType type) : FunctionItem(type)
{
    /// <summary>The component instance that lifts it.</summary>
    public ComponentInstance Owner => owner;

    /// <summary>The core function.</summary>
    public CoreItem Core => core;

    /// <summary>The options of the lift.</summary>
    public ResolvedOptions Options => options;
}

/// <summary>A function that the host provides, under its name in the core module.</summary>
internal sealed class HostFunction(string module, string name, ComponentFuncType type) : FunctionItem(type)
{
    /// <summary>Import module: the interface, or <c>$root</c>.</summary>
    public string Module => module;

    /// <summary>Import name.</summary>
    public string Name => name;
}

/// <summary>An instance: named items in order.</summary>
internal sealed class InstanceItem : Item
{
    /// <summary>The exports in order.</summary>
    public List<(string Name, Item Item)> Exports { get; } = [];

    /// <summary>The export called <paramref name="name"/>, or null.</summary>
    public Item? Find(string name) => Exports.Find(export => export.Name == name).Item;
}

/// <summary>A value type.</summary>
internal sealed class ValueTypeItem(ComponentType type) : Item
{
    /// <summary>The type.</summary>
    public ComponentType Type => type;
}

/// <summary>A function type.</summary>
internal sealed class FuncTypeItem(ComponentFuncType type) : Item
{
    /// <summary>The type.</summary>
    public ComponentFuncType Type => type;
}

/// <summary>A resource type: a component instance defines it, or the host.</summary>
internal sealed class ResourceItem(ResourceType type, ComponentInstance? owner, CoreItem? destructor, string hostModule = "") : Item
{
    /// <summary>The type.</summary>
    public ResourceType Type => type;

    /// <summary>The component instance that defines it; null for the host.</summary>
    public ComponentInstance? Owner => owner;

    /// <summary>Called with the representation when the handle that owns it goes.</summary>
    public CoreItem? Destructor => destructor;

    /// <summary>The interface under which the host provides it.</summary>
    public string HostModule => hostModule;
}

/// <summary>A component or instance type with the scope it was written in: its outer aliases look there.</summary>
internal sealed class ExternTypeItem(TypeExpression type, Scope scope) : Item
{
    /// <summary>The type as written.</summary>
    public TypeExpression Type => type;

    /// <summary>Where it was written.</summary>
    public Scope Scope => scope;
}

/// <summary>A component with the scope it was defined in; <paramref name="outer"/> is null for a file.</summary>
internal sealed class ComponentItem(Component component, Scope? outer) : Item
{
    /// <summary>The definition.</summary>
    public Component Component => component;

    /// <summary>Where it stands.</summary>
    public Scope? Outer => outer;
}

/// <summary>A core module, decoded.</summary>
internal sealed class CoreModuleItem(Module module, string path, int offset) : Item
{
    /// <summary>The module.</summary>
    public Module Module => module;

    /// <summary>File it is in.</summary>
    public string Path => path;

    /// <summary>Byte offset in that file.</summary>
    public int Offset => offset;
}

/// <summary>A core type: only there to be counted.</summary>
internal sealed class CoreTypeItem : Item;

/// <summary>Something of the core level.</summary>
internal abstract class CoreItem : Item;

/// <summary>An entity of a module instance, by its index there; the index may be that of an import.</summary>
internal sealed class CoreEntity(ModuleInstance instance, ExternKind kind, int index) : CoreItem
{
    /// <summary>The instance.</summary>
    public ModuleInstance Instance => instance;

    /// <summary>What it is.</summary>
    public ExternKind Kind => kind;

    /// <summary>Its index in the instance's module.</summary>
    public int Index => index;
}

/// <summary>A component function lowered by <paramref name="owner"/>.</summary>
internal sealed class LoweredFunction(ComponentInstance owner, FunctionItem target, ResolvedOptions options) : CoreItem
{
    /// <summary>The component instance that calls.</summary>
    public ComponentInstance Owner => owner;

    /// <summary>What it calls.</summary>
    public FunctionItem Target => target;

    /// <summary>The options of the lowering.</summary>
    public ResolvedOptions Options => options;
}

/// <summary>A function that a core module imports from the host.</summary>
internal sealed class HostCoreFunction(string module, string name, FuncType type) : CoreItem
{
    /// <summary>Import module.</summary>
    public string Module => module;

    /// <summary>Import name.</summary>
    public string Name => name;

    /// <summary>Its type.</summary>
    public FuncType Type => type;
}

/// <summary>A canonical built-in.</summary>
internal sealed class BuiltinFunction(ComponentInstance owner, string name, int offset, ResourceItem? resource) : CoreItem
{
    /// <summary>The resource that <c>resource.new</c>, <c>resource.rep</c> or <c>resource.drop</c> is about.</summary>
    public ResourceItem? Resource => resource;

    /// <summary>The component instance whose state it works on.</summary>
    public ComponentInstance Owner => owner;

    /// <summary>Its name in the text format.</summary>
    public string Name => name;

    /// <summary>Byte offset of its definition.</summary>
    public int Offset => offset;
}

/// <summary>A core instance.</summary>
internal abstract class CoreInstanceItem : Item
{
    /// <summary>The export called <paramref name="name"/>, or null.</summary>
    public abstract CoreItem? Find(string name);
}

/// <summary>A core instance that bundles items.</summary>
internal sealed class InlineCoreInstance : CoreInstanceItem
{
    /// <summary>The exports.</summary>
    public Dictionary<string, CoreItem> Exports { get; } = [];

    /// <inheritdoc/>
    public override CoreItem? Find(string name) => Exports.GetValueOrDefault(name);
}

/// <summary>An instance of a core module: the unit that the merger copies.</summary>
internal sealed class ModuleInstance(int number, ComponentInstance owner, CoreModuleItem source) : CoreInstanceItem
{
    /// <summary>Position in instantiation order.</summary>
    public int Number => number;

    /// <summary>The component instance it belongs to.</summary>
    public ComponentInstance Owner => owner;

    /// <summary>The module.</summary>
    public Module Module => source.Module;

    /// <summary>Where the module came from.</summary>
    public CoreModuleItem Source => source;

    /// <summary>What satisfies its imports, by import module.</summary>
    public Dictionary<string, CoreInstanceItem> Arguments { get; } = [];

    /// <inheritdoc/>
    public override CoreItem? Find(string name) =>
        Module.Exports.Find(export => export.Name == name) is { } found ? new CoreEntity(this, found.Kind, found.Index) : null;
}

/// <summary>An instance of a component: the owner of handles, and a name for people.</summary>
/// <param name="Number">Position in instantiation order.</param>
/// <param name="Name">Name in the composition, with <c>/</c> between a nested instance and its parent.</param>
/// <param name="Path">File of the component.</param>
/// <param name="Parent">The instance whose component instantiated it, or null.</param>
internal sealed record ComponentInstance(int Number, string Name, string Path, ComponentInstance? Parent)
{
    /// <summary>Whether it is instantiated, at any depth, by <paramref name="ancestor"/>.</summary>
    public bool IsWithin(ComponentInstance ancestor) => Parent is not null && (Parent == ancestor || Parent.IsWithin(ancestor));
}

/// <summary>Canonical options with their indices resolved.</summary>
internal sealed record ResolvedOptions(
    StringEncoding Encoding, CoreEntity? Memory, CoreItem? Realloc, CoreItem? PostReturn, bool IsAsync);
