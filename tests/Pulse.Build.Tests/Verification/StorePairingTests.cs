using System.Collections.Immutable;
using Pulse.Build.Engine.Verification;

namespace Pulse.Build.Tests.Verification;

/// <summary>Which memories and tables correspond when some are gone, and what must not go.</summary>
[TestClass]
public sealed class StorePairingTests
{
    private static RefinementReport Expect(Verdict verdict, string before, string after, RefinementOptions? options = null)
    {
        var report = RefinePairs.Check(RefinePairs.Binary($"(module {before})"), RefinePairs.Binary($"(module {after})"), options);
        Assert.AreEqual(verdict, report.Verdict, RefinePairs.Describe(report));
        return report;
    }

    [TestMethod]
    [DataRow("(memory 1) (memory 0) (memory 2) (data (memory 2) (i32.const 131072) \"a\")", "(memory 2) (data (i32.const 131072) \"a\")", DisplayName = "the memory of a segment that traps is the one that stays")]
    [DataRow("(memory 1 1) (memory 0 1) (memory 1 1) (data (memory 1) (i32.const 0) \"a\")", "(memory 0 1) (data (i32.const 0) \"a\")", DisplayName = "in the middle")]
    [DataRow("(memory 3) (memory 2) (func (export \"f\") (result i32) (if (result i32) (i32.const 0) (then (i32.load 0 (i32.const 4))) (else (i32.load 1 (i32.const 4)))))",
        "(memory 2) (func (export \"f\") (result i32) (i32.load (i32.const 4)))", DisplayName = "by limits")]
    [DataRow("(memory 1) (memory 1) (data (memory 1) (i32.const 4) \"b\") (func (export \"f\") (result i32) (if (result i32) (i32.const 0) (then (i32.load 0 (i32.const 4))) (else (i32.load 1 (i32.const 4)))))",
        "(memory 1) (data (i32.const 4) \"b\") (func (export \"f\") (result i32) (i32.load (i32.const 4)))", DisplayName = "by contents")]
    [DataRow("(memory 1) (memory (export \"m\") 1)", "(memory (export \"m\") 1)", DisplayName = "by export")]
    [DataRow("(memory 1) (data (i32.const 4) \"abc\")", "", DisplayName = "a memory that nobody sees may go with its segment")]
    [DataRow("(table 4 funcref) (table 2 funcref) (elem (table 1) (i32.const 9) func)", "(table 2 funcref) (elem (i32.const 9) func)", DisplayName = "a table by limits")]
    [DataRow("(import \"e\" \"m\" (memory 1))", "", DisplayName = "an import that nothing uses may go")]
    public void What_is_left_is_found(string before, string after) => Expect(Verdict.Proved, before, after);

    [TestMethod]
    [DataRow("(memory 1) (data (i32.const 65536) \"a\")", "", DisplayName = "a segment that traps")]
    [DataRow("(memory 1) (data (i32.const 65536) \"a\")", "(memory 1)", DisplayName = "a segment that traps, of a memory that stays")]
    [DataRow("(import \"e\" \"m\" (memory 1)) (data (i32.const 8) \"a\")", "", DisplayName = "an imported memory that a segment writes")]
    [DataRow("(import \"e\" \"t\" (table 1 funcref)) (elem (i32.const 0) func $f) (func $f)", "", DisplayName = "an imported table that a segment fills")]
    [DataRow("(table 1 funcref) (elem (i32.const 1) func $f) (func $f)", "", DisplayName = "an element segment that traps")]
    [DataRow("(memory (export \"m\") 1)", "", DisplayName = "an exported memory")]
    [DataRow("(memory 1) (memory (export \"m\") 2)", "(memory (export \"m\") 1)", DisplayName = "the other memory under its name")]
    [DataRow("(import \"e\" \"m\" (memory 1)) (memory 1) (data (i32.const 8) \"a\") (data (memory 1) (i32.const 65536) \"b\")",
        "(import \"e\" \"m\" (memory 1)) (memory 1) (data (memory 1) (i32.const 65536) \"b\") (data (i32.const 8) \"a\")", DisplayName = "a segment behind the one that traps")]
    [DataRow("(memory 1) (memory 1) (data (memory 1) (i32.const 4) \"b\") (func (export \"f\") (result i32) (i32.load 1 (i32.const 4)))",
        "(memory 1) (data (i32.const 4) \"c\") (func (export \"f\") (result i32) (i32.load (i32.const 4)))", DisplayName = "other contents")]
    [DataRow("(memory i64 1) (data (i64.const -1) \"a\")", "(memory i64 1)", DisplayName = "an address at the end of 64 bits")]
    [DataRow("(table i64 1 funcref) (elem (i64.const -1) func $f) (func $f)", "(table i64 1 funcref)", DisplayName = "a slot at the end of 64 bits")]
    public void What_can_be_seen_must_stay(string before, string after)
    {
        var report = RefinePairs.Check($"(module {before})", $"(module {after})");
        Assert.AreNotEqual(Verdict.Proved, report.Verdict, RefinePairs.Describe(report));
    }

    /// <summary>Two memories that only their use tells apart: the first is used in code that is never reached.</summary>
    private const string Alike = """
        (memory 1) (memory 1)
        (func (export "f") (param i32) (result i32)
          (i32.store 1 (i32.const 0) (local.get 0))
          (if (i32.and (i32.shl (local.get 0) (i32.const 1)) (i32.const 1)) (then (i32.store 0 (i32.const 0) (i32.const 5))))
          (i32.load 1 (i32.const 0)))
        (func (export "g") (result i32) (memory.grow 1 (i32.const 1)))
        """;

    private const string One = """
        (memory 1)
        (func (export "f") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (local.get 0))
        (func (export "g") (result i32) (memory.grow (i32.const 1)))
        """;

    [TestMethod]
    public void A_hint_says_which_of_two_equal_memories_is_left() => Expect(Verdict.Proved, Alike, One, Hint(1));

    [TestMethod]
    public void A_wrong_hint_costs_the_proof_and_is_no_defect() => Expect(Verdict.Unknown, Alike, One, Hint(0));

    [TestMethod]
    public void A_hint_does_not_change_what_is_exported() => Expect(Verdict.Refuted,
        "(memory (export \"a\") 1) (memory 2)", "(memory 1) (memory (export \"a\") 2)", Hint(0));

    private static RefinementOptions Hint(int memory) => new()
    {
        Threads = 1,
        Witness = new RefinementWitness { Memories = ImmutableDictionary<int, int>.Empty.Add(memory, 0) },
    };
}
