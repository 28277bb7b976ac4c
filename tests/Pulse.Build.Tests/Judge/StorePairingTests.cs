using System.Collections.Immutable;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Simulation.Search;

namespace Pulse.Build.Tests.Judge;

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

    /// <summary>Fills a table from passive segments; the first segment is never named and may go.</summary>
    private const string Segments = """
        (table $t (export "t") 4 funcref) (elem $e0 func $a) (elem $e1 func $a $b) (elem $e2 func $b)
        (func $a (result i32) (i32.add (i32.const 1) (i32.const 0))) (func $b (result i32) (i32.const 2))
        (func (export "f") (param i32) (table.init $t $e1 (i32.const 1) (i32.const 0) (i32.add (local.get 0) (i32.const 0))) (elem.drop $e1))
        (func (export "g") (table.init $t $e2 (i32.const 0) (i32.const 0) (i32.add (i32.const 1) (i32.const 0))))
        """;

    private const string Renumbered = """
        (table $t (export "t") 4 funcref) (elem $e1 func $a $b) (elem $e2 func $b)
        (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2))
        (func (export "f") (param i32) (table.init $t $e1 (i32.const 1) (i32.const 0) (local.get 0)) (elem.drop $e1))
        (func (export "g") (table.init $t $e2 (i32.const 0) (i32.const 0) (i32.const 1)))
        """;

    [TestMethod]
    public void Element_segments_pair_by_what_they_hold() => Expect(Verdict.Proved, Segments, Renumbered);

    [TestMethod]
    [DataRow("(elem $e1 func $a $b)", "(elem $e1 func $b $a)", DisplayName = "other items")]
    [DataRow("(table.init $t $e2", "(table.init $t $e1", DisplayName = "another segment")]
    [DataRow("(elem.drop $e1)", "(elem.drop $e2)", DisplayName = "another segment is dropped")]
    [DataRow(" (elem.drop $e1)", "", DisplayName = "nothing is dropped")]
    [DataRow("(i32.const 0) (i32.const 0) (i32.const 1)", "(i32.const 0) (i32.const 0) (i32.const 2)", DisplayName = "another length")]
    [DataRow("(elem $e2 func $b)", "(elem $e2 func $b $b)", DisplayName = "a longer segment, which traps elsewhere")]
    public void Other_uses_of_element_segments_are_not_proved(string from, string to)
    {
        Assert.Contains(from, Renumbered);
        var report = RefinePairs.Check($"(module {Segments})", $"(module {Renumbered.Replace(from, to, StringComparison.Ordinal)})");
        Assert.AreNotEqual(Verdict.Proved, report.Verdict, RefinePairs.Describe(report));
    }

    [TestMethod]
    [DataRow("(i32.load offset=4294967295 (local.get 0))", "(drop (i32.load (i32.const -4))) (unreachable)", nameof(Verdict.Proved), DisplayName = "an offset beyond every 32-bit memory traps")]
    [DataRow("(i32.add (i32.load offset=8 (local.get 0)) (i32.const 0))", "(i32.load offset=8 (local.get 0))", nameof(Verdict.Proved), DisplayName = "a plain load")]
    public void Accesses_far_outside_trap(string before, string after, string verdict)
        => Expect(Enum.Parse<Verdict>(verdict), $"(memory 1 1) (func (export \"f\") (param i32) (result i32) {before})", $"(memory 1 1) (func (export \"f\") (param i32) (result i32) {after})");

    [TestMethod]
    [DataRow("(i32.load offset=0xFFFFFFFFFFFFFFFF (local.get 0))", "(drop (i32.load (i64.const -4))) (unreachable)", nameof(Verdict.Proved), DisplayName = "an offset at the end of 64 bits")]
    [DataRow("(i32.load (i64.and (local.get 0) (i64.const 255)))", "(i32.load (i64.and (i64.and (local.get 0) (i64.const 511)) (i64.const 255)))", nameof(Verdict.Proved), DisplayName = "a masked address")]
    [DataRow("(i32.load offset=16 (local.get 0))", "(i32.load offset=8 (i64.add (local.get 0) (i64.const 8)))", nameof(Verdict.Refuted), DisplayName = "an address that wraps")]
    [DataRow("(i32.wrap_i64 (memory.grow (local.get 0)))", "(i32.wrap_i64 (i64.add (memory.grow (local.get 0)) (i64.const 0)))", nameof(Verdict.Proved), DisplayName = "growth")]
    [DataRow("(memory.fill (local.get 0) (i32.const 0) (i64.const 0)) (i32.const 0)", "(i32.const 0)", nameof(Verdict.Refuted), DisplayName = "a fill of nothing outside")]
    public void Addresses_of_64_bits_do_not_wrap(string before, string after, string verdict)
        => Expect(Enum.Parse<Verdict>(verdict), $"(memory i64 1 2) (func (export \"f\") (param i64) (result i32) {before})", $"(memory i64 1 2) (func (export \"f\") (param i64) (result i32) {after})");

    [TestMethod]
    public void Slots_of_a_64_bit_table_are_told_apart_beyond_32_bits() => Expect(Verdict.Refuted,
        "(type $t (func)) (table (export \"t\") i64 2 funcref) (func (export \"f\") (param i64) (call_indirect (type $t) (local.get 0)))",
        "(type $t (func)) (table (export \"t\") i64 2 funcref) (func (export \"f\") (param i64) (call_indirect (type $t) (i64.and (local.get 0) (i64.const 0xFFFFFFFF))))");

    private static RefinementOptions Hint(int memory) => new()
    {
        Threads = 1,
        Witness = new RefinementWitness { Memories = ImmutableDictionary<int, int>.Empty.Add(memory, 0) },
    };
}
