using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Fusion;

/// <summary>What people call the functions of module instances: from the name section, the linker's symbols, or an export.</summary>
internal sealed class FunctionNames
{
    private readonly Dictionary<ModuleInstance, string?[]> _names = [];

    /// <summary>The name of function <paramref name="index"/> in its component.</summary>
    public string Of(ModuleInstance instance, int index)
    {
        if (!_names.TryGetValue(instance, out var names))
        {
            _names[instance] = names = Read(instance);
        }

        return names[index] ?? $"func{index}";
    }

    private static string?[] Read(ModuleInstance instance)
    {
        var names = new string?[instance.Module.Functions.Count];
        void Name(int index, string name)
        {
            if ((uint)index < (uint)names.Length && name.Length > 0)
            {
                names[index] ??= name;
            }
        }

        foreach (var (index, name) in NameSection.Read(instance.Module).FunctionNames)
        {
            Name(index, name);
        }

        try
        {
            foreach (var symbol in LinkingSection.Read(instance.Module, instance.Source.Path)?.Symbols ?? [])
            {
                if (symbol.Kind == SymbolKind.Function)
                {
                    Name(symbol.Index, symbol.Name);
                }
            }
        }
        catch (Diagnostics.DiagnosticException)
        {
            // A module that cannot be moved for this reason is still fused; only its names are fewer.
        }

        foreach (var export in instance.Module.Exports.Where(e => e.Kind == ExternKind.Function))
        {
            Name(export.Index, export.Name);
        }

        return names;
    }
}
