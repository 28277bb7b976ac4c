using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Tests.Fuzz;
using Verdict = Pulse.Build.Engine.Judge.Verdict;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>Judges mutants, runs them, and counts what came of each kind.</summary>
internal sealed class MutationTrial(int scripts)
{
    private const string Refused = "refused";

    private readonly Dictionary<(string Kind, string Verdict, bool Differs), int> _counts = [];
    private readonly BehaviourComparison _comparison = new(scripts);

    public int Mutants { get; private set; }

    /// <summary>Mutants that were proved and run differently: faults of the judge.</summary>
    public List<string> ProvedButDifferent { get; } = [];

    /// <summary>Mutants that were refuted and behave the same wherever they were run: the judge's counterexample has to be looked at.</summary>
    public List<string> RefutedButAlike { get; } = [];

    /// <summary>Makes <paramref name="count"/> mutants of <paramref name="original"/>, each kind in turn.</summary>
    public void Run(string name, byte[] original, int count, ulong seed)
    {
        var seen = new HashSet<string>();
        for (var made = 0; count > 0 && made < count * 8; made++)
        {
            var random = new FuzzRandom(unchecked((seed * 0x1_0000) + (ulong)made));
            var kind = Mutator.Kinds[made % Mutator.Kinds.Count];
            if (Mutator.Make(original, kind, random) is { } mutant && seen.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(mutant.Bytes))))
            {
                count--;
                Judge(name, original, random.Once(5) ? WasmOpt.Optimized(mutant) ?? mutant : mutant);
            }
        }
    }

    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine("kind               | proved same | proved DIFFERENT | refuted same | refuted different | unknown same | unknown different | refused");
        foreach (var kind in _counts.Keys.Select(k => k.Kind).Distinct().Order(StringComparer.Ordinal).Append(""))
        {
            int Of(Verdict? verdict, bool differs) => _counts.Where(c => (kind.Length == 0 || c.Key.Kind == kind) && c.Key.Verdict == (verdict?.ToString() ?? Refused) && c.Key.Differs == differs).Sum(c => c.Value);
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{(kind.Length == 0 ? "all" : kind),-18} | {Of(Verdict.Proved, false),11} | {Of(Verdict.Proved, true),16} | {Of(Verdict.Refuted, false),12} | {Of(Verdict.Refuted, true),17} | {Of(Verdict.Unknown, false),12} | {Of(Verdict.Unknown, true),17} | {Of(null, false) + Of(null, true),7}");
        }

        return text.ToString();
    }

    /// <summary>Adds what another trial found.</summary>
    public void Add(MutationTrial other)
    {
        Mutants += other.Mutants;
        ProvedButDifferent.AddRange(other.ProvedButDifferent);
        RefutedButAlike.AddRange(other.RefutedButAlike);
        foreach (var (key, count) in other._counts)
        {
            _counts[key] = _counts.GetValueOrDefault(key) + count;
        }
    }

    /// <summary>Null where the judge does not take the mutant: a section that it obeys is damaged.</summary>
    private static RefinementReport? Report(byte[] original, byte[] mutant)
    {
        try
        {
            return RefinePairs.Check(original, mutant);
        }
        catch (DiagnosticException)
        {
            return null;
        }
    }

    private void Judge(string name, byte[] original, Mutant mutant)
    {
        Mutants++;
        var difference = _comparison.Difference(original, mutant.Bytes);
        var report = Report(original, mutant.Bytes);
        var key = (mutant.Kind, report?.Verdict.ToString() ?? Refused, difference is not null);
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
        if (report is null)
        {
            return;
        }

        var said = $"{name}, {mutant.Kind}, {mutant.What}";
        if (report.Verdict == Verdict.Proved && difference is not null)
        {
            ProvedButDifferent.Add($"{said}: {difference}{MutantFiles.Keep(original, mutant.Bytes)}");
        }

        if (report.Verdict == Verdict.Refuted && difference is null)
        {
            RefutedButAlike.Add($"{said}: {RefinePairs.Describe(report)}{MutantFiles.Keep(original, mutant.Bytes)}");
        }
    }
}
