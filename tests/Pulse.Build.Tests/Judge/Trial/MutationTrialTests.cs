using System.Globalization;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>
/// The judge's own trial: modules with one change each are judged, and run beside their original by hosts that look for a difference. Some
/// hundred mutants by default; <c>PULSE_MUTANTS=n</c> makes n, of shared modules too, prints the table, <c>PULSE_MUTANT_SEED=n</c> makes others,
/// and <c>PULSE_MUTANT_ORIGINAL=text</c> takes only the originals whose name has the text.
/// </summary>
[TestClass]
public sealed class MutationTrialTests
{
    private const int Few = 400;
    private const int Scripts = 18;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void No_mutant_that_runs_differently_is_proved()
    {
        var (count, seed) = (Setting("PULSE_MUTANTS", 0), (ulong)Setting("PULSE_MUTANT_SEED", 1));
        var only = Environment.GetEnvironmentVariable("PULSE_MUTANT_ORIGINAL") ?? "";
        var originals = (count > 0 ? TrialOriginals.Own(seed).Concat(TrialOriginals.Shared()) : TrialOriginals.Own()).Where(original => original.Name.Contains(only, StringComparison.Ordinal)).ToArray();
        Assert.IsNotEmpty(originals, only);
        var each = Math.Max(1, ((count > 0 ? count : Few) + originals.Length - 1) / originals.Length);
        var all = new MutationTrial(Scripts);
        Parallel.For(0, originals.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            var trial = new MutationTrial(Scripts);
            trial.Run(originals[i].Name, originals[i].Bytes, each, unchecked(seed + ((ulong)i * 1_000)));
            lock (all)
            {
                all.Add(trial);
                if (count > 0)
                {
                    Console.Error.WriteLine(string.Join("\n", [string.Create(CultureInfo.InvariantCulture, $"{originals[i].Name}: {trial.Mutants}, in all {all.Mutants}"), .. trial.ProvedButDifferent]));
                }
            }
        });
        var found = string.Join("\n", [all.Table(), .. all.ProvedButDifferent.Order(StringComparer.Ordinal), "refuted, and alike in every run:", .. all.RefutedButAlike.Order(StringComparer.Ordinal)]);
        TestContext.WriteLine(found);
        if (count > 0)
        {
            Console.Error.WriteLine(found);
        }

        Assert.IsGreaterThan((count > 0 ? count : Few) / 2, all.Mutants, found);
        Assert.IsEmpty(all.ProvedButDifferent, found);
    }

    [TestMethod]
    public void An_original_behaves_as_itself()
    {
        foreach (var (name, bytes) in TrialOriginals.Own())
        {
            Assert.IsNull(new BehaviourComparison(6).Difference(bytes, ModuleWriter.Write(ProgramWriter.Write(ProgramReader.Read(ModuleReader.Read(bytes, name))))), name);
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
