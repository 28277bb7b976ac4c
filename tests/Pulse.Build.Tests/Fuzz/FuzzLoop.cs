using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>
/// Runs one target round after round. Round <c>n</c> depends on the number base + n alone, so a failure's number replays it as the first
/// round. A run has a fixed number of rounds; <c>PULSE_FUZZ_SECONDS</c> lengthens it, and only then is time looked at.
/// </summary>
internal sealed class FuzzLoop(FuzzTarget target)
{
    /// <summary>Stack of the loop's thread: the least that a build may run us with.</summary>
    private const int Stack = 1 << 20;

    private const int MostFailures = 12;

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(20);

    private readonly ulong _base = Setting("PULSE_FUZZ_SEED", 1);
    private readonly ulong _seconds = Setting("PULSE_FUZZ_SECONDS", 0);
    private readonly Dictionary<string, string> _failures = [];
    private readonly Stopwatch _clock = new();
    private long _rounds;
    private long _accepted;
    private long _mostAllocated;
    private double _factor;
    private TimeSpan _slowest;
    private int _slowestInput;

    /// <summary>Runs to the end, fails with the first round's number that each kind of failure has, and otherwise says what was done.</summary>
    public string Run()
    {
        var thread = new Thread(Loop, Stack) { IsBackground = true };
        thread.Start();
        if (_seconds == 0)
        {
            thread.Join();
        }
        else
        {
            Watch(thread);
        }

        Assert.IsTrue(_failures.Count == 0, string.Join("\n\n", _failures.Values));
        return string.Create(CultureInfo.InvariantCulture,
            $"{target.Name}: {_rounds} executions, {_accepted} accepted, at most {_mostAllocated} bytes allocated, and {_factor:F1} for a byte") +
            (_seconds == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {_clock.Elapsed.TotalSeconds:F0} s, slowest {_slowest.TotalMilliseconds:F0} ms for {_slowestInput} bytes"));
    }

    private void Loop()
    {
        if (_seconds > 0)
        {
            _clock.Start();
        }

        for (var round = 0L; _failures.Count < MostFailures && (_seconds == 0 ? round < target.Rounds : _clock.Elapsed.TotalSeconds < _seconds); round++)
        {
            Round(_base + (ulong)round);
            Interlocked.Increment(ref _rounds);
        }

        _clock.Stop();
    }

    private void Round(ulong seed)
    {
        var input = Array.Empty<byte>();
        try
        {
            input = target.Mutate(new FuzzRandom(seed));
            var (accepted, allocated, took) = FuzzOracle.Judge(target, input);
            _accepted += accepted ? 1 : 0;
            _mostAllocated = Math.Max(_mostAllocated, allocated);
            _factor = Math.Max(_factor, allocated / (double)(input.Length + target.Ground));
            if (_seconds > 0)
            {
                Pace(input, took);
            }
        }
        catch (Exception e)
        {
            Fail(seed, input, e);
        }
    }

    /// <summary>The compiler or the collector may take time once; an input that is slow is slow every time.</summary>
    private void Pace(byte[] input, TimeSpan took)
    {
        for (var again = 0; again < 3 && took > Slow; again++)
        {
            took = TimeSpan.FromTicks(Math.Min(took.Ticks, FuzzOracle.Measure(target, input).Took.Ticks));
        }

        (_slowest, _slowestInput) = took > _slowest ? (took, input.Length) : (_slowest, _slowestInput);
        FuzzOracle.Require(took <= Slow, $"{took.TotalSeconds:F1} s for {input.Length} bytes of input");
    }

    [SuppressMessage("Security", "CA5350", Justification = "The hash names a file, it protects nothing.")]
    private void Fail(ulong seed, byte[] input, Exception e)
    {
        var place = e is FuzzFailureException ? e.Message[..Math.Min(12, e.Message.Length)] : e.StackTrace?.Split('\n')[0];
        var kind = $"{e.GetType().Name} {place}";
        if (_failures.ContainsKey(kind))
        {
            return;
        }

        var file = Convert.ToHexStringLower(SHA1.HashData(input))[..8] + ".bin";
        if (_seconds > 0)
        {
            var folder = Path.Combine(SharedMaterial.Repository, "tests", "corpus", target.Name);
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, file), input);
        }

        _failures.Add(kind, $"target {target.Name}, PULSE_FUZZ_SEED={seed.ToString(CultureInfo.InvariantCulture)}, {input.Length} bytes ({file}): {e}");
    }

    private void Watch(Thread thread)
    {
        var seen = -1L;
        while (!thread.Join(Stuck))
        {
            var now = Interlocked.Read(ref _rounds);
            Assert.AreNotEqual(seen, now, $"target {target.Name}, PULSE_FUZZ_SEED={(_base + (ulong)now).ToString(CultureInfo.InvariantCulture)}: no end in sight");
            seen = now;
        }
    }

    private static ulong Setting(string name, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
