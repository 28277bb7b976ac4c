using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Rewriting;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class ModulePrunerTests
{
    [TestMethod]
    [DataRow("(func $dead) (func (export \"f\"))", 1, DisplayName = "what nobody calls goes")]
    [DataRow("(func $called) (func (export \"f\") (call $called))", 2, DisplayName = "what a live function calls stays")]
    [DataRow("(func $start) (start $start)", 1, DisplayName = "the start function stays")]
    [DataRow("(import \"e\" \"dead\" (func)) (import \"e\" \"live\" (func $live)) (func (export \"f\") (call $live))", 2, DisplayName = "an import nobody calls goes")]
    [DataRow("(table 1 funcref) (elem (i32.const 0) $dead) (func $dead) (func (export \"f\"))", 1, DisplayName = "a table nobody reads keeps nothing alive")]
    [DataRow("(table (export \"t\") 1 funcref) (elem (i32.const 0) $seen) (func $seen) (func (export \"f\"))", 2, DisplayName = "a table that the host sees keeps its functions")]
    [DataRow("(table 1 funcref) (elem (i32.const 7) $traps) (func $traps) (func (export \"f\"))", 2, DisplayName = "a segment that traps when the module is instantiated stays")]
    [DataRow("(global $g funcref (ref.func $held)) (func $held) (func (export \"f\") (result funcref) (global.get $g))", 2, DisplayName = "a live global holds its function")]
    public void Functions_stay_when_something_can_reach_them(string fields, int left) => Assert.HasCount(left, Prune(fields).Functions);

    [TestMethod]
    public void A_passive_element_segment_that_no_code_names_goes()
    {
        const string fields = "(table 2 funcref) (elem $a funcref (ref.func $p)) (elem $b funcref (ref.func $q)) (func $p) (func $q) " +
            "(func (export \"f\") (table.init $b (i32.const 0) (i32.const 0) (i32.const 1)))";
        Assert.HasCount(1, Prune(fields).Elements);
    }

    [TestMethod]
    public void Data_of_a_memory_nobody_uses_goes_with_it()
    {
        var pruned = Prune("(memory 1) (data (i32.const 0) \"abc\") (func (export \"f\"))");
        Assert.IsEmpty(pruned.Memories);
        Assert.IsEmpty(pruned.Data);
    }

    [TestMethod]
    public void The_planned_bytes_of_a_memory_go_with_it()
    {
        var module = WatParser.Parse("(module (memory 1) (memory $b 2) (func (export \"f\") (result i32) (i32.load $b (i32.const 0))))", "test.wat");
        module.CustomSections.Add(MemorySection.Write([100, 200]));
        var pruned = ModulePruner.Prune(module).Module;
        Assert.HasCount(1, pruned.Memories);
        CollectionAssert.AreEqual(new ulong[] { 200 }, MemorySection.Read(pruned).ToArray());
    }

    [TestMethod]
    [DataRow("(table $gone 1 funcref) (elem (table $gone) (i32.const 0) func $f)", DisplayName = "a segment of a table that is gone")]
    [DataRow("(global $gone funcref (ref.func $f))", DisplayName = "a global that is gone")]
    [DataRow("(elem func $f)", DisplayName = "a passive segment that is gone")]
    public void A_function_that_only_code_still_names_is_declared(string declaration)
    {
        var module = Prune($"{declaration} (func $f) (table $t 1 funcref) (func (export \"f\") (table.set $t (i32.const 0) (ref.func $f)))");
        Assert.AreEqual(SegmentMode.Declarative, module.Elements.Single().Mode);
    }

    private static Module Prune(string fields)
    {
        var (module, _) = ModulePruner.Prune(WatParser.Parse($"(module {fields})", "m.wat"));
        Validator.Validate(module, "pruned");
        return module;
    }
}
