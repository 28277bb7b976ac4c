using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Writes a project's interrupt handlers into a module, where optimiser and judge find them, and gives each the entry that it needs.</summary>
internal static class InterruptMarking
{
    /// <summary>The binary form of <paramref name="file"/> that names <paramref name="handlers"/>; without any, the handlers stay that it names itself.</summary>
    public static byte[] Binary(InputFile file, ImmutableArray<InterruptHandler> handlers)
    {
        if (handlers.IsEmpty)
        {
            return ModuleLoading.Binary(file);
        }

        var module = ModuleLoading.Load(file);
        foreach (var handler in handlers)
        {
            if (!module.Exports.Exists(e => e.Kind == ExternKind.Function && e.Name == handler.Export))
            {
                var known = string.Join(", ", module.Exports.Where(e => e.Kind == ExternKind.Function).Select(e => e.Name).Order(StringComparer.Ordinal));
                throw new DiagnosticException(DiagnosticId.PULSE4043, new Location(file.Path), handler.Export, handler.Vector, known);
            }
        }

        // What a module names itself has its entry: it was made from one that went through here.
        var entered = InterruptSection.Read(module, file.Path).Select(handler => handler.Export);
        InterruptEntries.Add(module, handlers.Select(handler => handler.Export).Except(entered, StringComparer.Ordinal));
        InterruptSection.Write(module, [.. handlers.Select(h => new InterruptEntry(h.Export, h.Vector, h.Priority))]);
        return ModuleWriter.Write(module);
    }

    /// <summary><paramref name="file"/> itself, or a binary in its place that names <paramref name="handlers"/>.</summary>
    public static InputFile Apply(InputFile file, ImmutableArray<InterruptHandler> handlers)
        => handlers.IsEmpty ? file : file with { Bytes = Binary(file, handlers) };
}
