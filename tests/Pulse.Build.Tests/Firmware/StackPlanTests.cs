using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Tests.Firmware;

[TestClass]
public sealed class StackPlanTests
{
    private const uint Fault = 36;

    [TestMethod]
    public void The_deepest_chain_counts_every_frame_and_none_of_a_tail_call()
    {
        var program = new ElfObject();
        Function(program, "run", 3, "shallow", "middle");
        Function(program, "shallow", 4);
        Function(program, "middle", 2, "deep");
        Function(program, "deep", 5);
        Function(program, "gone", 8, "deep");
        Assert.AreEqual(12 + 8 + 20 + Fault, Plan(program).Depth);

        var tail = new ElfObject();
        Add(tail, "run", a =>
        {
            a.Emit(Push(RegisterList.Of(R4, R5, R6)));
            a.Emit(Pop(RegisterList.Of(R4, R5, R6)));
            a.Jump("last");
        });
        Function(tail, "last", 2);
        Assert.AreEqual(12 + Fault, Plan(tail).Depth);
    }

    [TestMethod]
    public void Handlers_count_once_a_priority_with_an_exception_frame_each()
    {
        var program = new ElfObject();
        Function(program, "run", 3);
        Function(program, "one", 2);
        Function(program, "two", 7);
        var both = Options() with { Handlers = [new("SysTick", "one"), new("USART1", "two")] };
        Assert.AreEqual(12 + 36 + 28 + Fault, Plan(program, both).Depth);
        var nested = both with { Handlers = [both.Handlers[0] with { Priority = 1 }, both.Handlers[1] with { Priority = 2 }] };
        Assert.AreEqual(12 + 36 + 28 + 36 + 8 + Fault, Plan(program, nested).Depth);
    }

    [TestMethod]
    public void A_call_through_a_table_goes_to_what_the_function_refers_to()
    {
        var program = new ElfObject();
        Add(program, "run", a =>
        {
            a.Emit(Push(RegisterList.Of(R4, LR)));
            a.SymbolAddress(R0, "table");
            a.Emit(Memory(Operation.Ldr, R0, R0, 4));
            a.Emit(BranchTo(Operation.Blx, R0));
            a.Emit(Pop(RegisterList.Of(R4, PC)));
        });
        Function(program, "small", 1);
        Function(program, "large", 6);
        var table = program.AddConstants("table", new byte[8]);
        table.Relocations.Add(new(0, RelocationType.Abs32, program.Reference("small")));
        table.Relocations.Add(new(4, RelocationType.Abs32, program.Reference("large")));
        program.DefineObject("table", table, 0, 8);
        Assert.AreEqual(8 + 24 + Fault, Plan(program).Depth);
    }

    [TestMethod]
    public void Recursion_is_refused_by_the_names_of_the_cycle_unless_a_number_is_given()
    {
        var program = new ElfObject();
        Function(program, "run", 1, "even");
        Function(program, "even", 2, "odd");
        Function(program, "odd", 3, "even");
        var refused = Assert.ThrowsExactly<DiagnosticException>(() => Plan(program));
        Assert.AreEqual(DiagnosticId.PULSE4054, refused.Diagnostic.Id);
        StringAssert.Contains(refused.Message, "odd -> even -> odd", StringComparison.Ordinal);
        Assert.AreEqual(504u, Plan(program, Options() with { StackSize = 500 }).Reserve);
    }

    [TestMethod]
    public void Too_small_a_stack_is_refused_with_the_deepest_calls()
    {
        var program = new ElfObject();
        Function(program, "run", 3, "deep");
        Function(program, "deep", 5);
        var refused = Assert.ThrowsExactly<DiagnosticException>(() => Plan(program, Options() with { StackSize = 64 }));
        Assert.AreEqual(DiagnosticId.PULSE4055, refused.Diagnostic.Id);
        StringAssert.Contains(refused.Message, "run 12, deep 20", StringComparison.Ordinal);
    }

    [TestMethod]
    public void The_stack_lies_below_data_and_the_map_says_what_takes_it()
    {
        var program = new ElfObject();
        Function(program, "run", 3, "deep");
        Function(program, "deep", 5);
        var linked = FirmwareLinker.Link([(program, "program.o")], Options());
        Assert.AreEqual(0x2000_0000u + 72, linked.Image.Find("__stack_top")!.Value);
        Assert.AreEqual(0x2000_0000u, linked.Image.Find("__stack_limit")!.Value);
        StringAssert.Contains(MapFile.Write(linked, "test"), "stack  0x20000000  72 bytes, 68 in the worst case", StringComparison.Ordinal);
    }

    private static StackPlan Plan(ElfObject program, FirmwareOptions? options = null) => FirmwareLinker.Link([(program, "program.o")], options ?? Options()).Map.Stack;

    private static FirmwareOptions Options() => new() { Board = Boards.Find("stm32vldiscovery"), Entry = "run" };

    private static void Function(ElfObject program, string name, int words, params string[] callees) => Add(program, name, a =>
    {
        var saved = new RegisterList((ushort)(((1 << (words - 1)) - 1) << 4 | 1 << (int)LR));
        a.Emit(Push(saved));
        foreach (var callee in callees)
        {
            a.Call(callee);
        }

        a.Emit(Pop(new((ushort)(saved.Bits ^ (1 << (int)LR | 1 << (int)PC)))));
    });

    private static void Add(ElfObject program, string name, Action<Assembler> emit)
    {
        var assembler = new Assembler();
        emit(assembler);
        CodeSections.Add(program, name, assembler.Assemble());
    }
}
