using System.Text;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>The hot-path check of optimised modules.</summary>
internal static class HotPathCommand
{
    public static Command[] All { get; } =
    [
        new("hotpath --entry EXPORT,… [--allow PATTERN,…] [--object FILE.o] [--report FILE.json] [--severity none|warning|error] [--sarif OUT] FILE…",
            ModuleCommands.Set("--entry", "--allow", "--object", "--report", "--severity", "--sarif"), ModuleCommands.Set(), Run),
    ];

    /// <summary>Without an object every call of the module counts; without a report no reason of the optimiser's is known.</summary>
    private static int Run(Arguments arguments)
    {
        var entries = arguments.Required("--entry");
        var severity = arguments.Choice("--severity", HotPathSeverity.None);
        if (arguments.Has("--sarif"))
        {
            arguments.OnlyFile();
        }

        return Command.ForEach(arguments, (file, sink) =>
        {
            var options = new AuditOptions
            {
                Module = Arguments.Read(file),
                Object = arguments.Has("--object") ? Arguments.Read(arguments.Get("--object")) : new InputFile("", default),
                OptimizerReportJson = arguments.Has("--report") ? Encoding.UTF8.GetString(Arguments.Read(arguments.Get("--report")).Bytes.Span) : "{}",
                Entries = [.. entries.Split(',', StringSplitOptions.RemoveEmptyEntries)],
                Allowed = [.. arguments.Get("--allow").Split(',', StringSplitOptions.RemoveEmptyEntries)],
                Severity = severity,
            };
            if (HotPathAudit.Check(options, sink) is not { } result)
            {
                return null;
            }

            if (arguments.Has("--sarif"))
            {
                Command.Write(arguments.Get("--sarif"), result.Sarif);
            }

            return result.Text.TrimEnd('\n');
        });
    }
}
