using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What a project's options mean for the optimiser.</summary>
internal static class OptimizerInputs
{
    /// <summary>The settings, with what <paramref name="ladder"/> gives up.</summary>
    public static OptimizerSettings Settings(OptimizeOptions options, FallbackLadder ladder) => new()
    {
        Goal = options.Mode switch { OptimizeMode.Size => Goal.Size, OptimizeMode.Speed => Goal.Speed, _ => Goal.Balanced },
        Inline = options.Inline,
        InlineFunctions = [.. options.InlineFunctions],
        HotExports = [.. options.HotPathEntries],
        Levels = ladder.Levels,
        RemoveDead = ladder.RemovesDead,
    };

    /// <summary>A name that means nothing is a slip of the pen that nobody would notice.</summary>
    public static void CheckNames(OptimizeOptions options, Module module, FunctionNames names, IDiagnosticSink sink)
    {
        var all = Enumerable.Range(0, module.Functions.Count).Select(FuncIndex.FromIndex).ToArray();
        foreach (var said in options.InlineFunctions.Where(said => !all.Any(f => names.IsMeant(f, ImmutableHashSet.Create(said)))))
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE3005, Location.None, said));
        }

        var (pass, function) = options.DumpIr.Split(':', 2) is [var first, var rest] ? (first, rest) : (options.DumpIr, "");
        if (pass.Length > 0 && pass != "all" && !Passes.Pipelines.Names.Contains(pass))
        {
            throw new DiagnosticException(DiagnosticId.PULSE0004, Location.None, options.DumpIr, "PulseDumpIr", $"all or a pass: {string.Join(", ", Passes.Pipelines.Names)}");
        }

        if (function.Length > 0 && !all.Any(f => names[f] == function))
        {
            throw new DiagnosticException(DiagnosticId.PULSE0004, Location.None, options.DumpIr, "PulseDumpIr", $"'{pass}' or '{pass}:' with the name of a function");
        }
    }

    /// <summary>Writes the dumps that are asked for; null when none are. Passes of a later round go on counting.</summary>
    public static Action<string, Function>? Dump(OptimizeOptions options)
    {
        if (options.DumpIr.Length == 0 || options.DumpDirectory.Length == 0)
        {
            return null;
        }

        var wanted = options.DumpIr.Split(':', 2);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        return (pass, function) =>
        {
            if ((wanted[0] == "all" || wanted[0] == pass) && (wanted.Length == 1 || wanted[1] == function.Name))
            {
                var folder = Path.Combine(options.DumpDirectory, string.Concat(function.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')));
                var number = counts[folder] = counts.GetValueOrDefault(folder) + 1;
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, $"{number:D2}-{pass}.ssa"), IrPrinter.Print(function));
            }
        };
    }
}
