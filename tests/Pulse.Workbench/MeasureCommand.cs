using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Rewrite;

namespace Pulse.Workbench;

/// <summary>
/// How fast and in how much memory modules are read, validated and written, in one thread: as whole processes, the native program if one is
/// named and the workbench itself, beside another program on the same file, each in its turn; then again and again in this process; then with
/// the functions two and four times.
/// </summary>
internal static class MeasureCommand
{
    private const double Megabyte = 1e6;

    /// <summary>The smallest valid module: what the process itself takes.</summary>
    private static readonly byte[] _empty = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>A program that rewrites a module: <c>PATH ARGUMENTS… FILE -o OUT</c>, which says its peak memory.</summary>
    private sealed record Program(string What, string Path, string[] Arguments);

    private static readonly Program _self =
        new(".NET process", Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Pulse.Workbench.exe" : "Pulse.Workbench"), ["rewrite"]);

    public static Command[] All { get; } =
    [
        new("measure [--against wasm-opt] [--program PATH] [--runs N] FILE…", ModuleCommands.Set("--against", "--program", "--runs"), ModuleCommands.Set(), Measure),
        new("rewrite FILE -o OUT", ModuleCommands.Set("-o"), ModuleCommands.Set(), Rewrite),
    ];

    private static int Rewrite(Arguments arguments) => Rewriting.Run(arguments.OnlyFile(), arguments.Required("-o"));

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

        Program[] programs = arguments.Has("--program") ? [new("native process", arguments.Get("--program"), []), _self] : [_self];
        var folder = Directory.CreateTempSubdirectory("pulse-measure-").FullName;
        try
        {
            return $"{Text(input.Bytes.Length / Megabyte)} MB\n{string.Join('\n', Lines(input, folder, programs, arguments.Get("--against"), runs, compared))}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Lines(InputFile input, string folder, Program[] programs, string against, int runs, Action<TimeSpan, TimeSpan> compared)
    {
        var (other, own) = Processes(input.Path, folder, programs, against, runs);
        var emptyFile = Path.Combine(folder, "empty.wasm");
        File.WriteAllBytes(emptyFile, _empty);
        var (otherEmpty, ownEmpty) = Processes(emptyFile, folder, programs, against, runs);
        var size = input.Bytes.Length;
        if (other is { } time)
        {
            compared(time, own[0].Time);
            yield return Line($"{Path.GetFileName(against)} --all-features", time, size, null);
        }

        foreach (var (program, run, empty) in programs.Zip(own, ownEmpty))
        {
            yield return Line(program.What, run.Time, size, other);
            yield return $"    peak memory           {Text(run.Peak / Megabyte)} MB = {Text((double)run.Peak / size)} times the file";
            var ratio = other - otherEmpty is { } work ? $", {Text(work / (run.Time - empty.Time))} times as fast" : "";
            yield return $"    without {Milliseconds(empty.Time)} and {Text(empty.Peak / Megabyte)} MB of an empty module: "
                + $"{Milliseconds(run.Time - empty.Time)}{ratio}, {Text((double)(run.Peak - empty.Peak) / size)} times the file";
        }

        yield return Line("again in one process", Warm(input, runs), size, other);
        yield return "  time per MB with the functions 1, 2, 4 times: " + string.Join(", ", PerMegabyte(input, runs)) + " ms";
    }

    /// <summary>The median time of whole processes on one file, of the other program and of each of ours in turn, and the most memory of ours.</summary>
    private static (TimeSpan? Other, (TimeSpan Time, long Peak)[] Own) Processes(string file, string folder, Program[] programs, string against, int runs)
    {
        var other = new List<TimeSpan>();
        var own = programs.Select(_ => (Times: new List<TimeSpan>(), Peaks: new List<long>())).ToArray();
        for (var i = 0; i < runs; i++)
        {
            if (against.Length > 0)
            {
                other.Add(Timed(against, ["--all-features", file, "-o", Path.Combine(folder, "other.wasm")], out _));
            }

            foreach (var (program, (times, peaks)) in programs.Zip(own))
            {
                times.Add(Timed(program.Path, [.. program.Arguments, file, "-o", Path.Combine(folder, "own.wasm")], out var output));
                peaks.Add(long.Parse(output.Trim().Split(' ')[^1], CultureInfo.InvariantCulture));
            }
        }

        return (against.Length > 0 ? Median(other) : null, [.. own.Select(o => (Median(o.Times), o.Peaks.Max()))]);
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
        return CoreModule.Rewrite(input, sink) is not null ? clock.Elapsed : throw new DiagnosticException(sink[0]);
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms";

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
        return process.ExitCode == 0
            ? elapsed
            : throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(arguments[^3]), $"{program} failed: {output}{errors.Result}");
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
}
