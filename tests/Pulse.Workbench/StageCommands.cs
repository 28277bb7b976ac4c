using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>The stages of a firmware build, each on its own.</summary>
internal static class StageCommands
{
    public static Command[] All { get; } =
    [
        new("fuse [--memory auto|shared|multi] [--keep EXPORT,…] FILE… -o OUT.wasm | --composition ENTRY.json -o OUT.wasm | --all MANIFEST -o DIR",
            ModuleCommands.Set("--memory", "-o", "--composition", "--all", "--keep"), ModuleCommands.Set(), Fuse),
        new("optimize [--mode size|speed|balanced] [--handler EXPORT,…] [--verify full|off] [--unproved keep-original|error] [--smt DIR] [--certificates DIR] [--report] [--progress] FILE… -o DIR",
            ModuleCommands.Set("--mode", "--verify", "--unproved", "--smt", "--certificates", "--z3", "-o", "--hot", "--handler", "--dump", "--dump-dir"), ModuleCommands.Set("--no-inline", "--report", "--progress"), Optimize),
        new("lower [--target cortex-m3] [--bounds software|mpu|none] [--mode size|speed|balanced] FILE… -o DIR",
            ModuleCommands.Set("--target", "--bounds", "--mode", "-o"), ModuleCommands.Set("--listing"), Lower),
    ];

    private static int Fuse(Arguments arguments)
    {
        var output = arguments.Required("-o");
        var memory = arguments.Choice("--memory", MemoryMode.Auto);
        if (arguments.Has("--all") || arguments.Has("--composition"))
        {
            return FuseCompositions(arguments, output, memory);
        }

        if (arguments.Positional.Count == 0)
        {
            throw new UsageException("no file given");
        }

        var said = new DiagnosticList();
        var options = new FuseOptions
        {
            Components = [.. arguments.Positional.Select(Arguments.Read)],
            Memory = memory,
            KeepExports = [.. arguments.Get("--keep").Split(',', StringSplitOptions.RemoveEmptyEntries)],
        };
        var result = ComponentFuser.Fuse(options, said);
        return Finish(output, said, result, output);
    }

    private static int FuseCompositions(Arguments arguments, string output, MemoryMode memory)
    {
        var manifest = arguments.Has("--all") ? arguments.Get("--all") : arguments.Get("--composition");
        var folder = Path.GetDirectoryName(Path.GetFullPath(manifest))!;
        var failed = 0;
        foreach (var (name, composition) in CompositionFile.Entries(Arguments.Read(manifest), single: !arguments.Has("--all")))
        {
            var said = new DiagnosticList();
            var target = arguments.Has("--all") ? Path.Combine(output, name + ".wasm") : output;
            failed += Finish(name, said, FuseEntry(composition, folder, memory, said), target);
        }

        return failed > 0 ? 1 : 0;
    }

    /// <summary>An entry whose files are missing fails alone.</summary>
    private static FuseResult? FuseEntry(CompositionFile composition, string folder, MemoryMode memory, DiagnosticList said)
    {
        try
        {
            return ComponentFuser.Fuse(composition.Read(folder) with { Memory = memory }, said);
        }
        catch (DiagnosticException refusal)
        {
            said.Report(refusal.Diagnostic);
            return null;
        }
    }

    private static int Finish(string label, DiagnosticList said, FuseResult? result, string target)
    {
        foreach (var diagnostic in said)
        {
            Console.WriteLine($"{label}: {diagnostic}");
        }

        if (result is null)
        {
            Console.WriteLine($"{label}: FAILED");
            return 1;
        }

        Command.Write(target, result.Module.Span);
        WriteBorder(result, target);
        Console.WriteLine($"{label}: {result.Module.Length} bytes");
        return 0;
    }

    /// <summary>Runners of fused modules take strings for UTF-8 unless a file beside the module says otherwise.</summary>
    private static void WriteBorder(FuseResult result, string target)
    {
        using var provenance = JsonDocument.Parse(result.ProvenanceJson);
        if (provenance.RootElement.TryGetProperty("border", out var border) && border.GetProperty("encoding").GetString() is var encoding and not "utf8")
        {
            var text = JsonSerializer.Serialize(new { memory = "memory", realloc = "cabi_realloc", encoding });
            Command.Write(Path.ChangeExtension(target, ".abi.json"), System.Text.Encoding.UTF8.GetBytes(text));
        }
    }

    private static int Optimize(Arguments arguments)
    {
        var folder = new OutputFolder(arguments.Required("-o"));
        var mode = arguments.Choice("--mode", OptimizeMode.Balanced);
        var verify = arguments.Choice("--verify", VerifyLevel.Full);
        var unproved = arguments.Choice("--unproved", UnprovedPolicy.KeepOriginal);
        return Command.ForEach(arguments, (file, sink) =>
        {
            var target = folder.PathOf(file, Path.GetFileName(file));
            var options = new OptimizeOptions
            {
                Module = Arguments.Read(file),
                Mode = mode,
                Verify = verify,
                Unproved = unproved,
                Inline = !arguments.Has("--no-inline"),
                HotPathEntries = [.. arguments.Get("--hot").Split(',', StringSplitOptions.RemoveEmptyEntries)],
                Progress = arguments.Has("--progress") ? new ProgressLines(file) : null,
                Handlers = arguments.Handlers(),
                SmtDirectory = arguments.Get("--smt"),
                CertificateDirectory = arguments.Get("--certificates"),
                Z3Path = arguments.Get("--z3"),
                DumpIr = arguments.Get("--dump"),
                DumpDirectory = arguments.Get("--dump-dir"),
            };
            if (WasmOptimizer.Optimize(options, sink) is not { } result)
            {
                return null;
            }

            Command.Write(target, result.Module.Span);
            if (arguments.Has("--report"))
            {
                Command.Write(target + ".report.json", result.ReportJson);
            }

            return $"{options.Module.Bytes.Length} -> {result.Module.Length} bytes, {result.Counts}";
        });
    }

    private static int Lower(Arguments arguments)
    {
        var folder = new OutputFolder(arguments.Required("-o"));
        var bounds = arguments.Choice("--bounds", BoundsChecks.Software);
        var mode = arguments.Choice("--mode", OptimizeMode.Balanced);
        return Command.ForEach(arguments, (file, sink) =>
        {
            var target = folder.PathOf(file, Path.GetFileNameWithoutExtension(file));
            var options = new LowerOptions
            {
                Module = Arguments.Read(file),
                Target = arguments.Get("--target", "cortex-m3"),
                Bounds = bounds,
                Mode = mode,
                Output = OutputKind.Object,
                Name = Path.GetFileNameWithoutExtension(file),
            };
            if (ThumbCompiler.Lower(options, sink) is not { } result)
            {
                return null;
            }

            Command.Write(target + ".o", result.Object.Span);
            if (arguments.Has("--listing"))
            {
                Command.Write(target + ".lst", result.Listing);
            }

            return $"flash {result.FlashBytes} bytes, RAM {result.RamBytes} bytes";
        });
    }
}
