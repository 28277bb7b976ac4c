using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>Commands on single core modules.</summary>
internal static class ModuleCommands
{
    public static Command[] All { get; } =
    [
        new("validate [--features LIST] FILE…", Set("--features"), Set(), Validate),
        new("roundtrip FILE… -o DIR", Set("-o"), Set(), RoundTrip),
        new("run FILE EXPORT ARGS…", Set(), Set(), Run),
        new("refine BEFORE.wasm AFTER.wasm [--handler EXPORT,…] [--smt DIR] [--certificates DIR] [--check-certificates DIR] [--z3 PATH]",
            Set("--handler", "--smt", "--certificates", "--check-certificates", "--z3"), Set(), Refine),
        new("wat FILE", Set(), Set(), Wat),
        new("parse FILE.wat -o OUT", Set("-o"), Set(), Parse),
    ];

    public static HashSet<string> Set(params string[] names) => new(names, StringComparer.Ordinal);

    private static int Validate(Arguments arguments)
    {
        var features = arguments.Features("--features");
        return Command.ForEach(arguments, (file, sink) => CoreModule.Validate(Arguments.Read(file), sink, features) ? "valid" : null);
    }

    private static int RoundTrip(Arguments arguments)
    {
        var folder = new OutputFolder(arguments.Required("-o"));
        return Command.ForEach(arguments, (file, sink) =>
        {
            if (CoreModule.RoundTrip(Arguments.Read(file), sink) is not { } result)
            {
                return null;
            }

            Command.Write(folder.PathOf(file, Path.GetFileName(file)), result.Module.Span);
            return $"code {result.CodeBefore} -> {result.CodeAfter} bytes, {result.Rebuilt} of {result.Functions} functions through SSA";
        });
    }

    private static int Run(Arguments arguments)
    {
        if (arguments.Positional is not [var file, var export, .. var values])
        {
            throw new UsageException("run needs a file and an export");
        }

        var said = new DiagnosticList();
        var outcome = InterpreterRun.Evaluate(Arguments.Read(file), export, [.. values], said);
        foreach (var diagnostic in said)
        {
            Console.Error.WriteLine(diagnostic);
        }

        if (outcome is null)
        {
            return 1;
        }

        Console.WriteLine(outcome);
        return 0;
    }

    private static int Refine(Arguments arguments)
    {
        if (arguments.Positional is not [var before, var after])
        {
            throw new UsageException("refine compares two files");
        }

        var said = new DiagnosticList();
        var report = RefinementAudit.Compare(
            Arguments.Read(before),
            Arguments.Read(after),
            new RefineOptions
            {
                Handlers = arguments.Handlers(),
                SmtDirectory = arguments.Get("--smt"),
                CertificateDirectory = arguments.Get("--certificates"),
                StoredCertificates = arguments.Get("--check-certificates"),
                Z3Path = arguments.Get("--z3"),
            },
            said);
        foreach (var diagnostic in said)
        {
            Console.Error.WriteLine(diagnostic);
        }

        foreach (var line in report?.Lines ?? [])
        {
            Console.WriteLine(line);
        }

        return report is { AllProved: true } ? 0 : 1;
    }

    /// <summary>The text alone, so that it can be read back.</summary>
    private static int Wat(Arguments arguments)
    {
        var said = new DiagnosticList();
        if (CoreModule.Print(Arguments.Read(arguments.OnlyFile()), said) is not { } text)
        {
            Console.Error.WriteLine(string.Join('\n', said));
            return 1;
        }

        Console.Write(text);
        return 0;
    }

    private static int Parse(Arguments arguments)
    {
        var output = arguments.Required("-o");
        arguments.OnlyFile();
        return Command.ForEach(arguments, (file, sink) =>
        {
            if (CoreModule.Parse(Arguments.Read(file), sink) is not { } bytes)
            {
                return null;
            }

            Command.Write(output, bytes.Span);
            return $"{bytes.Length} bytes";
        });
    }
}
