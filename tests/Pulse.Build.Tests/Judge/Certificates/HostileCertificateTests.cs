using Pulse.Build.Engine.Judge;

namespace Pulse.Build.Tests.Judge.Certificates;

/// <summary>Certificates by an enemy of the checker, who knows it: each would prove a wrong pair if one rule were missing.</summary>
[TestClass]
public sealed class HostileCertificateTests
{
    private const int Variants = 150;
    private const string Sizes = """
        (module (import "e" "m" (memory 1 2)) (import "e" "f" (func $f))
          (func (export "run") (loop (if (i32.eq (memory.size) (i32.const 1)) (then (call $f))) (call $f) (br 0))))
        """;

    private const string Results = """
        (module (import "e" "f" (func $f (result i32))) (import "e" "g" (func $g))
          (func (export "run") (local i32) (local.set 0 (call $f))
            (loop (call $g) (if (i32.ne (local.get 0) (i32.const 5)) (then (call $g))) (br 0))))
        """;

    private const string Counter = """
        (module (import "e" "g" (func $g))
          (func (export "run") (local i32)
            (loop (call $g) (local.set 0 (i32.and (i32.add (local.get 0) (i32.const 1)) (i32.const 255)))
              (if (i32.ne (i32.and (local.get 0) (i32.const 255)) (i32.const 5)) (then (call $g))) (br 0))))
        """;

    private static IEnumerable<object[]> Topics => RefinePairs.Topics.Select(t => new object[] { t });

    private static IEnumerable<object[]> Kinds => AdversaryPairs.All.Select(pair => pair.Kind).Distinct().Select(kind => new object[] { kind });

    /// <summary>A size lies within the bounds that the memory was declared with; one more or less than its variable does not.</summary>
    [TestMethod]
    public void A_size_is_not_a_constant_away_from_its_variable()
    {
        var text = Honest(Sizes, "(i32.eq (memory.size) (i32.const 1))", "(i32.eqz (i32.xor (memory.size) (i32.const 1)))");
        var size = text.Split('\n').Single(l => l.EndsWith("\" 1..2", StringComparison.Ordinal)).Split(' ')[0];
        var moved = Define(ref text, "constant 32 1");
        moved = Define(ref text, $"add 32 {moved} {size}");
        Rejects(Sizes, "(i32.eq (memory.size) (i32.const 1))", "(i32.eqz (i32.xor (memory.size) (i32.const 0)))", Revalue(text, size, moved));
    }

    /// <summary>What a call gives is not between bounds because a certificate says so.</summary>
    [TestMethod]
    public void A_result_has_no_bounds_but_those_that_the_judge_gives_it()
    {
        var text = Honest(Results, "(i32.ne (local.get 0) (i32.const 5))", "(i32.xor (local.get 0) (i32.const 5))");
        var result = text.Split('\n').Single(l => l.Contains(" = result 32 ", StringComparison.Ordinal));
        Rejects(Results, "(i32.ne (local.get 0) (i32.const 5))", "(i32.eq (local.get 0) (i32.const 6))", text.Replace(result, result + " 5..5", StringComparison.Ordinal));
    }

    /// <summary>That a value needs few bits is shown for every way in: a counter of sixteen bits is not one of eight.</summary>
    [TestMethod]
    public void A_value_has_no_fewer_bits_than_what_arrives()
    {
        const string masked = "(i32.ne (i32.and (local.get 0) (i32.const 255)) (i32.const 5))", plain = "(i32.ne (local.get 0) (i32.const 5))";
        var text = Honest(Counter, masked, plain);
        Assert.Contains(" = zero-extend 32 ", text);
        Rejects(Counter.Replace("(i32.const 1)) (i32.const 255)", "(i32.const 1)) (i32.const 65535)", StringComparison.Ordinal), masked, plain, text);
    }

    [TestMethod]
    [DataRow("variable 32 \"!r9\"", "it is a variable of the elimination")]
    [DataRow("variable token \"!token:x\"", "it is a variable of the elimination")]
    public void Nothing_speaks_of_what_queries_name(string term, string why)
    {
        const string from = "(i32.ne (local.get 0) (i32.const 5))", to = "(i32.xor (local.get 0) (i32.const 5))";
        var pair = One(Results, from, to);
        var text = Honest(Results, from, to);
        var copy = text[text.IndexOf("cutpoint 1 ", StringComparison.Ordinal)..text.IndexOf("step ", StringComparison.Ordinal)].Replace("cutpoint 1 ", "cutpoint 2 ", StringComparison.Ordinal);
        text = text.Replace("step 0 1", copy + "step 0 1", StringComparison.Ordinal);
        Assert.IsTrue(pair.Accepts(text), "a cutpoint that no step leads to says nothing");
        var name = Define(ref text, term);
        name = Define(ref text, $"equal bool {name} {Define(ref text, term.Replace("!", "", StringComparison.Ordinal))}");
        var last = text.LastIndexOf("fact ", StringComparison.Ordinal);
        text = text[..last] + $"fact {name}\n" + text[(text.IndexOf('\n', last) + 1)..];
        Assert.IsFalse(pair.Accepts(text), why);
        Assert.IsTrue(pair.Accepts(text.Replace("\"!", "\"", StringComparison.Ordinal)), "another name would do");
    }

    /// <summary>Certificates of the right rewrite, and what the search says of the wrong one, changed at random.</summary>
    [TestMethod]
    [DynamicData(nameof(Topics))]
    public void No_changed_certificate_proves_a_wrong_rewrite(string topic)
    {
        var (before, good, bad) = (RefinePairs.Golden(topic, "before"), RefinePairs.Golden(topic, "good"), RefinePairs.Golden(topic, "bad"));
        Attack(topic, before, bad, CertifiedPair.Of(before, good).SelectMany(pair => pair.Found()));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void No_changed_certificate_proves_a_wrong_rewrite_of_an_adversary(string kind)
    {
        foreach (var pair in AdversaryPairs.All.Where(p => p.Kind == kind))
        {
            Attack(pair.ToString(), RefinePairs.Binary(pair.Before), RefinePairs.Binary(pair.After), []);
        }
    }

    /// <summary>It is not accepted, or it is another true claim: which one does not matter, but the checker must come to an end.</summary>
    [TestMethod]
    [DynamicData(nameof(Topics))]
    public void A_changed_certificate_of_a_right_rewrite_does_no_harm(string topic)
    {
        foreach (var pair in CertifiedPair.Of(RefinePairs.Golden(topic, "before"), RefinePairs.Golden(topic, "good")))
        {
            foreach (var text in pair.Found())
            {
                for (var seed = 0; seed < Variants; seed++)
                {
                    pair.Accepts(new Tampering(seed).Change(text).Text);
                }
            }
        }
    }

    private static void Attack(string name, byte[] before, byte[] after, IEnumerable<string> certificates)
    {
        var wrong = RefinePairs.Check(before, after).Functions.Where(f => f.Verdict == Verdict.Refuted).ToList();
        var accepted = new List<string>();
        var seeds = certificates.ToList();
        foreach (var pair in CertifiedPair.Of(before, after).Where(p => wrong.Exists(p.Is)))
        {
            foreach (var text in seeds.Concat(pair.Found()))
            {
                // Where there is no loop there is little to say.
                for (var seed = 0; seed < (text.Contains("cutpoint 1 ", StringComparison.Ordinal) ? Variants : Variants / 10); seed++)
                {
                    var (changed, what) = seed == 0 ? (text, "as it is") : new Tampering(seed).Change(text);
                    if (pair.Accepts(changed) == true)
                    {
                        accepted.Add($"{name}, {pair.Name}: {what}\n{changed}");
                    }
                }
            }
        }

        Assert.IsEmpty(accepted, string.Join('\n', accepted));
    }

    /// <summary>The certificate of a right rewrite.</summary>
    private static string Honest(string before, string from, string to)
    {
        var pair = One(before, from, to);
        return pair.Found().Find(text => pair.Accepts(text) == true) ?? throw new AssertFailedException("the right rewrite is proved");
    }

    private static void Rejects(string before, string from, string to, string text)
        => Assert.IsFalse(One(before, from, to).Accepts(text) ?? throw new AssertFailedException("it is well-formed:\n" + text), text);

    /// <summary>The only pair of functions that differs.</summary>
    private static CertifiedPair One(string before, string from, string to)
    {
        Assert.HasCount(2, before.Split(from), "it stands there once");
        var pairs = CertifiedPair.Of(RefinePairs.Binary(before), RefinePairs.Binary(before.Replace(from, to, StringComparison.Ordinal)));
        Assert.HasCount(1, pairs);
        return pairs[0];
    }

    private static string Define(ref string text, string rest)
    {
        var name = "t" + text.Split('\n').Count(l => l.StartsWith('t'));
        var at = text.IndexOf("cutpoint ", StringComparison.Ordinal);
        text = text[..at] + $"{name} = {rest}\n" + text[at..];
        return name;
    }

    private static string Revalue(string text, string from, string to)
        => string.Join('\n', text.Split('\n').Select(l => l.StartsWith("value ", StringComparison.Ordinal) && l.EndsWith(" " + from, StringComparison.Ordinal) ? l[..^from.Length] + to : l));
}
