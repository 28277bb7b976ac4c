using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Codegen.Suite;

namespace Pulse.Build.Tests.Codegen;

/// <summary>
/// Shapes that are easily lowered wrong run as in the evaluator; with <c>PULSE_LOWERED_SUITE=all</c> in every cost mode, with the optimiser
/// before and without. Calls of one module share a machine: they leave nothing behind that changes another.
/// </summary>
[TestClass]
public sealed class LoweredShapeTests
{
    private static readonly int[] Words = [0, 1, -1, 7, -8, 65535, int.MinValue, int.MaxValue, 65533, -4];

    public static IEnumerable<object[]> Steps => IsWhole ? [[300], [4000]] : [[300]];

    private static bool IsWhole => Environment.GetEnvironmentVariable("PULSE_LOWERED_SUITE") == "all";

    [TestInitialize]
    public void NeedTheEmulator()
    {
        if (!Unicorn.IsPresent)
        {
            Assert.Inconclusive("libunicorn.so.2 is not installed");
        }
    }

    [TestMethod]
    [DataRow("i32.div_s")]
    [DataRow("i32.rem_s")]
    [DataRow("i32.div_u")]
    [DataRow("i32.rem_u")]
    public void A_constant_divides_what_has_a_sign_and_what_has_none(string operation)
    {
        var text = new StringBuilder();
        foreach (var divisor in new[] { -4, -3, -1, 1, 3, 4, 7, 1000, int.MinValue, int.MaxValue, 0 })
        {
            text.Append(CultureInfo.InvariantCulture, $"(func (export \"s{divisor}\") (param i32) (result i32) ({operation} (local.get 0) (i32.const {divisor})))");
            text.Append(CultureInfo.InvariantCulture, $"(func (export \"u{divisor}\") (param i32) (result i32) ({operation} (i32.shr_u (local.get 0) (i32.const 20)) (i32.const {divisor})))");
            text.Append(CultureInfo.InvariantCulture, $"(func (export \"n{divisor}\") (param i32) (result i32) ({operation} (i32.or (local.get 0) (i32.const 0x80000000)) (i32.const {divisor})))");
        }

        RunAll($"(module {text})");
    }

    [TestMethod]
    [DataRow("i64.extend_i32_s (i32.add (i32.shl (local.get 0) (i32.const 31)) (i32.const 5))")]
    [DataRow("i64.extend_i32_s (i32.shr_s (i32.add (i32.shl (local.get 0) (i32.const 31)) (i32.const 0x80000000)) (i32.const 31))")]
    [DataRow("i64.shl (i64.extend_i32_s (local.get 0)) (i64.extend_i32_u (local.get 0))")]
    [DataRow("i64.rotl (i64.extend_i32_s (local.get 0)) (i64.extend_i32_u (local.get 0))")]
    [DataRow("i64.shr_s (i64.const 0x8000000012345678) (i64.extend_i32_u (local.get 0))")]
    [DataRow("i64.clz (i64.extend_i32_u (local.get 0))")]
    [DataRow("i64.ctz (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 33))")]
    [DataRow("i64.div_s (i64.shl (i64.extend_i32_s (local.get 0)) (i64.const 32)) (i64.const -1)")]
    [DataRow("i64.rem_s (i64.shl (i64.extend_i32_s (local.get 0)) (i64.const 32)) (i64.const -1)")]
    [DataRow("i64.div_u (i64.const -1) (i64.extend_i32_s (local.get 0))")]
    [DataRow("i64.rem_u (i64.const -1) (i64.extend_i32_s (local.get 0))")]
    [DataRow("i64.div_u (i64.const 0xFEDCBA9876543210) (i64.extend_i32_u (i32.or (i32.and (local.get 0) (i32.const 0xffff)) (i32.const 1)))")]
    [DataRow("i64.rem_u (i64.const 0xFEDCBA9876543210) (i64.extend_i32_u (i32.or (i32.and (local.get 0) (i32.const 0xffff)) (i32.const 1)))")]
    [DataRow("i64.div_u (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 0x123456789)) (i64.const 65535)")]
    [DataRow("i64.rem_u (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 0x123456789)) (i64.const 65537)")]
    [DataRow("i64.sub (i64.div_u (i64.extend_i32_s (local.get 0)) (i64.const 10)) (i64.mul (i64.rem_u (i64.extend_i32_s (local.get 0)) (i64.const 10)) (i64.const 3))")]
    [DataRow("i64.sub (i64.rem_s (i64.extend_i32_s (local.get 0)) (i64.const -1000)) (i64.div_u (i64.extend_i32_s (local.get 0)) (i64.const -1000))")]
    [DataRow("i64.sub (i64.rem_s (i64.extend_i32_s (local.get 0)) (i64.const -7)) (i64.div_s (i64.extend_i32_s (local.get 0)) (i64.const -7))")]
    [DataRow("select (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 0x100000003)) (i64.const 0x1234567890) (i64.lt_s (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 0x100000003)) (i64.const 0x1234567890))")]
    [DataRow("select (i64.extend_i32_s (local.get 0)) (i64.rotl (i64.extend_i32_s (local.get 0)) (i64.const 32)) (i64.ge_u (i64.extend_i32_s (local.get 0)) (i64.rotl (i64.extend_i32_s (local.get 0)) (i64.const 32)))")]
    [DataRow("select (i64.extend_i32_s (local.get 0)) (i64.const 7) (i64.eq (i64.extend_i32_s (local.get 0)) (i64.rotl (i64.extend_i32_s (local.get 0)) (i64.const 32)))")]
    public void Wide_arithmetic_is_that_of_wasm(string expression) =>
        RunAll($"(module (func (export \"f\") (param i32) (result i64) ({expression})))");

    [TestMethod]
    public void Addresses_near_the_end_of_the_address_space_trap()
    {
        var text = new StringBuilder();
        foreach (var (load, bytes) in new[] { ("i32.load8_u", 1), ("i32.load", 4), ("i64.load", 8) })
        {
            foreach (var offset in new[] { 0u, 1u, 4u, 255u, 4088u, 4096u, 65527u, 65528u, 65529u, 65536u, 0x7FFF_FFFFu, 0x8000_0000u, 0xFFFF_FFF8u, 0xFFFF_FFFFu })
            {
                text.Append(CultureInfo.InvariantCulture, $"(func (export \"{load}{offset}\") (param i32) (drop ({load} offset={offset} align=1 (local.get 0))))");
                text.Append(CultureInfo.InvariantCulture, $"(func (export \"{load}-{offset}\") (param i32) (drop ({load} offset={offset} align=1 (i32.add (local.get 0) (i32.const -{bytes})))) (drop (i32.load8_u (local.get 0))))");
            }
        }

        RunAll($"(module (memory 1) {text})");
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(300)]
    [DataRow(3000)]
    public void A_branch_table_of_any_length_goes_where_it_says(int length)
    {
        var labels = string.Join(" ", Enumerable.Range(0, length).Select(i => i % 7));
        var cases = string.Concat(Enumerable.Range(0, 8).Select(i => $"(return (i32.add (local.get 1) (i32.const {i * 1000}))))"));
        RunAll($"(module (func (export \"f\") (param i32) (result i32) (local i32) {string.Concat(Enumerable.Repeat("(block ", 8))} (br_table {labels} 7 (local.get 0))) {cases[..^1]}))");
    }

    [TestMethod]
    [DynamicData(nameof(Steps))]
    public void Branches_and_constants_reach_over_long_code(int steps)
    {
        // Each step is longer than a few instructions, and everything between the loop's ends has to be branched over.
        var body = string.Concat(Enumerable.Range(0, steps).Select(i =>
            $"(i32.store offset={i % 400 * 4} (i32.const 0) (i32.xor (local.get 1) (i32.const {0x1234567 * (i + 1) & 0x7FFFFFFF})))(local.set 1 (i32.add (local.get 1) (i32.load offset={i * 7 % 400 * 4} (i32.const 0))))"));
        RunAll($"""
            (module (memory 1) (func (export "f") (param i32) (result i32) (local i32)
              (memory.fill (i32.const 0) (i32.const 0) (i32.const 2048))
              (local.set 0 (i32.and (local.get 0) (i32.const 1)))
              (block (br_if 0 (i32.eqz (local.get 0)))
                (loop {body} (br_if 1 (i32.eq (local.get 1) (i32.const 77)))
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
              (local.get 1)))
            """, onlyRaw: steps > 1000);
    }

    [TestMethod]
    [DataRow(30, 20)]
    [DataRow(900, 700)]
    public void Many_parameters_and_results_are_passed(int parameters, int results)
    {
        var types = string.Join(" ", Enumerable.Range(0, parameters).Select(i => i % 3 == 1 ? "i64" : "i32"));
        var resultTypes = string.Join(" ", Enumerable.Range(0, results).Select(i => i % 3 == 1 ? "i64" : "i32"));
        var given = string.Concat(Enumerable.Range(0, parameters).Select(i => i % 3 == 1 ? $"(i64.extend_i32_s (i32.add (local.get 0) (i32.const {i})))" : $"(i32.mul (local.get 0) (i32.const {i}))"));
        var taken = string.Concat(Enumerable.Range(0, results).Select(i => $"(local.get {parameters - (parameters % 3) - 3 - (i / 3 * 3 % (parameters / 3 * 3)) + (i % 3)})"));
        var sum = string.Concat(Enumerable.Range(0, results).Reverse().Select(i => i % 3 == 1 ? "i32.wrap_i64 local.set 1 (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (local.get 1)))"
            : "local.set 1 (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (local.get 1)))"));
        RunAll($"""
            (module (type $t (func (param {types}) (result {resultTypes}))) (table funcref (elem $many))
              (func $many (type $t) {taken})
              (func (export "direct") (param i32) (result i32) (local i32 i32) {given} call $many {sum} (local.get 2))
              (func (export "indirect") (param i32) (result i32) (local i32 i32) {given} (i32.const 0) call_indirect (type $t) {sum} (local.get 2)))
            """, onlyRaw: parameters > 100);
    }

    [TestMethod]
    public void Tail_calls_go_on_with_their_arguments() => RunAll("""
        (module (type $t (func (param i32 i64) (result i32))) (table funcref (elem $even $odd))
          (func $even (type $t) (if (result i32) (local.get 0)
            (then (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3)) (i32.and (local.get 0) (i32.const 1))))
            (else (i32.wrap_i64 (local.get 1)))))
          (func $odd (type $t) (if (result i32) (local.get 0)
            (then (return_call $even (i32.sub (local.get 0) (i32.const 1)) (i64.sub (local.get 1) (i64.const 1))))
            (else (i32.const -1))))
          (func (export "f") (param i32) (result i32) (return_call_indirect (type $t) (i32.and (local.get 0) (i32.const 0xfff)) (i64.const 9) (i32.and (local.get 0) (i32.const 3)))))
        """);

    private static void RunAll(string wat, bool onlyRaw = false)
    {
        var wasm = ModuleWriter.Write(WatParser.Parse(wat, "test.wat"));
        var module = ModuleReader.Read(wasm, "test.wasm");
        var cases = module.Exports.Where(export => export.Kind == ExternKind.Function)
            .SelectMany(export => Words.Select(word => (Export: export, Arguments: new[] { RuntimeValue.I32(word) })))
            .Select(c => (c.Export, c.Arguments, Expected: LoweredRun.Expect(wasm, c.Export, c.Arguments)!)).ToList();
        foreach (var setting in LoweringSetting.All.Where(setting => onlyRaw ? setting == new LoweringSetting(CostMode.Balanced, false) : IsWhole || setting.IsOptimized == (setting.Mode == CostMode.Size)))
        {
            var run = new LoweredRun(wasm, new CompilerOptions(BoundsMode.Software, setting.Mode), setting.IsOptimized);
            using var machine = run.NewMachine();
            foreach (var (export, arguments, expected) in cases)
            {
                run.Check(machine, expected, export, arguments, $"{setting}, {export.Name}({arguments[0].AsI32})");
            }
        }
    }
}
