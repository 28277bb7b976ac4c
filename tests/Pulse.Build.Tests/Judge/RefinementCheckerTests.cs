using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Smt.Locating;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Judge;

[TestClass]
public sealed class RefinementCheckerTests
{
    private static RefinementReport Expect(Verdict verdict, string before, string after)
    {
        var report = RefinePairs.Check($"(module {before})", $"(module {after})");
        Assert.AreEqual(verdict, report.Verdict, RefinePairs.Describe(report));
        return report;
    }

    [TestMethod]
    public void A_missing_export_is_refuted() => Expect(Verdict.Refuted, "(func (export \"a\")) (func (export \"b\"))", "(func (export \"a\"))");

    [TestMethod]
    public void An_export_of_another_function_is_refuted() => Expect(Verdict.Refuted,
        "(func (export \"a\") (result i32) (i32.const 1)) (func (export \"b\") (result i32) (i32.const 2))",
        "(func (export \"b\") (result i32) (i32.const 1)) (func (export \"a\") (result i32) (i32.const 2))");

    [TestMethod]
    public void A_new_import_is_refuted() => Expect(Verdict.Refuted, "(func (export \"a\"))", "(import \"e\" \"x\" (func)) (func (export \"a\"))");

    [TestMethod]
    public void Other_initial_memory_is_refuted() => Expect(Verdict.Refuted,
        "(memory (export \"m\") 1) (data (i32.const 8) \"abc\")", "(memory (export \"m\") 1) (data (i32.const 8) \"abd\")");

    [TestMethod]
    public void The_same_initial_memory_in_other_segments_is_proved() => Expect(Verdict.Proved,
        "(memory (export \"m\") 1) (data (i32.const 8) \"ab\\00\\00\\00\\00cd\")", "(memory (export \"m\") 1) (data (i32.const 14) \"cd\") (data (i32.const 8) \"ab\")");

    [TestMethod]
    public void Other_memory_limits_are_refuted() => Expect(Verdict.Refuted, "(memory (export \"m\") 1 2)", "(memory (export \"m\") 1 3)");

    [TestMethod]
    public void Another_initial_global_is_refuted() => Expect(Verdict.Refuted,
        "(global (export \"g\") (mut i32) (i32.const 1))", "(global (export \"g\") (mut i32) (i32.const 2))");

    [TestMethod]
    public void Another_table_entry_is_refuted() => Expect(Verdict.Refuted,
        "(table (export \"t\") 2 funcref) (elem (i32.const 0) $a $b) (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2))",
        "(table (export \"t\") 2 funcref) (elem (i32.const 0) $a $a) (func $a (result i32) (i32.const 1))");

    [TestMethod]
    public void Copies_between_two_memories_in_the_other_direction_are_refuted() => Expect(Verdict.Refuted,
        "(memory (export \"a\") 1) (memory (export \"b\") 1) (func (export \"f\") (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 4)))",
        "(memory (export \"a\") 1) (memory (export \"b\") 1) (func (export \"f\") (memory.copy 1 0 (i32.const 0) (i32.const 0) (i32.const 4)))");

    [TestMethod]
    public void The_size_of_another_memory_is_refuted() => Expect(Verdict.Refuted,
        "(memory (export \"a\") 1) (memory (export \"b\") 2) (func (export \"f\") (result i32) (memory.size 0))",
        "(memory (export \"a\") 1) (memory (export \"b\") 2) (func (export \"f\") (result i32) (memory.size 1))");

    [TestMethod]
    public void A_store_that_vanishes_before_a_trap_is_refuted() => Expect(Verdict.Refuted,
        "(memory (export \"m\") 1) (func (export \"f\") (i32.store (i32.const 0) (i32.const 1)) (unreachable))",
        "(memory (export \"m\") 1) (func (export \"f\") (unreachable))");

    [TestMethod]
    [DataRow("(unreachable)", "(i32.div_u (local.get 0) (i32.const 0))", DisplayName = "unreachable, division by zero")]
    [DataRow("(i32.div_s (i32.const 0x80000000) (i32.const -1))", "(i32.div_s (local.get 0) (i32.const 0))", DisplayName = "overflow, division by zero")]
    [DataRow("(i32.trunc_f32_s (f32.const nan))", "(i32.trunc_f32_s (f32.const 1e30))", DisplayName = "no number, overflow")]
    [DataRow("(i32.load (i32.const 0))", "(call_indirect (result i32) (i32.const 2))", DisplayName = "memory, no slot")]
    [DataRow("(call_indirect (result i32) (i32.const 2))", "(call_indirect (result i32) (i32.const 1))", DisplayName = "no slot, empty slot")]
    [DataRow("(call_indirect (result i32) (i32.const 1))", "(call_indirect (result i32) (i32.const 0))", DisplayName = "empty slot, other type")]
    [DataRow("(i32.atomic.load offset=1 (i32.const 0))", "(i32.load offset=1 (i32.const 0))", DisplayName = "alignment before bounds")]
    [DataRow("(memory.atomic.wait32 1 (i32.const 0) (i32.const 0) (i64.const 0))", "(i32.atomic.load 1 offset=1 (i32.const 0))", DisplayName = "not shared, not aligned")]
    [DataRow("(i32.div_u (i32.load (i32.const 0)) (i32.const 0))", "(i32.load (i32.div_u (i32.const 0) (i32.const 0)))", DisplayName = "the one that comes first")]
    public void A_trap_of_another_kind_is_not_the_same(string one, string other)
    {
        const string Rest = "(memory (export \"m\") 0) (memory 1) (table 2 2 funcref) (elem (i32.const 0) $other) (func $other) ";
        var (before, after) = ($"{Rest}(func (export \"f\") (param i32) (result i32) {one})", $"{Rest}(func (export \"f\") (param i32) (result i32) {other})");
        Expect(Verdict.Proved, before, before.Replace("(local.get 0)", "(i32.const 7)", StringComparison.Ordinal));
        var report = RefinePairs.Check($"(module {before})", $"(module {after})");
        Assert.AreNotEqual(Verdict.Proved, report.Verdict, RefinePairs.Describe(report));
    }

    [TestMethod]
    public void Checks_of_several_kinds_in_one_state_keep_their_order_of_kinds()
    {
        string Module(string first, string second, string third)
            => $"(memory 1) (func (export \"f\") (param i32 i32 i32) (drop {first}) (drop {second}) (drop {third}))";
        const string One = "(i32.load (local.get 0))", Two = "(i32.load (local.get 1))", Other = "(i32.div_u (i32.const 1) (local.get 2))";
        Expect(Verdict.Proved, Module(One, Two, Other), Module(Two, One, Other));
        Expect(Verdict.Refuted, Module(One, Other, Two), Module(Two, Other, One));
    }

    [TestMethod]
    [DataRow("(return_call $f (i32.sub (local.get 0) (i32.const 1)))", "(call $f (i32.sub (local.get 0) (i32.const 1)))", DisplayName = "of the function itself")]
    [DataRow("(return_call $g (local.get 0))", "(return (call $g (local.get 0)))", DisplayName = "of another")]
    [DataRow("(return_call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))", "(call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))", DisplayName = "through a known slot")]
    [DataRow("(return_call_indirect (param i32) (result i32) (local.get 0) (local.get 0))", "(call_indirect (param i32) (result i32) (local.get 0) (local.get 0))", DisplayName = "through any slot")]
    public void A_tail_call_stays_one(string tail, string call)
    {
        string Module(string body, string condition) => $"(import \"e\" \"h\" (func $h (param i32) (result i32))) (table 1 1 funcref) (elem (i32.const 0) $g)"
            + "(func $g (param i32) (result i32) (i32.add (call $h (local.get 0)) (local.get 0)))"
            + $"(func $f (export \"f\") (param i32) (result i32) (if {condition} (then (return (i32.const 7)))) {body})";
        Expect(Verdict.Proved, Module(tail, "(i32.eqz (local.get 0))"), Module(tail, "(i32.eq (local.get 0) (i32.const 0))"));
        foreach (var (before, after) in ((string, string)[])[(tail, call), (call, tail)])
        {
            var report = RefinePairs.Check($"(module {Module(before, "(i32.eqz (local.get 0))")})", $"(module {Module(after, "(i32.eqz (local.get 0))")})");
            Assert.AreEqual(Verdict.Unknown, report.Verdict, RefinePairs.Describe(report));
        }
    }

    [TestMethod]
    public void Tail_calls_of_a_callee_put_in_place_of_a_call_are_calls()
    {
        string Module(string body) => "(import \"e\" \"h\" (func $h (param i32) (result i32))) (func $g (param i32) (result i32) (return_call $h (i32.add (local.get 0) (i32.const 1))))"
            + $"(func (export \"f\") (param i32) (result i32) {body})";
        Expect(Verdict.Proved, Module("(i32.add (call $g (local.get 0)) (i32.const 1))"), Module("(i32.add (call $h (i32.add (local.get 0) (i32.const 1))) (i32.const 1))"));
        Expect(Verdict.Proved, Module("(return_call $g (local.get 0))"), Module("(return_call $h (i32.add (local.get 0) (i32.const 1)))"));
        Expect(Verdict.Unknown, Module("(return_call $g (local.get 0))"), Module("(return (call $h (i32.add (local.get 0) (i32.const 1))))"));
    }

    [TestMethod]
    public void A_covered_store_may_vanish() => Expect(Verdict.Proved,
        "(memory (export \"m\") 1) (func (export \"f\") (param i32) (i32.store (local.get 0) (i32.const 1)) (i32.store (local.get 0) (i32.const 2)))",
        "(memory (export \"m\") 1) (func (export \"f\") (param i32) (i32.store (local.get 0) (i32.const 2)))");

    [TestMethod]
    public void A_dropped_load_that_may_trap_is_refuted() => Expect(Verdict.Refuted,
        "(memory 1) (func (export \"f\") (param i32) (drop (i32.load (local.get 0))))", "(memory 1) (func (export \"f\") (param i32))");

    [TestMethod]
    public void A_bounds_check_that_cannot_fail_may_vanish() => Expect(Verdict.Proved,
        "(memory 1) (func (export \"f\") (param i32) (drop (i32.load (i32.and (local.get 0) (i32.const 255)))))", "(memory 1) (func (export \"f\") (param i32))");

    [TestMethod]
    public void An_endless_loop_must_stay()
        => Expect(Verdict.Refuted, "(func (export \"f\") (loop (br 0)))", "(func (export \"f\"))");

    [TestMethod]
    public void A_loop_that_never_repeats_may_become_straight_code() => Expect(Verdict.Proved,
        "(func (export \"f\") (param i32) (result i32) (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (local.get 1))) (local.get 0))",
        "(func (export \"f\") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))");

    [TestMethod]
    public void A_loop_in_unreachable_code_does_not_block_a_proof() => Expect(Verdict.Proved,
        "(func (export \"f\") (param i32) (result i32) (if (i32.const 0) (then (loop (br_if 0 (local.get 0))))) (local.get 0))",
        "(func (export \"f\") (param i32) (result i32) (local.get 0))");

    [TestMethod]
    public void A_known_slot_of_a_closed_table_is_a_direct_call() => Expect(Verdict.Proved,
        "(type $t (func (result i32))) (import \"e\" \"p\" (func $p (result i32))) (table 1 funcref) (elem (i32.const 0) $a) (func $a (result i32) (call $p)) (func (export \"g\") (result i32) (call_indirect (type $t) (i32.const 0)))",
        "(import \"e\" \"p\" (func $p (result i32))) (func (export \"g\") (result i32) (call $p))");

    [TestMethod]
    public void An_inlined_callee_with_a_loop_is_proved() => Expect(Verdict.Proved,
        "(memory (export \"m\") 1) (func $z (param i32 i32) (loop (i32.store8 (local.get 0) (i32.const 0)) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (local.get 1))))) (func (export \"f\") (call $z (i32.const 16) (i32.const 32)))",
        "(memory (export \"m\") 1) (func (export \"f\") (local i32) (local.set 0 (i32.const 16)) (loop (i32.store8 (local.get 0) (i32.const 0)) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 32)))))");

    [TestMethod]
    public void Division_by_a_constant_as_multiplication_is_proved_over_the_integers()
    {
        var report = Expect(Verdict.Proved,
            "(func (export \"f\") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 10)))",
            "(func (export \"f\") (param i32) (result i32) (i32.wrap_i64 (i64.shr_u (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 0xCCCCCCCD)) (i64.const 35))))");
        Assert.IsGreaterThan(0, report.Queries);
        Assert.IsLessThan(100_000, report.LargestWork, "ten-fold headroom below the budget");
    }

    [TestMethod]
    public void Callees_that_stand_in_another_order_are_told_apart_by_likeness() => Expect(Verdict.Proved,
        """
        (memory (export "m") 1)
        (func $a (param i32) (result i32) (loop (br_if 0 (i32.load offset=7 (local.get 0)))) (i32.add (i32.load offset=16 (local.get 0)) (i32.const 0)))
        (func $b (param i32) (result i32) (loop (br_if 0 (i32.load offset=7 (local.get 0)))) (i32.add (i32.load offset=32 (local.get 0)) (i32.const 0)))
        (func (export "f") (param i32) (result i32) (if (result i32) (local.get 0) (then (call $a (local.get 0))) (else (call $b (local.get 0)))))
        """,
        """
        (memory (export "m") 1)
        (func $a (param i32) (result i32) (loop (br_if 0 (i32.load offset=7 (local.get 0)))) (i32.load offset=16 (local.get 0)))
        (func $b (param i32) (result i32) (loop (br_if 0 (i32.load offset=7 (local.get 0)))) (i32.load offset=32 (local.get 0)))
        (func (export "f") (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (call $b (local.get 0))) (else (call $a (local.get 0)))))
        """);

    [TestMethod]
    public void An_instruction_without_a_model_is_unknown_and_named()
    {
        var before = Reserved(0);
        var same = RefinePairs.Check(before, before);
        Assert.AreEqual(Verdict.Proved, same.Verdict, RefinePairs.Describe(same));
        var other = RefinePairs.Check(before, Reserved(1));
        Assert.AreEqual(Verdict.Unknown, other.Verdict);
        StringAssert.Contains(other.Functions[0].Reason, "vector instruction", StringComparison.Ordinal);
    }

    /// <summary>(func (export "f") (drop (i32.const n)) (drop (reserved (i32.const 0))))</summary>
    private static byte[] Reserved(byte n) =>
    [
        0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0,
        10, 13, 1, 11, 0, 0x41, n, 0x1A, 0x41, 0, 0xFD, 0x9A, 1, 0x1A, 0x0B,
    ];

    [TestMethod]
    public void A_truncated_module_is_a_diagnostic_with_its_offset()
    {
        var module = RefinePairs.Golden("n01-return-of-callee", "before");
        for (var length = 0; length < module.Length; length++)
        {
            try
            {
                RefinePairs.Check(module, module[..length]);
            }
            catch (DiagnosticException e)
            {
                Assert.IsTrue(e.Diagnostic.Id is DiagnosticId.PULSE1001 or DiagnosticId.PULSE1003, e.Message);
                Assert.IsGreaterThanOrEqualTo(0, e.Diagnostic.Location.Offset);
            }
        }
    }

    [TestMethod]
    public void A_mutated_module_never_throws_anything_but_a_diagnostic()
    {
        var module = RefinePairs.Golden("n05-effect-of-dropped-call", "before");
        for (var at = 8; at < module.Length; at++)
        {
            foreach (var flip in new byte[] { 1, 0x80, 0x7F })
            {
                var mutant = (byte[])module.Clone();
                mutant[at] ^= flip;
                try
                {
                    RefinePairs.Check(module, mutant);
                }
                catch (DiagnosticException)
                {
                    // Refused, as it should be.
                }
            }
        }
    }

    [TestMethod]
    public void A_missing_solver_says_what_to_do()
    {
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Z3Locator.Find("/nowhere/libz3.so"));
        Assert.AreEqual(DiagnosticId.PULSE3001, error.Diagnostic.Id);
        StringAssert.Contains(error.Message, "PulseZ3Path", StringComparison.Ordinal);
    }

    [TestMethod]
    public void The_z3_program_decides_as_the_library_does()
    {
        if (Z3ProcessSolver.TryStart("z3") is not { } program)
        {
            Assert.Inconclusive("no z3 program");
            return;
        }

        foreach (var (kind, verdict) in new[] { ("good", Verdict.Proved), ("bad", Verdict.Refuted) })
        {
            var report = RefinementChecker.Check(RefinePairs.Golden("n09-address-wraps", "before"), RefinePairs.Golden("n09-address-wraps", kind), new RefinementOptions(), program);
            Assert.AreEqual(verdict, report.Verdict, RefinePairs.Describe(report));
        }
    }

    [TestMethod]
    public void Reports_and_solver_texts_are_the_same_every_time()
    {
        var (first, second) = (Run("a"), Run("b"));
        Assert.AreEqual(first, second);

        static string Run(string name)
        {
            var folder = Path.Combine(Path.GetTempPath(), "pulse-judge-" + Environment.ProcessId, name);
            var report = RefinePairs.Check(
                RefinePairs.Binary("(module (func (export \"f\") (param i32) (result i32) (i32.rem_u (local.get 0) (i32.const 6))))"),
                RefinePairs.Binary("(module (func (export \"f\") (param i32) (result i32) (i32.sub (local.get 0) (i32.mul (i32.div_u (local.get 0) (i32.const 6)) (i32.const 6)))))"),
                new RefinementOptions { SmtFolder = folder });
            var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
            Assert.IsNotEmpty(files);
            var text = RefinePairs.Describe(report) + report.LargestWork + string.Concat(files.Select(f => Path.GetFileName(f) + File.ReadAllText(f)));
            Directory.Delete(folder, recursive: true);
            return text;
        }
    }

    [TestMethod]
    public void The_fixed_modules_of_the_suites_refine_themselves()
    {
        foreach (var file in SharedMaterial.Files("suites/build", "*.core.wasm"))
        {
            var module = File.ReadAllBytes(file);
            var report = RefinePairs.Check(module, module);
            Assert.AreEqual(Verdict.Proved, report.Verdict, file);
            Assert.IsTrue(report.Functions.All(f => f.Identical), file);
        }
    }
}
