using System.Globalization;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Naming;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Judge.Simulation.Discharging;
using Pulse.Build.Engine.Judge.Simulation.Search;
using Pulse.Build.Engine.Smt.Budgets;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Judge;

/// <summary>
/// Proves one pair of functions: searches a certificate with each plausible set of expanded calls and of headers to stop at, until one is accepted; or
/// checks the one that is stored.
/// </summary>
internal sealed class FunctionProver(ModulePair pair, ModuleNames names, RefinementOptions options, ISolver solver, int number)
{
    private readonly WorkMeter _meter = new(options.FunctionWork);
    private readonly HashSet<string> _expansions = [];
    private int _queries;

    /// <summary>The obligation that failed in the first attempt that came so far.</summary>
    public FailedObligation? Failure { get; private set; }

    public FunctionVerdict Prove(FunctionPair functions, FunctionVerdict verdict)
    {
        FunctionVerdict? first = null;
        try
        {
            var after = Side.Of(pair.After, functions.After).Graph;
            if (options.StoredCertificates is { } folder)
            {
                return CheckStored(folder, functions, after, verdict);
            }

            foreach (var choice in new ExpansionChoices(pair, options.Witness, functions, after).Candidates())
            {
                verdict = Attempt(functions, after, choice, verdict, new TermFactory(options.TermLimit));
                if (verdict.Verdict == Verdict.Proved)
                {
                    return verdict;
                }

                first ??= verdict;
                if (_meter.IsOut)
                {
                    break;
                }
            }
        }
        catch (UnmodelledException e)
        {
            first ??= verdict with { Reason = "no model of " + e.Message };
        }

        return (first ?? verdict with { Reason = "no way to match its calls" }) with
        {
            Obligations = verdict.Obligations, Syntactic = verdict.Syntactic, Queries = verdict.Queries, LargestWork = verdict.LargestWork, NewWork = verdict.NewWork,
        };
    }

    private FunctionVerdict CheckStored(string folder, FunctionPair functions, FlowGraph after, FunctionVerdict verdict)
    {
        try
        {
            var factory = new TermFactory(options.TermLimit);
            return CertificateFiles.Read(folder, number, factory) is { } stored
                ? Attempt(functions, after, (site, _) => stored.Expanded.Contains(site), verdict, factory, stored)
                : verdict with { Reason = "no certificate of it is stored" };
        }
        catch (CertificateFormatException e)
        {
            return verdict with { Reason = "its certificate is none: " + e.Message };
        }
    }

    private FunctionVerdict Attempt(FunctionPair functions, FlowGraph after, Func<string, int, bool> choice, FunctionVerdict verdict, TermFactory factory, Certificate? stored = null)
    {
        var sites = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var before = Side.Of(pair.Before, functions.Before, (site, callee) => choice(site, callee) && (sites[site] = callee) >= 0).Graph;
        if (!_expansions.Add(string.Join(' ', sites.Keys)))
        {
            return verdict; // another way to say what has been tried
        }

        verdict = verdict with
        {
            Reason = "",
            Blamed = [],
            Inlined = [.. sites.Values.Distinct().Order().Select(names.Before.Of)],
            Assumptions = Assumptions.Of(pair, before, after),
        };
        var decider = new Decider(factory, solver, new DecisionBudget { Query = options.Limit, Meter = _meter }, options.SmtFolder is null ? null : Export);
        var log = new ObligationLog(factory, decider);
        var (x, y) = (new Side(pair.Before, before), new Side(pair.After, after));
        IEnumerable<Func<Certificate>> claims = stored is not null ? [() => stored]
            : HeaderChoice.Candidates(before, after).Select(headers => (Func<Certificate>)(() => new RelationSearch(factory, x, y, decider, headers).Find(sites.Keys)));
        foreach (var claim in claims)
        {
            try
            {
                var certificate = claim();
                if (SimulationProof.ByCertificate(pair, functions, certificate, factory, log) is { } proof)
                {
                    verdict = verdict with { Verdict = Verdict.Proved, Proof = proof, Reason = "", Obligation = "" };
                    if (options.CertificateFolder is { } folder)
                    {
                        CertificateFiles.Write(folder, number, certificate);
                    }

                    break;
                }

                verdict = verdict.Reason.Length > 0 ? verdict : verdict with
                {
                    Obligation = log.Failure!.What, Reason = Describe(log.Failure), Blamed = Blame.Of(log.Failure.What, certificate, before, sites),
                };
            }
            catch (NoRelationException e)
            {
                verdict = verdict.Reason.Length > 0 ? verdict : verdict with
                {
                    Obligation = e.Obligation, Reason = $"'{e.Obligation}' is not proved: {e.Message}", Blamed = Blame.Of(e.Header, before, sites),
                };
            }
            catch (TermLimitException e)
            {
                verdict = verdict.Reason.Length > 0 ? verdict : verdict with { Reason = "too large to prove: " + e.Message };
            }
            catch (UnmodelledException e)
            {
                verdict = verdict with { Reason = "no model of " + e.Message };
                break;
            }

            if (_meter.IsOut)
            {
                break;
            }
        }

        _meter.Add(factory.Count, isNew: true);
        Failure ??= log.Failure;
        _queries += decider.Queries;
        return verdict with
        {
            Obligations = verdict.Obligations + log.Obligations,
            Syntactic = verdict.Syntactic + log.Syntactic,
            Queries = _queries,
            LargestWork = Math.Max(verdict.LargestWork, decider.LargestWork),
            NewWork = _meter.New,
        };
    }

    private static string Describe(FailedObligation failure) => failure.Outcome == DecisionOutcome.Unknown
        ? $"'{failure.What}' is not proved: {failure.Reason}"
        : $"the solver's model of '{failure.What}' does not become a counterexample: a relation of the loops, or what is known of a call, is too weak";

    private void Export(string what, int query, SmtQuery text, SolverAnswer answer)
    {
        Directory.CreateDirectory(options.SmtFolder!);
        var verdict = answer.Verdict switch { SolverVerdict.Unsatisfiable => "unsat", SolverVerdict.Satisfiable => "sat", _ => "unknown" };
        var name = string.Create(CultureInfo.InvariantCulture, $"f{number:D4}-q{_queries + query:D3}-{verdict}.smt2");
        File.WriteAllText(Path.Combine(options.SmtFolder!, name), $"; {SmtText.Comment(what)}\n{text.Text}(check-sat)\n");
    }
}
