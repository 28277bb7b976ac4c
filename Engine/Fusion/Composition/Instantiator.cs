using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>
/// Instantiates components symbolically: walks their definitions in order as the specification does, building every index space, and
/// leaves an acyclic graph of core module instances whose imports are entities of other instances, lowered functions or the host.
/// Renames, nesting and multiple instantiation need no rule of their own.
/// </summary>
/// <remarks>Explainer.md #instance-definitions</remarks>
internal sealed class Instantiator
{
    /// <summary>Instances of components nest at most this deep, and there are at most this many: a few bytes can ask for 2^n.</summary>
    private const int MaxDepth = 50;

    private const int MaxInstances = 1000;

    private readonly WasmFeatures _features;
    private readonly TypeResolver _types = new();
    private readonly ExternMatcher _matcher;
    private readonly Dictionary<CoreModuleDefinition, CoreModuleItem> _modules = new(ReferenceEqualityComparer.Instance);
    private int _components;

    /// <summary>An empty graph, for core modules that use no proposal outside <paramref name="features"/>.</summary>
    public Instantiator(WasmFeatures features) => (_features, _matcher) = (features, new ExternMatcher(_types));

    /// <summary>Core module instances in instantiation order.</summary>
    public List<ModuleInstance> Modules { get; } = [];

    /// <summary>The allocators and post-return functions of lifts and lowerings.</summary>
    public List<(ComponentInstance Owner, CoreItem Function)> Callbacks { get; } = [];

    /// <summary>Every lowered function.</summary>
    public List<LoweredFunction> Lowered { get; } = [];

    /// <summary>The resource types by number.</summary>
    public IReadOnlyList<ResourceItem> Resources => _types.Resources;

    /// <summary>
    /// Instantiates <paramref name="component"/>, a file, under <paramref name="name"/>. <paramref name="arguments"/> gives what satisfies an
    /// import and the name of who provides it; null leaves the import to the host.
    /// </summary>
    public InstanceItem Instantiate(Component component, string name, Func<ImportDefinition, (Item Item, string Provider)?> arguments) =>
        new Walk(this, new ComponentItem(component, null), name, null, 0, (import, scope) =>
        {
            if (arguments(import) is not { } given)
            {
                return _matcher.Host(import.Type, scope, import.Name, import.Offset);
            }

            return _matcher.Mismatch(import.Type, scope, given.Item, import.Offset) is not { } why ? given.Item
                : throw new DiagnosticException(DiagnosticId.PULSE2006, new Location(component.Path), import.Name, name, given.Provider, why);
        }).Run();

    private CoreModuleItem Decode(CoreModuleDefinition definition, string path)
    {
        if (!_modules.TryGetValue(definition, out var module))
        {
            var decoded = ModuleReader.Read(definition.Bytes, path, definition.Offset);
            Validator.Validate(decoded, path, _features);
            _modules[definition] = module = new CoreModuleItem(decoded, path, definition.Offset);
        }

        return module;
    }

    /// <summary>One component being instantiated.</summary>
    private sealed class Walk
    {
        private readonly Instantiator _graph;
        private readonly Component _component;
        private readonly Scope _scope;
        private readonly ComponentInstance _self;
        private readonly int _depth;
        private readonly Func<ImportDefinition, Scope, Item> _imports;
        private readonly InstanceItem _result = new();
        private int _nested;

        public Walk(Instantiator graph, ComponentItem item, string name, ComponentInstance? parent, int depth, Func<ImportDefinition, Scope, Item> imports)
        {
            (_graph, _component, _depth, _imports) = (graph, item.Component, depth, imports);
            _scope = new Scope(item.Component.Path, item.Outer);
            _self = new ComponentInstance(graph._components++, name, item.Component.Path, parent);
            if (depth > MaxDepth || graph._components > MaxInstances)
            {
                throw new DiagnosticException(DiagnosticId.PULSE2002, Location.AtOffset(item.Component.Path, item.Component.Offset), $"more than {MaxInstances} component instances");
            }
        }

        public InstanceItem Run()
        {
            foreach (var definition in _component.Definitions)
            {
                Define(definition);
            }

            return _result;
        }

        private void Define(Definition definition)
        {
            switch (definition)
            {
                case CoreModuleDefinition module:
                    _scope.Add(Sort.CoreModule, _graph.Decode(module, _component.Path));
                    break;
                case CoreInstantiateDefinition instantiate:
                    _scope.Add(Sort.CoreInstance, InstantiateCore(instantiate));
                    break;
                case CoreInlineDefinition inline:
                    _scope.Add(Sort.CoreInstance, InlineCore(inline));
                    break;
                case CoreTypeDefinition:
                    _scope.Add(Sort.CoreType, new CoreTypeItem());
                    break;
                case NestedDefinition nested:
                    _scope.Add(Sort.Component, new ComponentItem(nested.Component, _scope));
                    break;
                case InstantiateDefinition instantiate:
                    _scope.Add(Sort.Instance, InstantiateNested(instantiate));
                    break;
                case InlineDefinition inline:
                    var bundle = new InstanceItem();
                    bundle.Exports.AddRange(inline.Exports.Select(e => (e.Name, _scope.Get(e.Item, inline.Offset))));
                    _scope.Add(Sort.Instance, bundle);
                    break;
                case TypeDefinition type:
                    _scope.Add(Sort.Type, _graph._types.Define(type.Type, _scope, type.Offset, _self));
                    break;
                case ImportDefinition import:
                    _scope.Add(import.Type.Sort, _imports(import, _scope));
                    break;
                case ExportDefinition export:
                    Export(export);
                    break;
                default:
                    DefineAliasOrCanon(definition);
                    break;
            }
        }

        private static Sort SortOf(CoreItem item) => (item as CoreEntity)?.Kind switch
        {
            ExternKind.Table => Sort.CoreTable,
            ExternKind.Memory => Sort.CoreMemory,
            ExternKind.Global => Sort.CoreGlobal,
            _ => Sort.CoreFunction,
        };

        private void DefineAliasOrCanon(Definition definition)
        {
            switch (definition)
            {
                case ExportAliasDefinition alias:
                    var instance = _scope.Get<InstanceItem>(Sort.Instance, alias.Instance, alias.Offset);
                    _scope.Add(alias.Sort, instance.Find(alias.Name) ?? throw _scope.Invalid($"the instance has no '{alias.Name}'", alias.Offset));
                    break;
                case CoreExportAliasDefinition alias:
                    var core = _scope.Get<CoreInstanceItem>(Sort.CoreInstance, alias.Instance, alias.Offset);
                    var item = core.Find(alias.Name) ?? throw _scope.Invalid($"the core instance has no '{alias.Name}'", alias.Offset);
                    _scope.Add(alias.Sort, SortOf(item) == alias.Sort ? item : throw _scope.Invalid($"'{alias.Name}' of the core instance is no {alias.Sort.Name()}", alias.Offset));
                    break;
                case OuterAliasDefinition alias:
                    _scope.Add(alias.Sort, _scope.Outer(alias.Count, alias.Offset).Get(new SortIndex(alias.Sort, alias.Index), alias.Offset));
                    break;
                case LiftDefinition lift:
                    var type = _scope.Get<FuncTypeItem>(Sort.Type, lift.Type, lift.Offset).Type;
                    var callee = _scope.Get<CoreItem>(Sort.CoreFunction, lift.CoreFunction, lift.Offset);
                    _scope.Add(Sort.Function, new LiftedFunction(_self, callee, Resolve(lift.Options, lift.Offset), type));
                    break;
                case LowerDefinition lower:
                    var target = _scope.Get<FunctionItem>(Sort.Function, lower.Function, lower.Offset);
                    var lowered = new LoweredFunction(_self, target, Resolve(lower.Options, lower.Offset));
                    _graph.Lowered.Add(lowered);
                    _scope.Add(Sort.CoreFunction, lowered);
                    break;
                case BuiltinDefinition builtin:
                    _scope.Add(Sort.CoreFunction, new BuiltinFunction(_self, builtin.Name, builtin.Offset, ResourceOf(builtin)));
                    break;
                default:
                    throw new Support.InvariantException($"no rule for {definition.GetType().Name}");
            }
        }

        /// <summary>The resource of a built-in for resources; only who defines it makes handles and sees representations.</summary>
        private ResourceItem? ResourceOf(BuiltinDefinition builtin)
        {
            if (!builtin.Name.StartsWith("resource.", StringComparison.Ordinal))
            {
                return null;
            }

            var resource = _scope.Get<ResourceItem>(Sort.Type, builtin.Index, builtin.Offset);
            return builtin.Name == "resource.drop" || resource.Owner == _self ? resource
                : throw _scope.Invalid($"canon {builtin.Name} is for a resource that the component defines", builtin.Offset);
        }

        private ModuleInstance InstantiateCore(CoreInstantiateDefinition definition)
        {
            var source = _scope.Get<CoreModuleItem>(Sort.CoreModule, definition.Module, definition.Offset);
            var instance = new ModuleInstance(_graph.Modules.Count, _self, source);
            foreach (var argument in definition.Arguments)
            {
                instance.Arguments[argument.Name] = _scope.Get<CoreInstanceItem>(Sort.CoreInstance, argument.Instance, definition.Offset);
            }

            foreach (var import in source.Module.Imports)
            {
                if (!instance.Arguments.TryGetValue(import.Module, out var provider) || provider.Find(import.Name) is null)
                {
                    throw _scope.Invalid($"nothing satisfies the core import '{import.Module}' '{import.Name}'", definition.Offset);
                }
            }

            _graph.Modules.Add(instance);
            return _graph.Modules.Count <= MaxInstances ? instance : throw _scope.Invalid($"more than {MaxInstances} core instances", definition.Offset);
        }

        private InlineCoreInstance InlineCore(CoreInlineDefinition definition)
        {
            var instance = new InlineCoreInstance();
            foreach (var export in definition.Exports)
            {
                var item = _scope.Get<CoreItem>(export.Item.Sort, export.Item.Index, definition.Offset);
                if (!instance.Exports.TryAdd(export.Name, item))
                {
                    throw _scope.Invalid($"'{export.Name}' is exported twice", definition.Offset);
                }
            }

            return instance;
        }

        private InstanceItem InstantiateNested(InstantiateDefinition definition)
        {
            var component = _scope.Get<ComponentItem>(Sort.Component, definition.Component, definition.Offset);
            var given = new Dictionary<string, Item>();
            foreach (var argument in definition.Arguments)
            {
                given[argument.Name] = _scope.Get(argument.Item, definition.Offset);
            }

            var label = component.Component.Name ?? (_nested++).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return new Walk(_graph, component, $"{_self.Name}/{label}", _self, _depth + 1, (import, scope) =>
            {
                var item = given.GetValueOrDefault(import.Name) ?? throw _scope.Invalid($"nothing satisfies the import '{import.Name}'", definition.Offset);
                return _graph._matcher.Mismatch(import.Type, scope, item, import.Offset) is not { } why
                    ? item : throw _scope.Invalid($"what is given for import '{import.Name}' has another type: {why}", definition.Offset);
            }).Run();
        }

        private void Export(ExportDefinition definition)
        {
            var item = _scope.Get(definition.Item, definition.Offset);
            if (definition.Type is { } declared && _graph._matcher.Mismatch(declared, _scope, item, definition.Offset) is { } why)
            {
                throw _scope.Invalid($"the export '{definition.Name}' has another type than it declares: {why}", definition.Offset);
            }

            _scope.Add(definition.Item.Sort, item);
            if (_result.Find(definition.Name) is not null)
            {
                throw _scope.Invalid($"'{definition.Name}' is exported twice", definition.Offset);
            }

            _result.Exports.Add((definition.Name, item));
        }

        private ResolvedOptions Resolve(CanonicalOptions options, int offset)
        {
            T? Find<T>(Sort sort, int index) where T : Item => index < 0 ? null : _scope.Get<T>(sort, index, offset);
            var (realloc, postReturn) = (Find<CoreItem>(Sort.CoreFunction, options.Realloc), Find<CoreItem>(Sort.CoreFunction, options.PostReturn));
            foreach (var callback in new[] { realloc, postReturn })
            {
                if (callback is not null)
                {
                    _graph.Callbacks.Add((_self, callback));
                }
            }

            return new ResolvedOptions(options.Encoding, Find<CoreEntity>(Sort.CoreMemory, options.Memory), realloc, postReturn, options.IsAsync);
        }
    }
}
