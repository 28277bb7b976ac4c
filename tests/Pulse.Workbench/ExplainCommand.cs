using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>What a firmware stopped with, from the line that it printed.</summary>
internal static class ExplainCommand
{
    public static Command[] All { get; } = [new("explain ELF ADDRESS [STATUS]", ModuleCommands.Set(), ModuleCommands.Set(), Run)];

    private static int Run(Arguments arguments)
    {
        if (arguments.Positional is not [var file, var address, .. var rest] || rest.Count > 1)
        {
            throw new UsageException("an image and an address are wanted");
        }

        var digits = address.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? address[2..] : address;
        if (!uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var at))
        {
            throw new UsageException($"{address} is no address");
        }

        int? status = null;
        if (rest is [var number])
        {
            status = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : throw new UsageException($"{number} is no status");
        }

        var said = new DiagnosticList();
        var explanation = FaultReport.Explain(Arguments.Read(file), at, status, said);
        foreach (var diagnostic in said)
        {
            Console.Error.WriteLine(diagnostic);
        }

        if (explanation is not null)
        {
            Console.WriteLine(explanation.Message);
        }

        return explanation is null ? 1 : 0;
    }
}
