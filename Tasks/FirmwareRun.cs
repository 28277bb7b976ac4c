using System.Diagnostics;
using System.Runtime.InteropServices;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tasks;

/// <summary>
/// Runs an emulator as if it had been started alone: same input and output, same signals, same status. When the firmware in it says where
/// it stopped, one line more says so in words.
/// </summary>
internal static class FirmwareRun
{
    /// <summary>Starts <paramref name="command"/> and waits for its end; its status.</summary>
    public static int Start(string image, string command, IEnumerable<string> arguments)
    {
        // A terminal stays one for the command, which may be a debugger that talks to people there.
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = Console.IsOutputRedirected };
        using var process = new Process { StartInfo = start };
        using var signals = new PassedSignals(process);
        process.Start();
        var errors = new WatchedStream(process.StandardError.BaseStream, Console.OpenStandardError());
        var output = start.RedirectStandardOutput ? new WatchedStream(process.StandardOutput.BaseStream, Console.OpenStandardOutput()) : null;
        process.WaitForExit();
        output?.Finish();
        errors.Finish();
        if ((errors.Line.Address is null && output is not null ? output : errors) is { Line: { Address: { } address } line })
        {
            Say(image, address, process.ExitCode, line.EndsLine);
        }

        return process.ExitCode;
    }

    private static void Say(string image, uint address, int status, bool isNewLine)
    {
        var said = new DiagnosticList();
        Diagnostic? explanation = null;
        try
        {
            explanation = FaultReport.Explain(new InputFile(Path.GetFileName(image), File.ReadAllBytes(image)), address, status, said);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            said.Report(Diagnostic.Create(DiagnosticId.PULSE0003, new Location(image), refusal.Message));
        }

        var lines = string.Join('\n', said.Append(explanation).OfType<Diagnostic>());
        Console.Error.Write((isNewLine ? "" : "\n") + lines + "\n");
    }

    /// <summary>Hands on what comes, at once, and looks for the line in it.</summary>
    private sealed class WatchedStream
    {
        /// <summary>How long after the end of the command something may still come; what the command itself wrote is there by then.</summary>
        private const int PatienceMilliseconds = 500;

        private readonly Thread _thread;
        private long _waitingSince = Environment.TickCount64;

        public WatchedStream(Stream from, Stream to)
        {
            _thread = new Thread(() => Copy(from, to)) { IsBackground = true };
            _thread.Start();
        }

        public FaultLine Line { get; } = new();

        /// <summary>Waits for the end of the stream, but not for a process that the command left behind with it.</summary>
        public void Finish()
        {
            var ended = Environment.TickCount64;
            while (!_thread.Join(10))
            {
                var now = Environment.TickCount64;
                if (now - Math.Max(ended, Interlocked.Read(ref _waitingSince)) > PatienceMilliseconds)
                {
                    return;
                }
            }
        }

        private void Copy(Stream from, Stream to)
        {
            var buffer = new byte[4096];
            try
            {
                while (from.Read(buffer) is var count and > 0)
                {
                    Interlocked.Exchange(ref _waitingSince, long.MaxValue);
                    Line.Pass(buffer.AsSpan(0, count));
                    to.Write(buffer, 0, count);
                    to.Flush();
                    Interlocked.Exchange(ref _waitingSince, Environment.TickCount64);
                }
            }
            catch (IOException)
            {
                // Nobody reads any more; the command finds out when it writes.
                from.Dispose();
            }
        }
    }

    /// <summary>
    /// Keeps this process until the command has ended. A terminal interrupts both by itself; a request to end comes to one process and is
    /// handed on.
    /// </summary>
    private sealed class PassedSignals : IDisposable
    {
        private const int Hangup = 1;
        private const int Terminate = 15;

        private readonly PosixSignalRegistration[] _registrations;

        public PassedSignals(Process process) => _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal => signal.Cancel = true),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => HandOn(process, signal, Terminate)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => HandOn(process, signal, Hangup)),
        ];

        public void Dispose()
        {
            foreach (var registration in _registrations)
            {
                registration.Dispose();
            }
        }

        private static void HandOn(Process process, PosixSignalContext signal, int number)
        {
            try
            {
                signal.Cancel = !OperatingSystem.IsWindows() && Send(process.Id, number) == 0;
            }
            catch (InvalidOperationException)
            {
                // Not started, or gone.
            }
        }

        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Send(int process, int signal);
    }
}
