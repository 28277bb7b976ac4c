using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>
/// Links plain core modules by name: an import of module <c>libc</c> is satisfied by the export of the file <c>libc</c>; what names no
/// file is the host's. The linked module exports what no other module imports, and what is kept.
/// </summary>
/// <example><code>
/// app.wasm:  (import "libc" "malloc" (func …)) (import "env" "putc" (func …))      libc.wasm:  (export "malloc" …)
/// one module that imports "env" "putc" alone
/// </code></example>
internal sealed class CoreComposer
{
    private readonly ImmutableArray<(string Name, CoreModuleItem Source)> _files;
    private readonly Dictionary<string, int> _numbers = [];
    private readonly ModuleInstance?[] _made;
    private readonly List<ModuleInstance> _order = [];
    private readonly List<string> _path = [];
    private readonly HashSet<(int File, string Export)> _used = [];

    private CoreComposer(ImmutableArray<(string Name, CoreModuleItem Source)> files)
    {
        (_files, _made) = (files, new ModuleInstance?[files.Length]);
        for (var i = 0; i < files.Length; i++)
        {
            _numbers[files[i].Name] = i;
        }
    }

    /// <summary>The graph of <paramref name="files"/>, whose names differ.</summary>
    public static ComponentGraph Compose(ImmutableArray<(string Name, CoreModuleItem Source)> files, FusionOptions options)
    {
        var composer = new CoreComposer(files);
        for (var i = 0; i < files.Length; i++)
        {
            composer.Instantiate(i);
        }

        return new ComponentGraph([.. composer._order], [], [], []) { CoreExports = composer.Exports(options.Kept) };
    }

    /// <summary>Providers before those that import from them, otherwise in the given order.</summary>
    private ModuleInstance Instantiate(int file)
    {
        var (name, source) = _files[file];
        if (_made[file] is { } done)
        {
            return done;
        }

        if (_path.Contains(name))
        {
            var circle = _path.Skip(_path.IndexOf(name)).Append(name);
            throw new DiagnosticException(DiagnosticId.PULSE2007, new Location(source.Path), string.Join(" -> ", circle));
        }

        _path.Add(name);
        var arguments = new Dictionary<string, CoreInstanceItem>();
        foreach (var import in source.Module.Imports)
        {
            arguments.TryAdd(import.Module, _numbers.TryGetValue(import.Module, out var provider) && provider != file ? Instantiate(provider) : new InlineCoreInstance());
            Provide(arguments[import.Module], import, source);
        }

        _path.RemoveAt(_path.Count - 1);
        var instance = new ModuleInstance(_order.Count, new ComponentInstance(_order.Count, name, source.Path, null), source);
        foreach (var (module, argument) in arguments)
        {
            instance.Arguments[module] = argument;
        }

        _order.Add(instance);
        return _made[file] = instance;
    }

    private void Provide(CoreInstanceItem argument, Import import, CoreModuleItem source)
    {
        if (argument is not InlineCoreInstance host)
        {
            if (argument.Find(import.Name) is null)
            {
                throw new DiagnosticException(DiagnosticId.PULSE2004, new Location(source.Path), import.Module, "export", import.Name);
            }

            _used.Add((_numbers[import.Module], import.Name));
            return;
        }

        if (import.Kind != ExternKind.Function)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2010, new Location(source.Path), Path.GetFileNameWithoutExtension(source.Path),
                $"the import '{import.Module}' '{import.Name}' from the host, which is no function,");
        }

        var function = source.Module.Functions.Find(f => f.Import == import)!;
        host.Exports.TryAdd(import.Name, new HostCoreFunction(import.Module, import.Name, source.Module.Types[function.Type.Index]));
    }

    private ImmutableArray<CoreExport> Exports(ImmutableArray<string> kept)
    {
        var exports = ImmutableArray.CreateBuilder<CoreExport>();
        var names = new Dictionary<string, string>();
        for (var i = 0; i < _files.Length; i++)
        {
            foreach (var export in _files[i].Source.Module.Exports.Where(e => !_used.Contains((i, e.Name)) || kept.Contains(e.Name)))
            {
                if (!names.TryAdd(export.Name, _files[i].Name))
                {
                    throw new DiagnosticException(DiagnosticId.PULSE2008, Location.None, names[export.Name], _files[i].Name, export.Name);
                }

                exports.Add(new CoreExport(export.Name, new CoreEntity(_made[i]!, export.Kind, export.Index), _files[i].Name));
            }
        }

        foreach (var name in kept.Where(name => !names.ContainsKey(name)))
        {
            throw new DiagnosticException(DiagnosticId.PULSE2009, Location.None, name, "is no export of a module");
        }

        return exports.ToImmutable();
    }
}
