using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.HotPath;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.HotPath;

/// <summary>What the object says, on machine code written as halfwords.</summary>
[TestClass]
public sealed class ObjectCallFactsTests
{
    private const ushort PushR4Lr = 0xB510;
    private const ushort PopR4Pc = 0xBD10;
    private const ushort BxLr = 0x4770;
    private const ushort BlxR3 = 0x4798;
    private const ushort BxR3 = 0x4718;
    private const ushort MovsR0 = 0x2001;
    private const ushort Nop = 0xBF00;
    private static readonly ushort[] Bl = [0xF7FF, 0xFFFE];
    private static readonly ushort[] JumpWide = [0xF7FF, 0xBFFE];

    private const string Wat = """
        (module
          (type $handler (func))
          (import "board" "now" (func $now))
          (table 1 funcref)
          (elem (i32.const 0) $leaf)
          (func $leaf (param i32) (result i32) (local.get 0))
          (func $step (param i32) (result i32) (call $leaf (local.get 0)))
          (func $poll (export "poll")
            (drop (call $step (i32.const 1)))
            (drop (call $leaf (i32.const 1)))
            (call_indirect (type $handler) (i32.const 0))
            (call $now)))
        """;

    [TestMethod]
    public void A_call_survives_when_the_machine_code_has_it()
    {
        var facts = Facts(("poll", [PushR4Lr, .. Bl, PopR4Pc], "leaf.1"), ("step.2", [BxLr], ""), ("leaf.1", [BxLr], ""));
        CollectionAssert.AreEqual(new int?[] { 1 }, Callees(facts, 3));
        Assert.IsEmpty(Callees(facts, 2), "its code has no call any more");
    }

    [TestMethod]
    public void Calls_through_registers_and_to_other_files_survive_too()
    {
        var facts = Facts(("poll", [PushR4Lr, BlxR3, .. Bl, PopR4Pc], "now"), ("leaf.1", [BxLr], ""));
        CollectionAssert.AreEqual(new int?[] { null, 0 }, Callees(facts, 3));
    }

    [TestMethod]
    public void A_jump_to_another_function_is_a_call_and_a_branch_within_is_not()
    {
        CollectionAssert.AreEqual(new int?[] { 2 }, Callees(Facts(("poll", JumpWide, "step.2"), ("step.2", [BxLr], "")), 3));
        CollectionAssert.AreEqual(new int?[] { null }, Callees(Facts(("poll", [BxR3], "")), 3));
        Assert.IsEmpty(Callees(Facts(("poll", [Nop, 0xE7FD, BxLr], "")), 3), "b of the loop goes to the function's start");
    }

    [TestMethod]
    public void A_function_that_became_another_name_of_its_callee_costs_nothing()
    {
        var machineCode = new ElfObject();
        Define(machineCode, "poll", [PushR4Lr, .. Bl, PopR4Pc], "step.2");
        var leaf = Define(machineCode, "leaf.1", [.. Bl, BxLr], "now");
        machineCode.DefineFunction("step.2", leaf.Section!, 0, leaf.Size);
        var facts = Facts(machineCode);
        CollectionAssert.AreEqual(new int?[] { 2, 1 }, Callees(facts, 3), "both names are the callee's place");
        CollectionAssert.AreEqual(new int?[] { 0 }, Callees(facts, 2), "what the alias does is what the callee does");
    }

    [TestMethod]
    public void A_call_that_only_the_machine_code_has_is_listed_and_a_routine_of_the_runtime_is_not()
    {
        var machineCode = new ElfObject();
        Define(machineCode, "leaf.1", [.. Bl, .. Bl, BxLr], "poll", "__aeabi_ldivmod");
        Define(machineCode, "poll", [BxLr]);
        CollectionAssert.AreEqual(new int?[] { 3 }, Callees(Facts(machineCode), 1));
    }

    [TestMethod]
    public void Data_among_the_code_is_not_taken_for_calls()
    {
        var machineCode = new ElfObject();
        var poll = Define(machineCode, "poll", [BxLr, BlxR3]);
        machineCode.Map(poll.Section!, 0, isData: false);
        machineCode.Map(poll.Section!, 2, isData: true);
        Assert.IsEmpty(Callees(Facts(machineCode), 3));
    }

    [TestMethod]
    public void Cycles_are_those_of_argument_moves_branch_frame_and_return()
    {
        var facts = Facts(
            ("poll", [PushR4Lr, MovsR0, .. Bl, MovsR0, .. Bl, BlxR3, .. Bl, PopR4Pc], "step.2,leaf.1,now"),
            ("step.2", [PushR4Lr, PopR4Pc], ""), ("leaf.1", [BxLr], ""));
        var calls = facts.Surviving(new FuncIndex(3));
        CollectionAssert.AreEqual(
            new[] { 3 + 1 + 3 + 5, 3 + 1 + 0 + 3, 3 + 6 + 0 + 3, 3 + 4 + 3 },
            calls.Select(call => facts.Cycles(call, call.Callee is null ? [new FuncIndex(1)] : [])).ToArray());
    }

    [TestMethod]
    public void The_audit_reads_the_object_and_refuses_what_is_none()
    {
        var wasm = ModuleWriter.Write(WatParser.Parse(Wat, "in.wat"));
        var machineCode = new ElfObject();
        Define(machineCode, "poll", [PushR4Lr, .. Bl, PopR4Pc], "leaf.1");
        Define(machineCode, "leaf.1", [BxLr]);
        var audit = Audit.Of(wasm, ["poll"], machineCode: ElfWriter.Write(machineCode));
        CollectionAssert.AreEqual(new[] { "poll->leaf: not modelled" }, audit.Calls);
        Assert.AreEqual(6, audit.Result!.Calls.Single().Cycles);
        var refused = Audit.Of(wasm, ["poll"], machineCode: [1, 2, 3, 4]);
        Assert.IsNull(refused.Result);
        Assert.AreEqual(DiagnosticId.PULSE4030, refused.Diagnostics.Single().Id);
        Assert.AreEqual("obj/firmware.o", refused.Diagnostics.Single().Location.File);
    }

    private static int?[] Callees(ObjectCallFacts facts, int caller) => [.. facts.Surviving(new FuncIndex(caller)).Select(call => call.Callee?.Index)];

    private static ObjectCallFacts Facts(params (string Name, ushort[] Code, string Calls)[] functions)
    {
        var machineCode = new ElfObject();
        foreach (var (name, code, calls) in functions)
        {
            Define(machineCode, name, code, calls.Split(',', StringSplitOptions.RemoveEmptyEntries));
        }

        return Facts(machineCode);
    }

    private static ObjectCallFacts Facts(ElfObject machineCode)
    {
        var module = ModuleReader.Read(ModuleWriter.Write(WatParser.Parse(Wat, "in.wat")), "in.wasm");
        var read = ElfReader.ReadObject(ElfWriter.Write(machineCode), "in.o");
        return new ObjectCallFacts(module, "in.wasm", read, ObjectSymbols.Of(module, read));
    }

    /// <summary>Adds a function; its wide branches refer to <paramref name="targets"/> in order.</summary>
    private static ElfSymbol Define(ElfObject machineCode, string name, ushort[] code, params string[] targets)
    {
        var bytes = new byte[code.Length * 2];
        Buffer.BlockCopy(code, 0, bytes, 0, bytes.Length);
        var section = machineCode.AddCode(name, bytes);
        var next = 0;
        for (var i = 0; i + 1 < code.Length; i++)
        {
            if (code[i] == Bl[0])
            {
                var type = code[i + 1] == Bl[1] ? RelocationType.ThumbCall : RelocationType.ThumbJump24;
                section.Relocations.Add(new Relocation((uint)(i * 2), type, machineCode.Reference(targets[next++])));
            }
        }

        return machineCode.DefineFunction(name, section, 0, (uint)bytes.Length);
    }
}
