using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>What an instance is linked with: functions, tables, memories and globals by module and name.</summary>
internal sealed class Imports
{
    private readonly Dictionary<(string Module, string Name), object> _items = [];

    /// <summary>Provides a <see cref="FunctionInstance"/>, <see cref="TableInstance"/>, <see cref="MemoryInstance"/> or <see cref="GlobalInstance"/>.</summary>
    public Imports Add(string module, string name, object item)
    {
        _items[(module, name)] = item;
        return this;
    }

    /// <summary>Provides a function of the host.</summary>
    public Imports Add(string module, string name, FuncType type, HostFunction host) => Add(module, name, new FunctionInstance(type, host));

    /// <summary>Provides the exports of <paramref name="instance"/> under the module name <paramref name="module"/>.</summary>
    public Imports Add(string module, Instance instance)
    {
        foreach (var export in instance.Program.Module.Exports)
        {
            Add(module, export.Name, instance.Export(export.Name)!);
        }

        return this;
    }

    /// <summary>What <paramref name="import"/> is linked with, of the wanted kind.</summary>
    public T Get<T>(Import import)
        where T : class => _items.GetValueOrDefault((import.Module, import.Name)) switch
        {
            T item => item,
            null => throw new LinkException($"unknown import '{import.Module}' '{import.Name}'"),
            _ => throw Incompatible(import),
        };

    /// <summary>The import is there and does not fit.</summary>
    public static LinkException Incompatible(Import import) => new($"incompatible import type of '{import.Module}' '{import.Name}'");
}
