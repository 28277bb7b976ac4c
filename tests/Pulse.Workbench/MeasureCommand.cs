using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>
/// How fast and in how much memory modules are read, validated and written, in one thread: as whole processes, beside another program on
/// the same file if one is named, each in its turn; then again and again in this process; then with the functions two and four times.
/// </summary>
internal static class MeasureCommand
{
    private const double Megabyte = 1e6;

    /// <summary>The smallest valid module: what the process itself takes.</summary>
    private static readonly byte[] _empty = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    private static readonly string _self = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Pulse.Workbench.exe" : "Pulse.Workbench");

    public static Command[] All { get; } =
    [
        new("measure [--against wasm-opt] [--runs N] FILE…", ModuleCommands.Set("--against", "--runs"), ModuleCommands.Set(), Measure),
        new("rewrite FILE -o OUT", ModuleCommands.Set("-o"), ModuleCommands.Set(), Rewrite),
    ];

    /// <summary>Reads, validates and writes one module once, and says how much memory the process had at most.</summary>
    private static int Rewrite(Arguments arguments)
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
            return "peak " + PeakMemory().ToString(CultureInfo.InvariantCulture);
        });
    }

    private static int Measure(Arguments arguments)
    {
        var (other, own, files) = (TimeSpan.Zero, TimeSpan.Zero, 0);
        var status = Command.ForEach(arguments, (file, sink) => Measure(arguments, file, sink, (theirs, ours) =>
        {
            (other, own, files) = (other + theirs, own + ours, files + 1);
        }));
        if (files > 1)
        {
            Console.WriteLine($"whole processes of all {files} files: {Text(other / own)} times as fast");
        }

        return status;
    }

    private static string? Measure(Arguments arguments, string file, IDiagnosticSink sink, Action<TimeSpan, TimeSpan> compared)
    {
        var runs = int.TryParse(arguments.Get("--runs", "7"), CultureInfo.InvariantCulture, out var number) && number > 0
            ? number : throw new UsageException("--runs needs a number");
        var input = Arguments.Read(file);
        if (!CoreModule.Validate(input, sink))
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("pulse-measure-").FullName;
        try
        {
            return $"{Text(input.Bytes.Length / Megabyte)} MB\n{string.Join('\n', Lines(input, folder, arguments.Get("--against"), runs, compared))}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Lines(InputFile input, string folder, string against, int runs, Action<TimeSpan, TimeSpan> compared)
    {
        var (other, own) = (new List<TimeSpan>(), new List<TimeSpan>());
        var peaks = new List<long>();
        for (var i = 0; i < runs; i++)
        {
            if (against.Length > 0)
            {
                other.Add(Other(against, input.Path, folder));
            }

            own.Add(OwnProcess(input.Path, folder, out var peak));
            peaks.Add(peak);
        }

        var emptyFile = Path.Combine(folder, "empty.wasm");
        File.WriteAllBytes(emptyFile, _empty);
        var emptyPeak = 0L;
        var empty = Median([.. Enumerable.Range(0, runs).Select(_ => OwnProcess(emptyFile, folder, out emptyPeak))]);
        var size = input.Bytes.Length;
        TimeSpan? reference = against.Length > 0 ? Median(other) : null;
        if (reference is { } time)
        {
            compared(time, Median(own));
            yield return Line($"{Path.GetFileName(against)} --all-features", time, size, null);
        }

        yield return Line("whole process", Median(own), size, reference);
        yield return Line("  of an empty module", empty, 0, null);
        if (reference is { } whole)
        {
            var otherEmpty = Median([.. Enumerable.Range(0, runs).Select(_ => Other(against, emptyFile, folder))]);
            yield return $"  without what an empty module takes, {Milliseconds(otherEmpty)} of {Path.GetFileName(against)}: "
                + $"{Text((whole - otherEmpty) / (Median(own) - empty))} times as fast";
        }

        yield return Line("again in one process", Warm(input, runs), size, reference);
        peaks.Sort();
        yield return $"  peak memory             {Text(peaks[^1] / Megabyte)} MB = {Text((double)peaks[^1] / size)} times the file; "
            + $"without the {Text(emptyPeak / Megabyte)} MB of an empty module {Text((double)(peaks[^1] - emptyPeak) / size)} times";
        yield return "  time per MB with the functions 1, 2, 4 times: " + string.Join(", ", PerMegabyte(input, runs)) + " ms";
    }

    /// <summary>The same module with its functions more than once: linear time is the same time a byte.</summary>
    private static IEnumerable<string> PerMegabyte(InputFile input, int runs)
    {
        foreach (var copies in new[] { 1, 2, 4 })
        {
            var repeated = new InputFile(input.Path, MakeCommands.Repeated(input.Path, copies));
            yield return Text(Warm(repeated, runs).TotalMilliseconds / (repeated.Bytes.Length / Megabyte));
        }
    }

    /// <summary>The median of <paramref name="runs"/> runs, after a second of runs that do not count.</summary>
    private static TimeSpan Warm(InputFile input, int runs)
    {
        for (var clock = Stopwatch.StartNew(); clock.ElapsedMilliseconds < 1000;)
        {
            Once(input);
        }

        var times = new List<TimeSpan>();
        for (var i = 0; i < runs; i++)
        {
            GC.Collect();
            times.Add(Once(input));
        }

        return Median(times);
    }

    private static TimeSpan Once(InputFile input)
    {
        var clock = Stopwatch.StartNew();
        var sink = new DiagnosticList();
        return CoreModule.Parse(input, sink) is not null ? clock.Elapsed : throw new DiagnosticException(sink[0]);
    }

    private static TimeSpan Other(string program, string file, string folder) =>
        Timed(program, ["--all-features", file, "-o", Path.Combine(folder, "other.wasm")], out _);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms";

    private static TimeSpan OwnProcess(string file, string folder, out long peak)
    {
        var time = Timed(_self, ["rewrite", file, "-o", Path.Combine(folder, "own.wasm")], out var output);
        peak = long.Parse(output.Trim().Split(' ')[^1], CultureInfo.InvariantCulture);
        return time;
    }

    private static TimeSpan Timed(string program, string[] arguments, out string output)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BINARYEN_CORES"] = "1";
        var clock = Stopwatch.StartNew();
        using var process = Start(start);
        var errors = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var elapsed = clock.Elapsed;
        return process.ExitCode == 0 ? elapsed : throw new UsageException($"{program} failed: {output}{errors.Result}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception refusal)
        {
            throw new UsageException(refusal.Message);
        }
    }

    private static string Line(string what, TimeSpan time, int size, TimeSpan? reference)
    {
        var line = $"  {what,-24}{Milliseconds(time),11}";
        if (size > 0)
        {
            line += $"{Text(size / Megabyte / time.TotalSeconds),8} MB/s";
        }

        return reference is { } other ? line + $"{Text(other / time),8} times as fast" : line;
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static string Text(double number) => number.ToString(number < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>Bytes of memory that this process had at most.</summary>
    private static long PeakMemory()
    {
        const string Field = "VmHWM:";
        var line = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal)) : null;
        return line is not null
            ? long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024
            : Process.GetCurrentProcess().PeakWorkingSet64;
    }
}
