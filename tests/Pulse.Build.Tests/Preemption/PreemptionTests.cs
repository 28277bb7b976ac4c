using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Tests.Codegen;
using Pulse.Build.Tests.Fuzz;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// Random programs with handlers, interrupted between any two instructions of the machine code. A fixed number by default; <c>PULSE_FUZZ_SECONDS=n</c>
/// goes on for n seconds, <c>PULSE_FUZZ_SEED=n</c> starts at another program.
/// </summary>
[TestClass]
public sealed class PreemptionTests
{
    private const int Programs = 8;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Wasm_programs_end_as_an_interleaving_of_their_handlers_explains() => Run("wasm", WasmPrograms.Make, Programs);

    [TestMethod]
    public void C_programs_end_as_an_interleaving_of_their_handlers_explains()
    {
        Clang.Need();
        Run("C", CPrograms.Make, Programs);
    }

    /// <summary>That the programs and what is asked of them are able to show a fault: an optimiser that knows of no handlers makes one soon.</summary>
    [TestMethod]
    public void Programs_that_are_built_without_their_handlers_are_seen_to_break()
    {
        Unicorn.Need();
        var seed = 1UL;
        Assert.ThrowsExactly<AssertFailedException>(() =>
        {
            for (; seed <= Programs; seed++)
            {
                using var run = new PreemptionRun(WasmPrograms.Make(seed), new FuzzRandom(seed), isTold: false);
                run.Check(inPairs: false);
            }
        });
    }

    private void Run(string kind, Func<ulong, PreemptedProgram> make, int programs)
    {
        Unicorn.Need();
        var clock = Stopwatch.StartNew();
        var (seconds, first) = (Setting("PULSE_FUZZ_SECONDS", 0), Setting("PULSE_FUZZ_SEED", 1));
        var failures = new List<string>();
        long runs = 0, planned = 0, tooLong = 0, boundaries = 0, nested = 0, masked = 0, states = 0;
        var (closest, shadow, closestShadow) = (0.0, int.MaxValue, 0.0);
        for (var i = 0; seconds > 0 ? clock.Elapsed.TotalSeconds < seconds : i < programs; i++)
        {
            var seed = (ulong)first + (ulong)i;
            try
            {
                using var run = new PreemptionRun(make(seed), new FuzzRandom(seed * 77));
                if (!run.Check(seconds > 0 ? 700 : 400))
                {
                    tooLong++;
                    continue;
                }

                runs++;
                (boundaries, nested, masked, states) = (boundaries + run.Preemptions, nested + run.Nested, masked + run.Masked, states + run.States);
                if (run.ShadowPlan is > 0 and var plan)
                {
                    planned++;
                    closestShadow = Math.Max(closestShadow, (double)run.ShadowUsed / plan);
                }

                (closest, shadow) = (Math.Max(closest, (double)run.Stack.Used / run.Stack.Computed), Math.Min(shadow, run.ShadowFree));
            }
            catch (Exception e) when (seconds > 0 && failures.Count < 20)
            {
                failures.Add($"PULSE_FUZZ_SEED={seed}: {e.GetType().Name} {e.Message}");
            }
        }

        var said = string.Create(CultureInfo.InvariantCulture,
            $"{kind}: {runs} programs ({tooLong} more too long), {boundaries} runs with handlers, {nested} of them with a handler in another, {masked} masked boundaries, {states} final states; at most {closest:P0} of the computed stack, {shadow} bytes of the shadow stack free and at most {closestShadow:P0} of the computed one used ({planned} with a bound); {failures.Count} failures, {clock.Elapsed.TotalSeconds:F0} s");
        TestContext.WriteLine(said);
        if (seconds > 0)
        {
            Console.Error.WriteLine(said);
        }

        Assert.IsTrue(failures.Count == 0, $"{said}\n{string.Join("\n\n", failures)}");
        Assert.IsGreaterThan(0, runs, said);
    }

    private static long Setting(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
