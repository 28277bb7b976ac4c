using System.Collections.Immutable;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Simulation.Search;

namespace Pulse.Build.Tests.Judge;

/// <summary>What of one module may stand for what of another: pairs of modules that differ in one thing, by the kind of that thing.</summary>
[TestClass]
public sealed class CorrespondenceTests
{
    private static RefinementReport Check(string before, string after) => RefinePairs.Check($"(module {before})", $"(module {after})");

    private static void Never(Verdict verdict, string before, string after)
    {
        var report = Check(before, after);
        Assert.AreNotEqual(verdict, report.Verdict, RefinePairs.Describe(report));
    }

    private static void Expect(Verdict verdict, string before, string after)
    {
        var report = Check(before, after);
        Assert.AreEqual(verdict, report.Verdict, RefinePairs.Describe(report));
    }

    private const string TwoImports = "(import \"env\" \"on\" (func $f (param i32))) (import \"env\" \"off\" (func $g (param i32))) ";

    [TestMethod]
    [DataRow("(import \"env\" \"on\" (func $f (param i32))) (func (export \"x\") (call $f (i32.const 1)))",
        "(import \"env\" \"off\" (func $f (param i32))) (func (export \"x\") (call $f (i32.const 1)))", DisplayName = "another name")]
    [DataRow("(import \"env\" \"on\" (func $f (param i32))) (func (export \"x\") (call $f (i32.const 1)))",
        "(import \"other\" \"on\" (func $f (param i32))) (func (export \"x\") (call $f (i32.const 1)))", DisplayName = "another module")]
    [DataRow(TwoImports + "(export \"re\" (func $f)) (func (export \"x\") (call $f (i32.const 1)) (call $g (i32.const 2)))",
        TwoImports + "(export \"re\" (func $g)) (func (export \"x\") (call $g (i32.const 1)) (call $f (i32.const 2)))", DisplayName = "exchanged, one is exported again")]
    [DataRow(TwoImports + "(table 1 funcref) (elem (i32.const 0) $f) (func (export \"x\") (call $f (i32.const 1)) (call_indirect (param i32) (i32.const 5) (i32.const 0)))",
        TwoImports + "(table 1 funcref) (elem (i32.const 0) $g) (func (export \"x\") (call $g (i32.const 1)) (call_indirect (param i32) (i32.const 5) (i32.const 0)))", DisplayName = "exchanged, one is in a table")]
    [DataRow("(import \"a.b\" \"c\" (func $f)) (import \"a\" \"b.c\" (func $g)) (func (export \"x\") (call $f))",
        "(import \"a.b\" \"c\" (func $f)) (import \"a\" \"b.c\" (func $g)) (func (export \"x\") (call $g))", DisplayName = "a dot on the other side")]
    public void Another_function_of_the_host_is_refuted(string before, string after) => Expect(Verdict.Refuted, before, after);

    [TestMethod]
    public void A_hint_does_not_make_two_imports_one()
    {
        var (before, after) = (TwoImports + "(func (export \"x\") (call $f (i32.const 1)))", TwoImports + "(func (export \"x\") (call $g (i32.const 1)))");
        var functions = ImmutableDictionary<int, int>.Empty.Add(0, 1).Add(1, 0).Add(2, 2);
        var report = RefinePairs.Check(
            RefinePairs.Binary($"(module {before})"), RefinePairs.Binary($"(module {after})"), new RefinementOptions { Threads = 1, Witness = new RefinementWitness { Functions = functions } });
        Assert.AreEqual(Verdict.Refuted, report.Verdict, RefinePairs.Describe(report));
    }

    [TestMethod]
    [DataRow("(import \"a.b\" \"c\" (global $x i32)) (import \"a\" \"b.c\" (global $y i32)) (func (export \"f\") (result i32) (global.get $x))", "(global.get $x)", "(global.get $y)", DisplayName = "names that join to one text")]
    [DataRow("(import \"a.b\" \"c\" (memory $x 1)) (import \"a\" \"b.c\" (memory $y 1)) (func (export \"f\") (result i32) (i32.load $x (i32.const 0)))", "$x (i", "$y (i", DisplayName = "memories")]
    [DataRow("(import \"e\" \"a\" (func $a)) (import \"e\" \"b\" (func $b)) (start $a)", "(start $a)", "(start $b)", DisplayName = "another start function")]
    [DataRow("(import \"e\" \"g\" (global $g (mut i32))) (export \"g\" (global $g)) (func (export \"f\") (result i32) (global.get $g))",
        "(import \"e\" \"g\" (global $g (mut i32))) (export \"g\" (global $g))", "(global $g (export \"g\") (mut i32) (i32.const 0))", DisplayName = "an own global for one that is imported and exported")]
    [DataRow("(import \"e\" \"t\" (table $t 1 funcref)) (export \"t\" (table $t)) (func (export \"f\") (result i32) (call_indirect (result i32) (i32.const 0)))",
        "(import \"e\" \"t\" (table $t 1 funcref)) (export \"t\" (table $t))", "(table $t (export \"t\") 1 funcref)", DisplayName = "an own table for one that is imported and exported")]
    [DataRow("(import \"e\" \"m\" (memory $m 1)) (export \"m\" (memory $m)) (func (export \"f\") (result i32) (i32.load (i32.const 0)))",
        "(import \"e\" \"m\" (memory $m 1)) (export \"m\" (memory $m))", "(memory $m (export \"m\") 1)", DisplayName = "an own memory for one that is imported and exported")]
    [DataRow("(global $g (export \"g\") i32 (i32.const 0))", "(global $g (export \"g\") i32 (i32.const 0))", "(import \"e\" \"g\" (global $g i32)) (export \"g\" (global $g))", DisplayName = "an import for an own global")]
    [DataRow("(table 1 1 funcref (ref.func $f)) (func $f (result i32) (i32.const 1)) (func (export \"t\") (result i32) (call_indirect (result i32) (i32.const 0)))", "(i32.const 1)", "(i32.const 2)", DisplayName = "what only a table's initialiser reaches")]
    [DataRow("(table 2 funcref) (elem $e func $f) (func $f (result i32) (i32.const 1)) (func (export \"t\") (result i32) (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)) (call_indirect (result i32) (i32.const 0)))", "(i32.const 1)) (func (e", "(i32.const 2)) (func (e", DisplayName = "what only a passive segment reaches")]
    [DataRow("(global $r funcref (ref.func $f)) (func $f (result i32) (i32.const 1)) (table (export \"t\") 1 funcref) (func (export \"x\") (table.set (i32.const 0) (global.get $r)))", "(i32.const 1)", "(i32.const 2)", DisplayName = "what only a global's initialiser reaches")]
    [DataRow("(table 1 funcref) (func (export \"f\") (result i32) (table.size))", "table 1", "table 2", DisplayName = "the size of a closed table")]
    [DataRow("(table 1 funcref) (func (export \"f\") (param i32) (call_indirect (local.get 0)))", "table 1", "table 2", DisplayName = "the size of a closed table, by the kind of a trap")]
    [DataRow("(table (export \"t\") 1 funcref)", "funcref", "externref", DisplayName = "the element type of an exported table")]
    [DataRow("(table (export \"t\") 1 2 funcref)", "1 2", "1 3", DisplayName = "the limits of an exported table")]
    [DataRow("(func $b (export \"b\") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func $a (export \"a\") (param i32) (result i32) (call $b (local.get 0))) (export \"d\" (func $a))",
        "(call $b (local.get 0))) (export \"d\" (func $a))", "(call $a (local.get 0))) (export \"d\" (func $b))", DisplayName = "one for another by way of a third")]
    [DataRow("(func $f (export \"f\") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))", "(i32.add", "(drop (call $f (local.get 0))) (i32.add", DisplayName = "a call of itself that only the result makes")]
    public void Another_thing_in_its_place_is_not_proved(string before, string from, string to)
    {
        Expect(Verdict.Proved, before, before);
        Assert.Contains(from, before);
        Never(Verdict.Proved, before, before.Replace(from, to, StringComparison.Ordinal));
    }

    [TestMethod]
    public void An_import_that_comes_twice_is_one_thing() => Never(Verdict.Proved,
        "(import \"e\" \"m\" (memory $x 1)) (import \"e\" \"m\" (memory $y 1)) (func (export \"f\") (result i32) (i32.store $x (i32.const 0) (i32.const 1)) (i32.load $y (i32.const 0)))",
        "(import \"e\" \"m\" (memory $x 1)) (import \"e\" \"m\" (memory $y 1)) (func (export \"f\") (result i32) (local i32) (local.set 0 (i32.load $y (i32.const 0))) (i32.store $x (i32.const 0) (i32.const 1)) (local.get 0))");

    [TestMethod]
    public void The_class_of_a_call_needs_every_pair_of_its_members()
    {
        var report = Check(
            "(func (export \"a\") (result i32) (i32.const 1)) (func (export \"b\") (result i32) (i32.const 1))",
            "(func (export \"a\") (export \"b\") (result i32) (i32.const 1))");
        Assert.AreEqual(Verdict.Proved, report.Verdict, RefinePairs.Describe(report));
        Assert.AreEqual(2, report.Functions.Length);
        Expect(Verdict.Refuted,
            "(func (export \"a\") (result i32) (i32.const 1)) (func (export \"b\") (result i32) (i32.const 2))",
            "(func (export \"a\") (export \"b\") (result i32) (i32.const 1))");
    }

    [TestMethod]
    [DataRow("(memory 1) (global $m (mut i32) (i32.const 0)) (func (export \"on\") (global.set $m (i32.const 1))) (func (export \"f\") (result i32) (if (result i32) (i32.eq (global.get $m) (i32.const 7)) (then (i32.const 5)) (else (i32.const 1))))",
        "(if (result i32) (i32.eq (global.get $m) (i32.const 7)) (then (i32.const 5)) (else (i32.const 1)))", "(i32.const 1)", DisplayName = "a value that a global never has")]
    [DataRow("(memory 1) (func (export \"f\") (result i32) (i32.load (i32.const -4)))", "-4", "-8", DisplayName = "a size that a memory never has")]
    [DataRow("(memory 1) (func (export \"w\") (i32.store8 (i32.const 0) (i32.const 1))) (func (export \"f\") (result i32) (i32.load8_u (i32.const 8)))", "(i32.load8_u (i32.const 8))", "(i32.const 0)", DisplayName = "a byte that a private memory never has")]
    [DataRow("(func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func (export \"f\") (result i32) (call $g (i32.const 0)))", "(i32.add (local.get 0) (i32.const 1))", "(i32.const 1)", DisplayName = "an argument that nobody passes")]
    public void What_no_host_can_see_is_not_refuted(string before, string from, string to)
    {
        Assert.Contains(from, before);
        Never(Verdict.Refuted, before, before.Replace(from, to, StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("(global $m (mut i32) (i32.const 0)) (func (export \"on\") (global.set $m (i32.const 7))) (func (export \"f\") (result i32) (i32.eq (global.get $m) (i32.const 7)))", "(i32.eq (global.get $m) (i32.const 7))", "(i32.const 0)", DisplayName = "after a call of another export")]
    [DataRow("(import \"e\" \"h\" (func $h)) (global $m (mut i32) (i32.const 0)) (func (export \"on\") (global.set $m (i32.const 7))) (func (export \"f\") (result i32) (global.set $m (i32.const 0)) (call $h) (global.get $m))", "(global.get $m)", "(i32.const 0)", DisplayName = "after the host calls back")]
    [DataRow("(import \"e\" \"h\" (func $h (param i32))) (func (export \"f\") (loop (call $h (i32.const 1)) (call $h (i32.const 2)) (br 0)))", " (call $h (i32.const 2))", "", DisplayName = "in a loop that never ends")]
    [DataRow("(import \"e\" \"h\" (func $h (param i32))) (func (export \"f\") (call $h (i32.const 1)) (call $h (i32.const 2)) (loop (br 0)))", " (call $h (i32.const 1))", "", DisplayName = "before a loop that never ends")]
    [DataRow("(import \"e\" \"h\" (func $h)) (func $p (call $h)) (func (export \"f\") (loop (call $p) (br 0)))", "(call $p)", "", DisplayName = "the only one of a loop that never ends")]
    [DataRow("(import \"e\" \"h\" (func $h (result i32))) (import \"e\" \"w\" (func $w)) (func (export \"f\") (loop (br_if 0 (i32.eqz (call $h)))) (loop (br_if 0 (call $h))) (call $w) (loop (br 0)))", "(call $w)", "", DisplayName = "after it has waited for one bit and the other")]
    [DataRow("(import \"e\" \"wfi\" (func $wfi)) (import \"e\" \"w\" (func $w (param i32))) (global $t (mut i32) (i32.const 0)) (func (export \"tick\") (global.set $t (i32.add (global.get $t) (i32.const 1)))) (func (export \"f\") (loop (call $wfi) (br_if 0 (i32.lt_u (global.get $t) (i32.const 500)))) (call $w (i32.const 1)) (loop (br 0)))", "(call $w (i32.const 1))", "", DisplayName = "after 500 interrupts")]
    [DataRow("(func $f (export \"f\") (param i32) (result i32) (i32.const 1))", "(i32.const 1)", "(call $f (local.get 0))", DisplayName = "recursion without end")]
    [DataRow("(import \"e\" \"a\" (func $a)) (import \"e\" \"b\" (func $b)) (start $a)", "(start $a)", "(start $b)", DisplayName = "another start function")]
    [DataRow("(import \"e\" \"h\" (func $h (param i32))) (func $s (call $h (i32.const 1))) (start $s)", "(i32.const 1)", "(i32.const 2)", DisplayName = "in the start function")]
    [DataRow("(import \"e\" \"h\" (func $h (result i32))) (func (export \"f\") (result i32) (i32.add (call $h) (call $h)))", "(i32.add (call $h) (call $h))", "(i32.add (call $h) (i32.const 0))", DisplayName = "one call of the host fewer")]
    [DataRow("(table (export \"t\") 2 funcref) (elem (i32.const 1) $p) (func $p (param i32) (result i32) (i32.const 3))", "(i32.const 3)", "(local.get 0)", DisplayName = "by way of an exported table")]
    [DataRow("(memory (export \"m\") 1) (func (export \"f\") (param i32) (result i32) (i32.load (local.get 0)))", "i32.load", "i32.load16_u", DisplayName = "after the host has written")]
    [DataRow("(func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func (export \"f\") (param i32) (result i32) (call $g (i32.mul (local.get 0) (i32.const 2))))", "(i32.add (local.get 0) (i32.const 1))", "(i32.sub (local.get 0) (i32.const 1))", DisplayName = "in a function that an export calls")]
    public void What_a_host_can_see_is_refuted(string before, string from, string to)
    {
        Assert.Contains(from, before);
        Expect(Verdict.Refuted, before, before.Replace(from, to, StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("(import \"e\" \"h\" (func $h)) (memory 1) (func $s (i32.store (i32.const 0) (i32.const 1))) (start $s) (func (export \"f\") (result i32) (i32.load (i32.const 0)) (call $h) (i32.sub (i32.load (i32.const 0))))",
        "(i32.load (i32.const 0)) (call $h) (i32.sub (i32.load (i32.const 0)))", "(call $h) (i32.const 0)", nameof(Verdict.Proved), DisplayName = "memory that the host cannot reach")]
    [DataRow("(import \"e\" \"h\" (func $h)) (memory (export \"m\") 1) (func (export \"f\") (result i32) (i32.store (i32.const 0) (i32.const 1)) (call $h) (i32.load (i32.const 0)))",
        "(i32.load (i32.const 0))", "(i32.const 1)", nameof(Verdict.Unknown), DisplayName = "memory that is exported")]
    [DataRow("(import \"e\" \"h\" (func $h)) (memory 1) (func (export \"w\") (i32.store (i32.const 0) (i32.const 2))) (func (export \"f\") (result i32) (i32.store (i32.const 0) (i32.const 1)) (call $h) (i32.load (i32.const 0)))",
        "(i32.load (i32.const 0))", "(i32.const 1)", nameof(Verdict.Refuted), DisplayName = "memory that an export writes")]
    [DataRow("(import \"e\" \"h\" (func $h (param funcref))) (global $g (mut i32) (i32.const 0)) (elem declare func $w) (func $w (global.set $g (i32.const 2))) (func (export \"f\") (result i32) (global.set $g (i32.const 1)) (call $h (ref.func $w)) (global.get $g))",
        "(global.get $g)", "(i32.const 1)", nameof(Verdict.Unknown), DisplayName = "a global that a function writes to which the host gets a reference")]
    [DataRow("(import \"e\" \"h\" (func $h)) (global $g (mut i32) (i32.const 0)) (table 1 funcref) (elem (i32.const 0) $w) (func $w (global.set $g (i32.const 2))) (func (export \"f\") (param i32) (result i32) (global.set $g (i32.const 1)) (call $h) (global.get $g)) (func (export \"c\") (call_indirect (i32.const 0)))",
        "(global.get $g)", "(i32.const 1)", nameof(Verdict.Refuted), DisplayName = "a global that an export writes by way of a table")]
    [DataRow("(global $g (mut i32) (i32.const 0)) (global $k (mut i32) (i32.const 0)) (table 1 funcref) (elem (i32.const 0) $w) (func $w (global.set $g (i32.const 2))) (func (export \"f\") (param i32) (result i32) (global.set $k (i32.const 1)) (call_indirect (local.get 0)) (global.get $k)) (func (export \"s\") (result i32) (global.get $g))",
        "(global.get $k))", "(i32.const 1))", nameof(Verdict.Proved), DisplayName = "a global that no function of a closed table writes")]
    public void The_host_touches_what_it_can_reach(string before, string from, string to, string verdict)
    {
        Assert.Contains(from, before);
        Expect(Enum.Parse<Verdict>(verdict), before, before.Replace(from, to, StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("pulse.memory", new byte[] { 0x80, 0x80, 4 }, true, DisplayName = "what stands in the limits")]
    [DataRow("pulse.memory", new byte[] { 0x80, 0x80, 2 }, false, DisplayName = "another extent of a memory")]
    [DataRow("pulse.positions", new byte[] { 1, 0 }, true, DisplayName = "positions of calls are for messages")]
    [DataRow("pulse.other", new byte[] { 1 }, false, DisplayName = "a section that the judge does not know")]
    [DataRow("producers", new byte[] { 0 }, true, DisplayName = "a section of somebody else")]
    public void Sections_that_later_stages_obey_are_compared(string name, byte[] contents, bool proved)
    {
        var module = RefinePairs.Binary("(module (memory 1) (func (export \"f\") (result i32) (i32.load (i32.const 0))))");
        byte[] section = [0, (byte)(1 + name.Length + contents.Length), (byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name), .. contents];
        byte[] other = [.. module, .. section];
        foreach (var (x, y) in new[] { (module, other), (other, module) })
        {
            var report = RefinePairs.Check(x, y);
            Assert.AreEqual(proved, report.Verdict == Verdict.Proved, RefinePairs.Describe(report));
        }

        Assert.AreEqual(Verdict.Proved, RefinePairs.Check(other, other).Verdict);
    }

    /// <summary>(import "e" "a" (tag)) (func (export "f") (throw 0)): the text reader has no exceptions.</summary>
    [TestMethod]
    public void Another_tag_is_not_proved()
    {
        byte[] Module(byte name) =>
        [
            0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 8, 1, 1, 0x65, 1, name, 4, 0, 0, 3, 2, 1, 0,
            7, 5, 1, 1, 0x66, 0, 0, 10, 6, 1, 4, 0, 0x08, 0, 0x0B,
        ];
        Assert.AreEqual(Verdict.Proved, RefinePairs.Check(Module((byte)'a'), Module((byte)'a')).Verdict);
        Assert.AreNotEqual(Verdict.Proved, RefinePairs.Check(Module((byte)'a'), Module((byte)'b')).Verdict);
    }
}
