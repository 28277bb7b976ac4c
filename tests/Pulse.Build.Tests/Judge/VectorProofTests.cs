using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Judge;

/// <summary>Vectors and atomics: what is equal because it is the same operation, what is exact, and what may not change.</summary>
[TestClass]
public sealed class VectorProofTests
{
    private const string Memories = "(memory (export \"m\") 1 2) (memory (export \"s\") 1 2 shared)";

    private static Verdict Judge(string before, string after)
        => RefinePairs.Check($"(module {Memories} {before})", $"(module {Memories} {after})").Verdict;

    private static string F(string signature, string body) => $"(func (export \"f\") {signature} {body})";

    [TestMethod]
    [DataRow("(param v128 v128) (result v128)", "(i32x4.add (local.get 0) (v128.and (local.get 1) (local.get 1)))", "(i32x4.add (local.get 0) (local.get 1))", DisplayName = "the same operation on equal operands")]
    [DataRow("(param v128 v128) (result v128)", "(f32x4.mul (local.get 0) (v128.not (v128.not (local.get 1))))", "(f32x4.mul (local.get 0) (local.get 1))", DisplayName = "floats")]
    [DataRow("(param v128 v128) (result v128)", "(i8x16.relaxed_swizzle (local.get 0) (v128.or (local.get 1) (local.get 1)))", "(i8x16.relaxed_swizzle (local.get 0) (local.get 1))", DisplayName = "a relaxed operation")]
    [DataRow("(param i32) (result v128)", "(v128.store (local.get 0) (v128.const i64x2 1 2)) (v128.load (local.get 0))", "(v128.store (local.get 0) (v128.const i64x2 1 2)) (v128.const i64x2 1 2)", DisplayName = "a load of what was stored")]
    [DataRow("(param i32) (result i64)", "(v128.store (local.get 0) (v128.const i64x2 1 2)) (i64.load offset=8 (local.get 0))", "(v128.store (local.get 0) (v128.const i64x2 1 2)) (i64.const 2)", DisplayName = "a scalar load of half of it")]
    [DataRow("(param i32 v128)", "(v128.store (local.get 0) (v128.const i64x2 1 2)) (v128.store (local.get 0) (local.get 1))", "(v128.store (local.get 0) (local.get 1))", DisplayName = "a covered store")]
    [DataRow("(param i32 v128)", "(v128.store16_lane 3 (local.get 0) (local.get 1))", "(i32.store16 (local.get 0) (i16x8.extract_lane_u 3 (local.get 1)))", DisplayName = "a lane that is stored")]
    [DataRow("(param i32) (result v128)", "(v128.load32_splat (local.get 0))", "(i32x4.splat (i32.load (local.get 0)))", DisplayName = "a splat of what is loaded")]
    [DataRow("(param i32 v128) (result v128) (local v128)", "(loop (local.set 2 (i8x16.add (local.get 2) (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 2)",
        "(loop (local.set 2 (i8x16.add (local.get 2) (local.get 1))) (br_if 0 (local.tee 0 (i32.add (local.get 0) (i32.const -1))))) (local.get 2)", DisplayName = "a loop that carries a vector")]
    [DataRow("(param i32 v128) (result v128)", "(select (local.get 1) (v128.const i64x2 0 0) (i32.and (local.get 0) (i32.const 0)))", "(v128.const i64x2 0 0)", DisplayName = "a choice")]
    [DataRow("(param i32) (result i32)", "(i32.atomic.rmw.add 1 (i32.const 8) (i32.add (local.get 0) (i32.const 0)))", "(i32.atomic.rmw.add 1 (i32.const 8) (local.get 0))", DisplayName = "the same atomic operation")]
    [DataRow("(param i32) (result i32)", "(i32.store 1 (i32.const 4) (local.get 0)) (i32.load 1 (i32.const 4))", "(i32.store 1 (i32.const 4) (local.get 0)) (local.get 0)", DisplayName = "a plain load of what this thread has stored")]
    [DataRow("(param i32) (result i32)", "(memory.atomic.wait32 0 (i32.const 4) (local.get 0) (i64.const 1))", "(drop (memory.atomic.wait32 0 (i32.const 4) (i32.const 0) (i64.const 1))) (unreachable)", DisplayName = "to wait on a memory of this thread alone traps")]
    [DataRow("(param i32) (result i32)", "(i32.atomic.load 1 (i32.or (i32.shl (local.get 0) (i32.const 1)) (i32.const 1)))", "(drop (i32.atomic.load 1 (i32.or (i32.shl (local.get 0) (i32.const 1)) (i32.const 1)))) (unreachable)", DisplayName = "an odd address is never aligned")]
    public void Equal_code_is_proved(string signature, string before, string after) => Assert.AreEqual(Verdict.Proved, Judge(F(signature, before), F(signature, after)));

    [TestMethod]
    [DataRow("(param v128 v128) (result v128)", "(i32x4.add (local.get 0) (local.get 1))", "(i32x4.sub (local.get 0) (local.get 1))", DisplayName = "another operation")]
    [DataRow("(param v128 v128) (result v128)", "(i32x4.add (local.get 0) (local.get 1))", "(i16x8.add (local.get 0) (local.get 1))", DisplayName = "other lanes")]
    [DataRow("(param v128 v128) (result v128)", "(f32x4.sub (local.get 0) (local.get 1))", "(f32x4.sub (local.get 1) (local.get 0))", DisplayName = "exchanged operands")]
    [DataRow("(param v128 v128) (result v128)", "(i8x16.relaxed_swizzle (local.get 0) (local.get 1))", "(i8x16.swizzle (local.get 0) (local.get 1))", DisplayName = "the strict form of a relaxed operation")]
    [DataRow("(param v128 v128) (result v128)", "(i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 0) (local.get 1))", "(i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 16 (local.get 0) (local.get 1))", DisplayName = "another immediate")]
    [DataRow("(param v128) (result i32)", "(i16x8.extract_lane_s 2 (local.get 0))", "(i16x8.extract_lane_u 2 (local.get 0))", DisplayName = "another extension")]
    [DataRow("(param v128) (result i64)", "(i64x2.extract_lane 0 (local.get 0))", "(i64x2.extract_lane 1 (local.get 0))", DisplayName = "the other half")]
    [DataRow("(param i32) (result v128)", "(v128.load (local.get 0))", "(v128.load64_zero (local.get 0))", DisplayName = "half of a load, which traps elsewhere too")]
    [DataRow("(param i32 v128)", "(v128.store (local.get 0) (local.get 1))", "(i64.store (local.get 0) (i64x2.extract_lane 0 (local.get 1)))", DisplayName = "half of a store")]
    [DataRow("(param i32) (result v128)", "(v128.load8x8_s (local.get 0))", "(v128.load8x8_u (local.get 0))", DisplayName = "another extension of what is loaded")]
    [DataRow("(param v128 v128 v128) (result v128)", "(v128.bitselect (local.get 0) (local.get 1) (local.get 2))", "(v128.bitselect (local.get 1) (local.get 0) (local.get 2))", DisplayName = "the other choice")]
    [DataRow("(param i32) (result i32)", "(i32.atomic.rmw.add 1 (i32.const 8) (local.get 0))", "(i32.atomic.rmw.sub 1 (i32.const 8) (local.get 0))", DisplayName = "another atomic operation")]
    [DataRow("(param i32)", "(drop (i32.atomic.load 1 (i32.const 8)))", "", DisplayName = "an atomic load that vanishes")]
    [DataRow("(param i32)", "(atomic.fence)", "", DisplayName = "a fence that vanishes")]
    [DataRow("(param i32)", "(i32.atomic.store 1 (i32.const 8) (local.get 0)) (i32.atomic.store 1 (i32.const 16) (local.get 0))", "(i32.atomic.store 1 (i32.const 16) (local.get 0)) (i32.atomic.store 1 (i32.const 8) (local.get 0))", DisplayName = "another order")]
    [DataRow("(param i32)", "(i32.atomic.store 1 (i32.const 8) (local.get 0))", "(i32.store 1 (i32.const 8) (local.get 0))", DisplayName = "a plain store in place of an atomic one")]
    [DataRow("(param i32) (result i32)", "(i32.store 1 (i32.const 4) (local.get 0)) (atomic.fence) (i32.load 1 (i32.const 4))", "(i32.store 1 (i32.const 4) (local.get 0)) (atomic.fence) (local.get 0)", DisplayName = "what another thread may have written meanwhile")]
    [DataRow("(param i32)", "(i32.store 1 (i32.const 4) (local.get 0)) (i32.atomic.store 1 (i32.const 8) (i32.const 1))", "(i32.atomic.store 1 (i32.const 8) (i32.const 1)) (i32.store 1 (i32.const 4) (local.get 0))", DisplayName = "a plain store behind the atomic one that publishes it")]
    [DataRow("(param i32)", "(i32.store 1 (i32.const 4) (local.get 0)) (atomic.fence) (i32.store 1 (i32.const 4) (i32.const 1))", "(atomic.fence) (i32.store 1 (i32.const 4) (i32.const 1))", DisplayName = "a store that another thread may have seen")]
    [DataRow("(param i32) (result i32)", "(i32.atomic.load 1 (local.get 0))", "(i32.atomic.load 1 offset=4 (i32.sub (local.get 0) (i32.const 4)))", DisplayName = "an address that wraps")]
    [DataRow("(param i32) (result i32)", "(memory.atomic.notify 1 (i32.const 4) (local.get 0))", "(i32.const 0)", DisplayName = "nobody is notified")]
    [DataRow("(param i32) (result i32)", "(i32.store (i32.const 8) (i32.const 1)) (memory.atomic.wait32 1 (i32.const 4) (local.get 0) (i64.const -1))", "(memory.atomic.wait32 1 (i32.const 4) (local.get 0) (i64.const -1)) (i32.store (i32.const 8) (i32.const 1))", DisplayName = "a store behind an endless wait")]
    public void Other_code_is_not_proved(string signature, string before, string after) => Assert.AreNotEqual(Verdict.Proved, Judge(F(signature, before), F(signature, after)));

    [TestMethod]
    [DataRow("(v128.const i64x2 1 2)", "(v128.const i64x2 1 3)", DisplayName = "another initial global")]
    [DataRow("(global.set $g (local.get 0))", "(nop)", DisplayName = "a global that is not set")]
    public void Vector_globals_are_part_of_the_state(string from, string to)
    {
        const string module = "(module (global $g (export \"g\") (mut v128) (v128.const i64x2 1 2)) (func (export \"f\") (param v128) (result v128) (global.set $g (local.get 0)) (v128.not (global.get $g))))";
        Assert.AreEqual(Verdict.Proved, RefinePairs.Check(module, module.Replace("(v128.not (global.get $g))", "(v128.not (local.get 0))", StringComparison.Ordinal)).Verdict);
        Assert.AreNotEqual(Verdict.Proved, RefinePairs.Check(module, module.Replace(from, to, StringComparison.Ordinal)).Verdict);
    }
}
