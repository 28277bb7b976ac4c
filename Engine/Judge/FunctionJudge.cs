using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Judge.Simulation.Search;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Replay;
using Pulse.Build.Engine.Smt.Text;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge;

/// <summary>Decides one pair of functions: identity first, then proofs with each plausible set of inlined calls, then a counterexample.</summary>
internal sealed class FunctionJudge(ModulePair pair, RefinementOptions options, ISolver solver, int number)
{
    private int _obligations, _syntactic, _queries;
    private long _work;

    public FunctionVerdict Judge(FunctionPair functions)
    {
        var name = pair.After.Module.NameOf(functions.After);
        var verdict = new FunctionVerdict { Before = functions.Before, After = functions.After, Name = name, Verdict = Verdict.Unknown };
        if (functions.Before < 0)
        {
            return verdict with { Reason = "no function of the original module corresponds to it" };
        }

        if (IdenticalBodies.Check(pair, functions))
        {
            return verdict with { Verdict = Verdict.Proved, Identical = true };
        }

        verdict = Prove(functions, verdict) with { Obligations = _obligations, Syntactic = _syntactic, Queries = _queries, LargestWork = _work };
        return verdict.Verdict == Verdict.Proved ? verdict : Refute(functions, verdict);
    }

    private FailedObligation? _failure;

    private FunctionVerdict Prove(FunctionPair functions, FunctionVerdict verdict)
    {
        FunctionVerdict? first = null;
        try
        {
            var after = new Expander(pair.After).Build(functions.After, (_, _) => false);
            foreach (var choice in new ExpansionChoices(pair, options.Witness, functions, after).Candidates())
            {
                var attempt = Attempt(functions, after, choice, verdict);
                if (attempt.Verdict == Verdict.Proved)
                {
                    return attempt;
                }

                first ??= attempt;
            }
        }
        catch (UnmodelledException e)
        {
            first ??= verdict with { Reason = "no model of " + e.What };
        }
        catch (UnknownInstructionException e)
        {
            first ??= verdict with { Reason = "no model of " + e.Message };
        }

        return first ?? verdict with { Reason = "no way to match its calls" };
    }

    private FunctionVerdict Attempt(FunctionPair functions, FlowGraph after, Expander.Choice choice, FunctionVerdict verdict)
    {
        var factory = new TermFactory(options.TermLimit);
        var decider = new Decider(factory, solver, new DecisionBudget { Query = options.Limit }, options.SmtFolder is null ? null : Export);
        var log = new ObligationLog(factory, decider);
        var inlined = new SortedSet<int>();
        var sites = new List<string>();
        try
        {
            var before = new Expander(pair.Before).Build(functions.Before, (site, callee) =>
            {
                var expand = choice(site, callee);
                if (expand)
                {
                    inlined.Add(callee);
                    sites.Add(site);
                }

                return expand;
            });
            verdict = verdict with
            {
                Inlined = [.. inlined.Select(pair.Before.Module.NameOf)],
                Assumptions = Assumptions.Of(pair, before, after),
            };
            var (x, y) = (new Side(pair.Before, before), new Side(pair.After, after));
            var certificate = new RelationSearch(factory, x, y, decider).Find(sites);
            if (new CertificateChecker(factory, x, y, log).Check(certificate))
            {
                return verdict with { Verdict = Verdict.Proved, Reason = "", Obligation = "" };
            }

            _failure ??= log.Failure;
            return verdict with { Obligation = log.Failure!.What, Reason = Describe(log.Failure) };
        }
        catch (TermLimitException e)
        {
            return verdict with { Reason = "too large to prove: " + e.Message };
        }
        catch (UnmodelledException e)
        {
            return verdict with { Reason = "no model of " + e.What };
        }
        finally
        {
            _obligations += log.Obligations;
            _syntactic += log.Syntactic;
            _queries += decider.Queries;
            _work = Math.Max(_work, decider.LargestWork);
        }
    }

    private static string Describe(FailedObligation failure) => failure.Outcome == DecisionOutcome.Unknown
        ? $"'{failure.What}' is not proved: {failure.Reason}"
        : $"the solver's model of '{failure.What}' does not become a counterexample: a relation of the loops, or what is known of a call, is too weak";

    private FunctionVerdict Refute(FunctionPair functions, FunctionVerdict verdict)
    {
        var model = _failure is { } failure && failure.What.StartsWith("entry ", StringComparison.Ordinal) ? failure.Model : null;
        return new CounterexampleSearch(pair).Find(functions, model) is { } counterexample
            ? verdict with { Verdict = Verdict.Refuted, Reason = counterexample.Difference, Counterexample = counterexample } : verdict;
    }

    private void Export(string what, int query, SmtQuery text, SolverAnswer answer)
    {
        Directory.CreateDirectory(options.SmtFolder!);
        var verdict = answer.Verdict switch { SolverVerdict.Unsatisfiable => "unsat", SolverVerdict.Satisfiable => "sat", _ => "unknown" };
        var name = string.Create(CultureInfo.InvariantCulture, $"f{number:D4}-q{_queries + query:D3}-{verdict}.smt2");
        File.WriteAllText(Path.Combine(options.SmtFolder!, name), $"; {SmtText.Comment(what)}\n{text.Text}(check-sat)\n");
    }
}
