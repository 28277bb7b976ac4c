using System.ComponentModel;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tasks;

/// <summary>This assembly as a program, which 'dotnet run' starts: <c>run IMAGE COMMAND [ARGUMENT…]</c>.</summary>
internal static class EntryPoint
{
    private const int UsageStatus = 2;
    private const int NotStartedStatus = 127;

    private static int Main(string[] arguments)
    {
        if (arguments is not ["run", var image, var command, .. var rest])
        {
            Console.Error.WriteLine("usage: run IMAGE COMMAND [ARGUMENT…]");
            return UsageStatus;
        }

        try
        {
            return FirmwareRun.Start(image, command, rest);
        }
        catch (Win32Exception refusal)
        {
            Console.Error.WriteLine(Diagnostic.Create(DiagnosticId.PULSE6002, Location.None, command, refusal.Message));
            return NotStartedStatus;
        }
    }
}
