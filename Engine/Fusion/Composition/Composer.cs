using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>
/// Wires named components and instantiates them, providers first. With an explicit <see cref="Wiring"/> it does what that says; without,
/// an import is satisfied by the one other component that exports its name, and stays the host's when none does.
/// </summary>
internal sealed class Composer
{
    private readonly ImmutableArray<(string Name, Component Component)> _instances;
    private readonly FusionOptions _options;
    private readonly Dictionary<(int Instance, string Import), (int From, string Export)> _plugs = [];
    private readonly Instantiator _instantiator;

    private Composer(ImmutableArray<(string Name, Component Component)> instances, FusionOptions options) =>
        (_instances, _options, _instantiator) = (instances, options, new Instantiator(options.Features));

    /// <summary>Instantiates <paramref name="components"/>.</summary>
    public static ComponentGraph Compose(IReadOnlyList<(string Name, Component Component)> components, FusionOptions options)
    {
        var instances = options.Wiring is { } wiring ? [.. wiring.Instances.Select(i => (i.Name, components[i.Component].Component))] : components.ToImmutableArray();
        return new Composer(instances, options).Run();
    }

    private ComponentGraph Run()
    {
        if (_options.Wiring is { } wiring)
        {
            Plug(wiring);
        }
        else
        {
            MatchNames();
        }

        var made = new InstanceItem[_instances.Length];
        foreach (var index in Order())
        {
            made[index] = _instantiator.Instantiate(_instances[index].Component, _instances[index].Name, import => Argument(made, index, import));
        }

        var exports = Distinct(_options.Wiring is null ? OpenExports(made) : WiredExports(made, _options.Wiring));
        return new ComponentGraph([.. _instantiator.Modules], exports, [.. _instantiator.Resources], WorldResources(made, exports)) { Callbacks = [.. _instantiator.Callbacks], Lowered = [.. _instantiator.Lowered] };
    }

    private (Item Item, string Provider)? Argument(InstanceItem[] made, int index, ImportDefinition import)
    {
        if (!_plugs.TryGetValue((index, import.Name), out var plug))
        {
            return null;
        }

        var item = made[plug.From].Find(plug.Export) ?? throw NotThere(plug.From, "export", plug.Export);
        return (item, _instances[plug.From].Name);
    }

    private void Plug(Wiring wiring)
    {
        foreach (var plug in wiring.Plugs)
        {
            var (into, from) = (Index(plug.Into), Index(plug.From));
            if (!_instances[into].Component.Imports.Any(i => i.Name == plug.Import))
            {
                throw NotThere(into, "import", plug.Import);
            }

            if (!_instances[from].Component.Exports.Any(e => e.Name == plug.Export))
            {
                throw NotThere(from, "export", plug.Export);
            }

            _plugs[(into, plug.Import)] = (from, plug.Export);
        }
    }

    private void MatchNames()
    {
        for (var into = 0; into < _instances.Length; into++)
        {
            foreach (var import in _instances[into].Component.Imports.Where(i => i.Type.Sort is Sort.Instance or Sort.Function))
            {
                var providers = Enumerable.Range(0, _instances.Length).Where(other => other != into)
                    .SelectMany(other => _instances[other].Component.Exports
                        .Where(e => e.Item.Sort == import.Type.Sort && InterfaceName.Satisfies(e.Name, import.Name)).Select(e => (Other: other, e.Name)))
                    .ToList();
                if (providers.Count > 1)
                {
                    throw new DiagnosticException(DiagnosticId.PULSE2005, new Location(_instances[into].Component.Path),
                        import.Name, _instances[into].Name, _instances[providers[0].Other].Name, _instances[providers[1].Other].Name);
                }

                if (providers is [var provider])
                {
                    _plugs[(into, import.Name)] = provider;
                }
            }
        }
    }

    /// <summary>Providers before those that import from them, otherwise in the given order.</summary>
    private List<int> Order()
    {
        var order = new List<int>();
        var state = new int[_instances.Length];
        var path = new List<int>();
        void Visit(int index)
        {
            if (state[index] == 2)
            {
                return;
            }

            path.Add(index);
            if (state[index] == 1)
            {
                var circle = path.Skip(path.IndexOf(index)).Select(i => _instances[i].Name);
                throw new DiagnosticException(DiagnosticId.PULSE2007, new Location(_instances[index].Component.Path), string.Join(" -> ", circle));
            }

            state[index] = 1;
            foreach (var import in _instances[index].Component.Imports)
            {
                if (_plugs.TryGetValue((index, import.Name), out var plug))
                {
                    Visit(plug.From);
                }
            }

            path.RemoveAt(path.Count - 1);
            state[index] = 2;
            order.Add(index);
        }

        for (var i = 0; i < _instances.Length; i++)
        {
            Visit(i);
        }

        return order;
    }

    /// <summary>What the composition exports, and those that are to be kept.</summary>
    private List<WorldExport> WiredExports(InstanceItem[] made, Wiring wiring)
    {
        var open = new List<WorldExport>();
        foreach (var export in wiring.Exports)
        {
            var from = Index(export.Instance);
            var item = made[from].Find(export.Export) ?? throw NotThere(from, "export", export.Export);
            open.AddRange(Functions(export.Name, item, export.Instance));
        }

        var exported = wiring.Exports.Select(e => (Index(e.Instance), e.Export)).ToHashSet();
        var closed = Enumerable.Range(0, made.Length).SelectMany(i => made[i].Exports.Where(e => !exported.Contains((i, e.Name)))
            .SelectMany(e => Functions(e.Name, e.Item, _instances[i].Name)));
        Keep(open, [.. closed]);
        return open;
    }

    /// <summary>Every export that no other component imports, and those that are to be kept.</summary>
    private List<WorldExport> OpenExports(InstanceItem[] made)
    {
        var used = _plugs.Values.ToHashSet();
        var open = new List<WorldExport>();
        var closed = new List<WorldExport>();
        for (var i = 0; i < made.Length; i++)
        {
            foreach (var (name, item) in made[i].Exports)
            {
                (used.Contains((i, name)) ? closed : open).AddRange(Functions(name, item, _instances[i].Name));
            }
        }

        Keep(open, closed);
        return open;
    }

    /// <summary>Adds to <paramref name="open"/> what is to be kept of <paramref name="closed"/>.</summary>
    private void Keep(List<WorldExport> open, List<WorldExport> closed)
    {
        foreach (var kept in _options.Kept.Where(kept => !KeptExports.IsCore(kept)))
        {
            if (Matches(open, kept).Count > 0)
            {
                continue;
            }

            var matches = Matches(closed, kept);
            if (matches is not [var only])
            {
                throw new DiagnosticException(DiagnosticId.PULSE2009, Location.None, kept,
                    matches.Count == 0 ? "is no function that a component exports" : $"may be '{matches[0].Name}' of '{matches[0].Instance}' or '{matches[1].Name}' of '{matches[1].Instance}'");
            }

            open.Add(only);
        }
    }

    private static List<WorldExport> Matches(List<WorldExport> exports, string name) =>
        exports.FindAll(e => e.Name == name || (!name.Contains('#', StringComparison.Ordinal) && e.Name.EndsWith("#" + name, StringComparison.Ordinal)));

    private static IEnumerable<WorldExport> Functions(string name, Item item, string instance) => item switch
    {
        FunctionItem function => [new WorldExport(name, function, instance, null)],
        InstanceItem nested => nested.Exports.Where(e => e.Item is FunctionItem)
            .Select(e => new WorldExport($"{name}#{e.Name}", (FunctionItem)e.Item, instance, nested)),
        _ => [],
    };

    /// <summary>The components' resource types in the interfaces of <paramref name="exports"/>, each under the name that its own component gives it.</summary>
    private ImmutableArray<WorldResource> WorldResources(InstanceItem[] made, ImmutableArray<WorldExport> exports)
    {
        var named = new SortedDictionary<int, (WorldResource Named, bool IsOwn)>();
        var interfaces = exports.Select(export => export.Interface is { } from
            ? (export.Name[..export.Name.LastIndexOf('#')], from, export.Instance) : (ExternMatcher.Root, made[Index(export.Instance)], export.Instance));
        foreach (var (module, source, exporter) in interfaces.Concat(Interfaces(made)))
        {
            foreach (var (name, item) in source.Exports)
            {
                if (item is ResourceItem { Owner: { } owner } resource)
                {
                    var isOwn = owner.Name == exporter || owner.Name.StartsWith(exporter + "/", StringComparison.Ordinal);
                    if (!named.TryGetValue(resource.Type.Number, out var known) || (isOwn && !known.IsOwn))
                    {
                        named[resource.Type.Number] = (new WorldResource(module, name, resource), isOwn);
                    }
                }
            }
        }

        return [.. named.Values.Select(n => n.Named)];
    }

    /// <summary>The interfaces that the world sees, those without functions too: other interfaces use their types.</summary>
    private IEnumerable<(string Name, InstanceItem Interface, string Instance)> Interfaces(InstanceItem[] made)
    {
        var used = _plugs.Values.ToHashSet();
        var exports = _options.Wiring is { } wiring
            ? wiring.Exports.Select(e => (e.Name, Item: made[Index(e.Instance)].Find(e.Export), e.Instance))
            : made.Index().SelectMany(m => m.Item.Exports.Where(e => !used.Contains((m.Index, e.Name))).Select(e => (e.Name, Item: (Item?)e.Item, Instance: _instances[m.Index].Name)));
        return exports.Where(e => e.Item is InstanceItem).Select(e => (e.Name, (InstanceItem)e.Item!, e.Instance));
    }

    private static ImmutableArray<WorldExport> Distinct(IEnumerable<WorldExport> exports)
    {
        var names = new Dictionary<string, WorldExport>();
        var distinct = ImmutableArray.CreateBuilder<WorldExport>();
        foreach (var export in exports)
        {
            if (!names.TryAdd(export.Name, export))
            {
                throw new DiagnosticException(DiagnosticId.PULSE2008, Location.None, names[export.Name].Instance, export.Instance, export.Name);
            }

            distinct.Add(export);
        }

        return distinct.ToImmutable();
    }

    private int Index(string name)
    {
        for (var i = 0; i < _instances.Length; i++)
        {
            if (_instances[i].Name == name)
            {
                return i;
            }
        }

        throw new DiagnosticException(DiagnosticId.PULSE2004, Location.None, name, "exist; it is needed for", "the composition");
    }

    private DiagnosticException NotThere(int instance, string verb, string name) =>
        new(DiagnosticId.PULSE2004, new Location(_instances[instance].Component.Path), _instances[instance].Name, verb, name);
}

/// <summary>Core exports that a project may ask to keep.</summary>
internal static class KeptExports
{
    /// <summary>The memory of the host's edges.</summary>
    public const string Memory = "memory";

    /// <summary>The allocator of the host's edges.</summary>
    public const string Realloc = "cabi_realloc";

    /// <summary>Whether <paramref name="name"/> is one of them.</summary>
    public static bool IsCore(string name) => name is Memory or Realloc;
}
