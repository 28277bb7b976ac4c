using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Shared;
using Register = Pulse.Build.Engine.Thumb.Register;
using Place = Pulse.Build.Engine.Codegen.RegisterAllocator.Location;

namespace Pulse.Build.Tests.Codegen;

[TestClass]
public sealed class ModuleCompilerTests
{
    private const string Mix = """
        (module (func (export "mix") (param $ch i32) (result i32) (local $v i32)
          (local.set $v (i32.add (i32.shr_s (i32.sub (i32.shl (i32.and (local.get $ch) (i32.const 65535)) (i32.const 8)) (i32.const 262144)) (i32.const 8)) (i32.const 1500)))
          (local.set $v (select (i32.const 1000) (local.get $v) (i32.lt_s (local.get $v) (i32.const 1000))))
          (select (i32.const 2000) (local.get $v) (i32.gt_s (local.get $v) (i32.const 2000)))))
        """;

    internal static CompiledModule Compile(string wat, BoundsMode bounds = BoundsMode.Software) =>
        ModuleCompiler.Compile(ProgramReader.Read(WatParser.Parse(wat, "test.wat")), "test.wat", new CompilerOptions(bounds));

    private static DiagnosticId Refused(string wat) => Assert.ThrowsExactly<DiagnosticException>(() => Compile(wat)).Diagnostic.Id;

    [TestMethod]
    public void A_mixer_of_16_bit_channels_takes_28_bytes()
    {
        var function = Compile(Mix).Functions.Single();
        Assert.AreEqual(28, function.Code.Code.Bytes.Length, Listing.Print(Compile(Mix)));
        Assert.AreEqual(0, function.Code.StackBytes);
    }

    [TestMethod]
    public void A_second_access_of_a_checked_address_is_not_checked_again()
    {
        const string Wat = """
            (module (memory 1) (func (export "sum") (param i32) (result i32)
              (i32.add (i32.load (local.get 0)) (i32.load offset=4 (local.get 0)))))
            """;
        var listing = Listing.Print(Compile(Wat));
        Assert.HasCount(2, listing.Split("bhi"), listing);
        Assert.DoesNotContain("bhi", Listing.Print(Compile(Wat, BoundsMode.None)));
    }

    [TestMethod]
    public void An_address_with_few_bits_is_not_checked()
    {
        var listing = Listing.Print(Compile("(module (memory 1) (func (export \"f\") (param i32) (result i32) (i32.load8_u (i32.and (local.get 0) (i32.const 4095)))))"));
        Assert.DoesNotContain("udf", listing);
    }

    [TestMethod]
    [DataRow("(module (func (export \"f\") (param f32) (result f32) (f32.add (local.get 0) (local.get 0))))", DiagnosticId.PULSE4002)]
    [DataRow("(module (import \"pulse:hal/mmio\" \"read64\" (func (result i32))) (func (export \"f\") (result i32) (call 0)))", DiagnosticId.PULSE4002)]
    [DataRow("(module (import \"pulse:hal/mmio\" \"read32\" (func)) (func (export \"f\") (call 0)))", DiagnosticId.PULSE4002)]
    [DataRow("(module (import \"pulse:hal/mmio\" \"read32\" (func (param i64) (result i32))) (func (export \"f\") (drop (call 0 (i64.const 0)))))", DiagnosticId.PULSE4002)]
    [DataRow("(module (import \"pulse:hal/cpu\" \"wfi\" (func (result i32))) (func (export \"f\") (drop (call 0))))", DiagnosticId.PULSE4002)]
    [DataRow("(module (import \"pulse:hal/semihosting\" \"exit\" (func (param i32 i32))) (func (export \"f\") (call 0 (i32.const 0) (i32.const 0))))", DiagnosticId.PULSE4002)]
    [DataRow("(module (memory 20000))", DiagnosticId.PULSE4003)]
    [DataRow("(module (type $t (func)) (table 1 funcref) (elem (i32.const 5) 0) (func (type $t)) (func (export \"f\") (call_indirect (type $t) (i32.const 0))))", DiagnosticId.PULSE4004)]
    [DataRow("(module (table 3000000000 funcref) (func (export \"f\") (call_indirect (i32.const 0))))", DiagnosticId.PULSE4004)]
    [DataRow("(module (memory 1) (data (i32.const 65535) \"ab\"))", DiagnosticId.PULSE4005)]
    [DataRow("(module (import \"m\" \"g\" (global (mut i32))))", DiagnosticId.PULSE4006)]
    [DataRow("(module (func (export \"__pulse_memory0\")))", DiagnosticId.PULSE4007)]
    [DataRow("(module (func (export \"a\\00b\")))", DiagnosticId.PULSE4007)]
    [DataRow("(module (import \"a.b\" \"c\" (func)) (import \"a\" \"b.c\" (func)) (func (export \"c\")) (func (export \"b.c\")) (func (export \"r\") (call 0) (call 1)))", DiagnosticId.PULSE4007)]
    public void What_cannot_be_lowered_is_refused_by_name(string wat, DiagnosticId id) => Assert.AreEqual(id, Refused(wat));

    [TestMethod]
    public void An_exported_function_has_its_own_name_besides()
    {
        var symbols = Compile("""(func $"app!main" (export "run") (call $helper)) (func $helper unreachable) (func (export "nameless"))""").Object.Symbols;
        CollectionAssert.AreEquivalent(
            new[] { "run Global", "app!main.0 Local", "helper.1 Local", "nameless Global" },
            symbols.Where(symbol => symbol.Type == SymbolType.Function).Select(symbol => $"{symbol.Name} {symbol.Binding}").ToArray());
    }

    [TestMethod]
    public void A_function_whose_SSA_form_would_be_out_of_proportion_is_refused_by_name()
    {
        var program = ProgramReader.Read(ModuleShapes.Make("nested-loops", 4200));
        var refusal = Assert.ThrowsExactly<DiagnosticException>(() => ModuleCompiler.Compile(program, "m.wasm", new CompilerOptions()));
        Assert.AreEqual(DiagnosticId.PULSE4002, refusal.Diagnostic.Id);
    }

    [TestMethod]
    public void A_function_that_is_not_exported_has_a_symbol_that_nothing_exported_or_imported_has()
    {
        const string Wat = """
            (module (import "env" "g.2" (func $import)) (func $f (result i32) (i32.const 1)) (func $g (result i32) (i32.const 2))
              (func (export "f.1") (result i32) (call $import) (i32.add (call $f) (call $g))))
            """;
        var symbols = Compile(Wat).Functions.Select(function => function.Code.Symbol).ToArray();
        CollectionAssert.AreEqual(new[] { "f.1_", "g.2_", "f.1" }, symbols);
    }

    [TestMethod]
    public void An_import_that_is_exported_or_the_start_function_has_code_of_that_name()
    {
        var target = Compile("(module (import \"env\" \"run\" (func $run)) (export \"go\" (func $run)) (start $run))").Object;
        foreach (var name in new[] { "go", "__pulse_start" })
        {
            var section = target.Symbols.Single(symbol => symbol.Name == name).Section!;
            Assert.AreEqual("run", section.Relocations.Single().Symbol.Name);
        }
    }

    [TestMethod]
    public void Chip_operations_become_instructions()
    {
        var listing = Listing.Print(Compile("""
            (module (import "pulse:hal/mmio" "write32" (func $write (param i32 i32))) (import "pulse:hal/cpu" "wfi" (func $wfi))
              (func (export "f") (call $write (i32.const 0x40013804) (i32.const 65)) (call $wfi)))
            """));
        Assert.Contains("str", listing);
        Assert.Contains("wfi", listing);
        Assert.DoesNotContain("bl", listing.Replace("table", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_tail_call_of_words_in_registers_takes_no_stack()
    {
        var code = Compile("""
            (module (type $t (func (param i32 i64) (result i32))) (table funcref (elem $f)) (func $f (type $t) (local.get 0))
              (func (export "indirect") (type $t) (return_call_indirect (type $t) (i32.const 1) (local.get 1) (local.get 0)))
              (func (export "direct") (type $t) (return_call $f (i32.const 1) (local.get 1))))
            """);
        Assert.Contains("bx r12", Listing.Print(code).Replace('\t', ' '));
        Assert.AreEqual(0, code.Functions.Max(function => function.Code.StackBytes));
    }

    [TestMethod]
    public void Both_words_of_a_choice_ask_one_comparison()
    {
        var listing = Listing.Print(Compile("(module (func (export \"min\") (param i64 i64) (result i64) (select (local.get 0) (local.get 1) (i64.lt_s (local.get 0) (local.get 1)))))"));
        Assert.HasCount(2, listing.Split("sbcs"), listing);
    }

    [TestMethod]
    public void The_same_module_gives_the_same_bytes() =>
        CollectionAssert.AreEqual(Engine.Elf.ElfWriter.Write(Compile(Mix).Object), Engine.Elf.ElfWriter.Write(Compile(Mix).Object));

    [TestMethod]
    public void An_allocation_that_gives_two_live_values_one_register_is_refused()
    {
        var function = new MachineFunction("f");
        var block = new MachineBlock(0);
        function.Blocks.Add(block);
        var (a, b, sum) = (function.NewRegister(), function.NewRegister(), function.NewRegister());
        block.Insts.Add(Constant(a, 1));
        block.Insts.Add(Constant(b, 2));
        var add = new MachineInst(MachineOp.Add);
        add.Defs.Add(sum);
        add.Uses.AddRange([a, b]);
        block.Insts.Add(add);
        var end = new MachineInst(MachineOp.Return) { UseRegisters = [Register.R0] };
        end.Uses.Add(sum);
        block.Insts.Add(end);

        var right = RegisterAllocator.Run(function);
        AllocationChecker.Check(function, right);
        var wrong = new Allocation { [a] = Place.In(Register.R0), [b] = Place.In(Register.R0), [sum] = Place.In(Register.R0) };
        Assert.ThrowsExactly<InvariantException>(() => AllocationChecker.Check(function, wrong));
    }

    [TestMethod]
    public void Moves_at_once_may_exchange_and_chain()
    {
        var (r0, r1, r2) = (Place.In(Register.R0), Place.In(Register.R1), Place.In(Register.R2));
        var steps = ParallelMove.Resolve([(r0, r1), (r1, r0), (r2, r0)], null);
        var state = new Dictionary<Place, string> { [r0] = "a", [r1] = "b", [r2] = "c" };
        foreach (var step in steps)
        {
            var (destination, source) = (state[step.Destination], state[step.Source]);
            (state[step.Destination], state[step.Source]) = (source, step.IsSwap ? destination : source);
        }

        Assert.AreEqual(("b", "a", "a"), (state[r0], state[r1], state[r2]));
    }

    private static MachineInst Constant(VReg register, int value)
    {
        var inst = new MachineInst(MachineOp.Constant) { Immediate = value };
        inst.Defs.Add(register);
        return inst;
    }
}
