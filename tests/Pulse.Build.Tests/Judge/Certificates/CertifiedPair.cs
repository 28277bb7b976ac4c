using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Naming;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Judge.Simulation.Discharging;
using Pulse.Build.Engine.Judge.Simulation.Search;
using Pulse.Build.Engine.Smt.Budgets;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Locating;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Tests.Judge.Certificates;

/// <summary>A pair of functions of two modules, with the search and the checker apart from each other.</summary>
internal sealed class CertifiedPair(ModulePair pair, FunctionPair functions)
{
    private const int Terms = 200_000;
    private readonly RememberingSolver _solver = new(Z3Locator.Find(""), new AnswerMemory());

    public string Name => new FunctionNames(pair.After.Module).Of(functions.After);

    /// <summary>Every pair of live functions whose bodies differ.</summary>
    public static List<CertifiedPair> Of(byte[] before, byte[] after)
    {
        var (source, target) = (ModuleDecoder.Decode(before, "before.wasm"), ModuleDecoder.Decode(after, "after.wasm"));
        var pair = new ModulePair(source, target, PairSearch.Find(source, target, RefinementWitness.None));
        return [.. pair.Classes.Pairs
            .Where(p => p.Before >= 0 && target.Functions[p.After].Body is not null && pair.FactsAfter.Live[p.After] && !IdenticalBodies.Check(pair, p))
            .Select(p => new CertifiedPair(pair, p))];
    }

    public bool Is(FunctionVerdict verdict) => verdict.Before == functions.Before && verdict.After == functions.After;

    /// <summary>All certificates that the search comes up with, whether they are accepted or not.</summary>
    public List<string> Found()
    {
        var result = new List<string>();
        var after = Side.Of(pair.After, functions.After).Graph;
        foreach (var choice in new ExpansionChoices(pair, RefinementWitness.None, functions, after).Candidates())
        {
            try
            {
                var sites = new SortedSet<string>(StringComparer.Ordinal);
                var before = Side.Of(pair.Before, functions.Before, (site, callee) => choice(site, callee) && (sites.Add(site) || true)).Graph;
                foreach (var headers in HeaderChoice.Candidates(before, after))
                {
                    result.AddRange(Search(before, after, sites, headers));
                }
            }
            catch (UnmodelledException)
            {
                break; // the choices that follow expand more
            }
        }

        return [.. result.Distinct(StringComparer.Ordinal)];
    }

    private IEnumerable<string> Search(FlowGraph before, FlowGraph after, IEnumerable<string> sites, HeaderChoice headers)
    {
        try
        {
            var factory = new TermFactory(Terms);
            var search = new RelationSearch(factory, new Side(pair.Before, before), new Side(pair.After, after), Decider(factory), headers);
            return [CertificateText.Print(search.Find(sites))];
        }
        catch (Exception e) when (e is NoRelationException or TermLimitException)
        {
            return [];
        }
    }

    /// <summary>Whether the checker accepts what a text says; null when the text says nothing. It may not throw but for what it has no model of.</summary>
    public bool? Accepts(string text)
    {
        try
        {
            var factory = new TermFactory(Terms);
            var certificate = CertificateParser.Parse(text, factory);
            return Accepts(factory, certificate);
        }
        catch (CertificateFormatException)
        {
            return null;
        }
    }

    public bool Accepts(TermFactory factory, Certificate certificate)
    {
        try
        {
            var before = Side.Of(pair.Before, functions.Before, (site, _) => certificate.Expanded.Contains(site)).Graph;
            var after = Side.Of(pair.After, functions.After).Graph;
            return new CertificateChecker(factory, new Side(pair.Before, before), new Side(pair.After, after), new Obligations(factory, new ObligationLog(factory, Decider(factory)))).Check(certificate);
        }
        catch (Exception e) when (e is UnmodelledException or TermLimitException)
        {
            return false;
        }
    }

    private Decider Decider(TermFactory factory)
        => new(factory, _solver, new DecisionBudget { Query = 1_000_000, Queries = 100, Meter = new WorkMeter(4_000_000) });
}
