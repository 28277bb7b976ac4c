using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Tests.Firmware;

/// <summary>What goes wrong on a chip ends with its status and the address of the instruction.</summary>
[TestClass]
public sealed class FaultTests
{
    private const string Board = "stm32vldiscovery";
    private const uint ResetOffset = 0x120;

    [TestMethod]
    [DataRow(1, "unreachable")]
    [DataRow(2, "memory bounds")]
    [DataRow(7, "signature mismatch")]
    public void A_trap_gives_its_kind(int kind, string name)
        => Ends(64 + kind, $"trap \"{name}\" in run", a =>
        {
            // Where an image has such calls, the address is behind one.
            a.Emit(Move(R0, R0));
            a.Emit(Numbered(Udf, kind));
        });

    [TestMethod]
    public void A_device_that_is_not_there_is_a_bus_fault() => Ends(95, "BusFault in run", a => Store(a, 0x7000_0000, 1));

    [TestMethod]
    public void An_NMI_without_a_handler_is_reported() => Ends(92, "NMI in run", a => Store(a, 0xE000_ED04, 0x8000_0000), within: 16);

    [TestMethod]
    [DataRow(28, 104, "PendSV without a handler in run")]
    [DataRow(26, 105, "an interrupt without a handler in run")]
    public void A_system_interrupt_without_a_handler_is_reported(int bit, int status, string explained)
        => Ends(status, explained, a => Store(a, 0xE000_ED04, 1u << bit), within: 16);

    [TestMethod]
    public void A_call_of_a_supervisor_that_is_not_there_is_reported() => Ends(101, "SVCall without a handler in run", a => a.Emit(Numbered(Svc, 0)));

    [TestMethod]
    public void Code_that_is_none_is_a_usage_fault() => Goes(96, "UsageFault in Reset_Handler", a =>
    {
        // A branch to an even address asks for instructions that the processor does not have.
        a.Constant(R0, Boards.Find(Board).Flash.Origin + ResetOffset);
        a.Emit(BranchTo(Bx, R0));
    });

    [TestMethod]
    public void Code_where_none_may_be_is_a_memory_fault() => Goes(94, "MemManage in no function (0xe000e000)", a =>
    {
        a.Constant(R0, 0xE000_E001);
        a.Emit(BranchTo(Bx, R0));
    });

    [TestMethod]
    public void An_interrupt_without_a_handler_is_reported() => Ends(105, "an interrupt without a handler in run", a =>
    {
        Store(a, 0xE000_E100, 1);
        Store(a, 0xE000_E200, 1);
    }, within: 32);

    [TestMethod]
    public void A_fault_while_faults_are_masked_is_a_hard_fault() => Ends(93, "HardFault in run", a =>
    {
        a.Emit(Interrupts(enabled: false));
        a.Emit(WriteSpecial(SpecialRegister.Faultmask, R0));
        Store(a, 0x7000_0000, 1);
    }, within: 64);

    [TestMethod]
    public void A_stack_that_leaves_memory_is_reported_without_a_place()
    {
        var (status, output, _, elf) = Run(a =>
        {
            // As an overflow does it: downwards from inside memory, until a push does not fit.
            var deeper = a.NewLabel();
            a.Constant(R0, Boards.Find(Board).Ram.Origin + 64);
            a.Emit(Move(SP, R0));
            a.Bind(deeper);
            a.Emit(Push(RegisterList.Of(R0, R1)));
            a.Branch(deeper);
        });
        StringAssert.EndsWith(output, "\nPULSE fault 0x00000001", StringComparison.Ordinal);
        Assert.IsTrue(status is 93 or 95, $"{status}");
        Assert.AreEqual($"the stack left RAM ({(status == 93 ? "HardFault" : "BusFault")})", Explained(elf, 1, status));
        Assert.AreEqual("the stack left RAM", Explained(elf, 1, null));
    }

    [TestMethod]
    public void A_handler_of_the_projects_own_runs()
    {
        var program = new ElfObject();
        Function(program, "run", a => a.Emit(Numbered(Udf, 1)));
        Function(program, "h", a =>
        {
            a.Constant(R2, 0x20026);
            a.Constant(R3, 9);
            a.Emit(Push(RegisterList.Of(R2, R3)));
            a.Emit(Move(R1, SP));
            a.Constant(R0, 0x20);
            a.Emit(Numbered(Bkpt, 0xAB));
        });
        var linked = Link(program, FaultAction.SemihostingExit, new InterruptBinding("UsageFault", "h"));
        Assert.AreEqual(9, Qemu.Run(Board, ElfWriter.Write(linked.Image)).Status);
    }

    [TestMethod]
    public void The_image_tells_the_function_of_the_address_that_a_trap_prints()
    {
        const string text = """(module (memory 0) (func $other (export "other") unreachable) (func (export "run") (drop (i32.load (i32.const -4)))))""";
        var options = new LowerOptions { Module = new InputFile("f.wat", System.Text.Encoding.UTF8.GetBytes(text)), Board = Board, Faults = FaultHandling.SemihostingExit };
        var elf = ThumbCompiler.Lower(options, new DiagnosticList())!.Image!.Elf.ToArray();
        var (status, _, output) = Qemu.RunWithErrors(Board, elf);
        Assert.AreEqual(66, status, output);
        var traps = ElfReader.ReadImage(elf, "f.elf").Sections.Find(s => s.Name == ObjectBuilder.TrapSection)!.Content;
        Assert.AreEqual(16, traps.Length, "what is dropped has no record");
        Assert.AreEqual(Convert.ToUInt32(output[^8..], 16), BitConverter.ToUInt32(traps, 0));
        Assert.AreEqual(2u, BitConverter.ToUInt32(traps, 4));
        Assert.AreEqual(1u, BitConverter.ToUInt32(traps, 8));
    }

    [TestMethod]
    public void Without_semihosting_the_record_has_an_address_and_the_line_takes_no_flash()
    {
        var program = new ElfObject();
        Function(program, "run", a => a.Emit(Numbered(Udf, 1)));
        foreach (var action in new[] { FaultAction.Halt, FaultAction.Reset })
        {
            var image = Link(program, action).Image;
            Assert.AreEqual(image.Find("__stack_top")!.Value - 40, image.Find("__pulse_fault")!.Value);
            Assert.IsTrue(image.Sections[0].Content.AsSpan(28, 16).IndexOfAnyExcept((byte)0) < 0);
        }
    }

    // The address is that of the instruction, with the lowest bit set; an exception that comes late says one shortly behind it.
    private static void Ends(int expected, string explained, Action<Assembler> emit, int within = 24)
    {
        var (address, run) = Goes(expected, explained, emit);
        Assert.IsTrue(address >= run && address < run + within, $"0x{address:x}, run is at {run:x}");
    }

    // What the line and the status say, in words.
    private static (uint Address, uint Run) Goes(int expected, string explained, Action<Assembler> emit)
    {
        var (status, output, run, elf) = Run(emit);
        Assert.AreEqual(expected, status, output);
        var line = output[(output.LastIndexOf('\n') + 1)..];
        StringAssert.Matches(line, new("^PULSE fault 0x[0-9a-f]{8}$", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)));
        var address = Convert.ToUInt32(line[^8..], 16);
        Assert.AreEqual(explained, Explained(elf, address, status));
        return (address, run);
    }

    private static string Explained(byte[] elf, uint address, int? status) => FaultReport.Explain(new InputFile("f.elf", elf), address, status, new DiagnosticList())!.Message;

    private static (int Status, string Output, uint Run, byte[] Elf) Run(Action<Assembler> emit)
    {
        var program = new ElfObject();
        Function(program, "run", a =>
        {
            emit(a);
            var here = a.NewLabel();
            a.Bind(here);
            a.Branch(here);
        });
        var linked = Link(program, FaultAction.SemihostingExit);
        var elf = ElfWriter.Write(linked.Image);
        var (status, _, output) = Qemu.RunWithErrors(Board, elf);
        return (status, output, linked.Image.Find("run")!.Value, elf);
    }

    private static void Store(Assembler a, uint address, uint value)
    {
        a.Constant(R0, address);
        a.Constant(R1, value);
        a.Emit(Memory(Str, R1, R0, 0));
    }

    private static LinkedFirmware Link(ElfObject program, FaultAction action, params InterruptBinding[] handlers) => FirmwareLinker.Link(
        [(program, "program.o")], new FirmwareOptions { Board = Boards.Find(Board), Entry = "run", Faults = action, Handlers = [.. handlers] });

    private static void Function(ElfObject program, string name, Action<Assembler> emit)
    {
        var assembler = new Assembler();
        emit(assembler);
        CodeSections.Add(program, name, assembler.Assemble());
    }
}
