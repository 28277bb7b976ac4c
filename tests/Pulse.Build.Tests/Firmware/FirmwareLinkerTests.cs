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

[TestClass]
public sealed class FirmwareLinkerTests
{
    private const uint Usart1 = 0x4001_3800;

    [TestMethod]
    public void A_linked_image_boots_prints_sleeps_between_ticks_and_exits()
    {
        var (status, output) = Qemu.Run("stm32vldiscovery", ElfWriter.Write(Link(Program()).Image));
        Assert.AreEqual("Hi\n...!\n", output);
        Assert.AreEqual(7, status);
    }

    [TestMethod]
    public void A_trap_is_reported_by_the_fault_handler()
    {
        var program = new ElfObject();
        Function(program, "run", a => a.Emit(Numbered(Udf, 5)));
        var linked = Link(program, Options() with { Handlers = [], Faults = FaultAction.SemihostingExit });
        Assert.AreEqual(FaultCode.TrapStatus + 5, Qemu.Run("stm32vldiscovery", ElfWriter.Write(linked.Image)).Status);
    }

    [TestMethod]
    [DataRow("lm3s6965evb")]
    [DataRow("mps2-an385")]
    [DataRow("stm32vldiscovery")]
    public void Every_board_boots(string board)
    {
        var program = new ElfObject();
        Function(program, "run", a => EmitExit(a, 3));
        var linked = Link(program, Options() with { Board = Boards.Find(board), Handlers = [] });
        Assert.AreEqual(3, Qemu.Run(board, ElfWriter.Write(linked.Image)).Status);
    }

    [TestMethod]
    [DataRow("EXTI0", 2, "TIM7", 1, "[|]")]
    [DataRow("EXTI0", 2, "TIM7", 2, "[]|")]
    [DataRow("EXTI0", 1, "TIM7", 2, "[]|")]
    [DataRow("EXTI0", 15, "TIM7", null, "[|]")]
    [DataRow("EXTI0", 3, "PendSV", 2, "[|]")]
    [DataRow("PendSV", 3, "EXTI0", 3, "[]|")]
    public void Only_a_handler_of_a_lower_priority_number_interrupts_another(string outer, int outerPriority, string inner, int? innerPriority, string expected)
    {
        static void EmitPend(Assembler a, string vector)
        {
            var number = InterruptVectors.Find(Boards.Find("stm32vldiscovery"), vector);
            a.Constant(R0, number < 16 ? 0xE000_ED04 : 0xE000_EF00);
            a.Constant(R1, number < 16 ? 1u << 28 : (uint)number - 16);
            a.Emit(Memory(Str, R1, R0, 0));
            a.Emit(Barrier(Isb));
        }

        void Emit(Assembler a, char before, string? pended, char after)
        {
            a.Emit(Push(RegisterList.Of(R4, LR)));
            foreach (var letter in new[] { before, after })
            {
                a.Constant(R0, letter);
                a.Call("put");
                if (letter == before && pended is not null)
                {
                    EmitPend(a, pended);
                }
            }

            a.Emit(Pop(RegisterList.Of(R4, PC)));
        }

        InterruptBinding Bind(string vector, string export, int? priority) => new(vector, export) { Priority = priority, Enabled = vector != "PendSV" };
        var program = new ElfObject();
        AddPut(program);
        Function(program, "outer", a => Emit(a, '[', inner, ']'));
        Function(program, "inner", a => Emit(a, '|', null, '\n'));
        Function(program, "run", a =>
        {
            a.Constant(R1, Usart1);
            a.Constant(R0, 0x2008);
            a.Emit(Memory(Str, R0, R1, 12));
            EmitPend(a, outer);
            EmitExit(a, 0);
        });
        var linked = Link(program, Options() with { Handlers = [Bind(outer, "outer", outerPriority), Bind(inner, "inner", innerPriority)], StackSize = null });
        Assert.AreEqual(expected.Replace("|", "|\n", StringComparison.Ordinal), Qemu.Run("stm32vldiscovery", ElfWriter.Write(linked.Image)).Output);
        Assert.HasCount(outerPriority == innerPriority ? 3 : 4, linked.Map.Stack.Levels);
    }

    [TestMethod]
    public void An_image_behind_a_boot_loader_has_its_own_vectors()
    {
        var image = Link(Program(), Options() with { FlashOffset = 0x4000 });
        Assert.AreEqual(0x0800_4000u, image.Image.Sections.Find(s => s.Name == ".vectors")!.Address);
        var loader = new ElfObject();
        Function(loader, "run", a =>
        {
            a.Constant(R0, 0x0800_4000);
            a.Emit(Memory(Ldr, R1, R0, 0));
            a.Emit(Move(SP, R1));
            a.Emit(Memory(Ldr, R1, R0, 4));
            a.Emit(BranchTo(Bx, R1));
        });
        var both = Link(loader, Options() with { Handlers = [] }).Image;
        both.Segments.Add(image.Image.Segments[0]);
        var (status, output) = Qemu.Run("stm32vldiscovery", ElfWriter.Write(both));
        Assert.AreEqual("Hi\n...!\n", output);
        Assert.AreEqual(7, status);
    }

    [TestMethod]
    public void Zeros_of_data_take_no_flash_and_are_there_when_the_program_runs()
    {
        LinkedFirmware With(byte first, byte last)
        {
            var program = new ElfObject();
            byte[] bytes = [first, .. new byte[395], last, 0, 0, 0, .. new byte[80]];
            program.DefineObject("variable", program.AddData("variable", bytes), 0, (uint)bytes.Length);
            program.DefineObject("zero", program.AddZero("zero", 8), 0, 8);
            Function(program, "run", EmitSumAfterRestart);
            return Link(program, Options() with { Handlers = [] });
        }

        const uint WordAndHeader = 12;
        var none = With(0, 0);
        foreach (var (first, last, runs) in new (byte, byte, uint)[] { (0, 0, 0), (1, 0, 1), (0, 6, 1), (1, 6, 2) })
        {
            var linked = With(first, last);
            Assert.AreEqual(none.FlashBytes + runs * WordAndHeader, linked.FlashBytes);
            Assert.AreEqual(none.RamBytes, linked.RamBytes);
            Assert.AreEqual(first + last, Qemu.Run("stm32vldiscovery", ElfWriter.Write(linked.Image)).Status);
        }
    }

    [TestMethod]
    public void The_image_holds_vectors_first_data_in_flash_and_nothing_unreferenced()
    {
        var linked = Link(Program());
        var image = ElfReader.ReadImage(ElfWriter.Write(linked.Image), "a.elf");
        var vectors = image.Sections.Find(s => s.Name == ".vectors")!;
        Assert.AreEqual(0x0800_0000u, vectors.Address);
        Assert.AreEqual((16 + 56) * 4, vectors.Content.Length);
        Assert.AreEqual(0x2000_0400u, BitConverter.ToUInt32(vectors.Content, 0));
        Assert.AreEqual(image.Find("Reset_Handler")!.Value, BitConverter.ToUInt32(vectors.Content, 4));
        Assert.AreEqual(image.Find("on-tick")!.Value, BitConverter.ToUInt32(vectors.Content, 15 * 4));
        Assert.AreEqual(image.Find("Fault_Handler")!.Value, BitConverter.ToUInt32(vectors.Content, (16 + 37) * 4));
        Assert.IsNull(image.Find("unused"));
        Assert.AreEqual(0x2000_0400u, image.Find("__data_start")!.Value);
        var initial = image.Sections.Find(s => s.Name == ".initial")!;
        Assert.AreEqual(initial.Address, image.Find("__initial_values")!.Value);
        Assert.AreEqual(linked.FlashBytes, initial.Address + initial.Size - 0x0800_0000);
        uint[] words = [0x2000_0400, 0x2000_0404, 7, 0x2000_0408, 0];
        CollectionAssert.AreEqual(words.SelectMany(BitConverter.GetBytes).ToArray(), initial.Content);
        Assert.AreEqual(4 + 4 + 1024u, linked.RamBytes);
    }

    [TestMethod]
    public void Bin_and_hex_hold_the_same_bytes_and_the_map_names_what_uses_them()
    {
        var linked = Link(Program());
        var bytes = FlashImage.Bytes(linked);
        Assert.AreEqual((int)linked.FlashBytes, bytes.Length);
        CollectionAssert.AreEqual(bytes, ReadHex(FlashImage.IntelHex(linked)));
        var map = MapFile.Write(linked, "test");
        StringAssert.Contains(map, ".text.run", StringComparison.Ordinal);
        StringAssert.Contains(map, "__stack_top", StringComparison.Ordinal);
        Assert.AreEqual(0x2000_1FE0u, Link(Program(), Options() with { NoInitBytes = 32 }).Image.Find("__noinit_start")!.Value);
    }

    [TestMethod]
    public void Build_id_and_CRC_are_those_of_the_bytes_in_flash()
    {
        Assert.AreEqual(0xCBF4_3926u, ImageIdentity.Checksum("123456789"u8));
        var plain = Link(Program());
        var linked = Link(Program(), Options() with { Checksum = true });
        var bytes = FlashImage.Bytes(linked);
        Assert.AreEqual(plain.FlashBytes + 4, linked.FlashBytes);
        var at = BitConverter.ToUInt32(bytes, 52);
        Assert.AreEqual(0x0800_0000u + linked.FlashBytes - 4, at);
        Assert.AreEqual(at, linked.Image.Find("__image_crc")!.Value);
        Assert.AreEqual(ImageIdentity.Checksum(bytes.AsSpan(..^4)), BitConverter.ToUInt32(bytes, bytes.Length - 4));
        var note = ElfReader.ReadImage(ElfWriter.Write(linked.Image), "a.elf").Sections.Find(s => s.Name == ".note.gnu.build-id")!.Content;
        CollectionAssert.AreEqual(System.Security.Cryptography.SHA256.HashData(bytes)[..20], note[16..]);
        StringAssert.Contains(MapFile.Write(linked, "test"), "build id " + Convert.ToHexStringLower(note[16..]), StringComparison.Ordinal);
        Assert.AreEqual(7, Qemu.Run("stm32vldiscovery", ElfWriter.Write(linked.Image)).Status);
    }

    [TestMethod]
    public void Linking_twice_gives_the_same_bytes()
        => CollectionAssert.AreEqual(ElfWriter.Write(Link(Program()).Image), ElfWriter.Write(Link(Program()).Image));

    [TestMethod]
    public void An_object_that_was_written_and_read_links_to_the_same_image()
    {
        var read = ElfReader.ReadObject(ElfWriter.Write(Program()), "program.o");
        CollectionAssert.AreEqual(FlashImage.Bytes(Link(Program())), FlashImage.Bytes(Link(read)));
    }

    [TestMethod]
    public void Relocated_halves_of_an_address_carry_their_addend()
    {
        var program = new ElfObject();
        program.DefineObject("table", program.AddZero("table", 64), 0, 64);
        Function(program, "run", a =>
        {
            a.SymbolAddress(R0, "table", -1032, literal: false);
            a.SymbolAddress(R1, "table", 20);
            a.Jump("run");
        });
        var linked = Link(program, Options() with { Handlers = [] });
        var text = linked.Image.Sections.Find(s => s.Name == ".text")!;
        var run = linked.Image.Find("run")!;
        var code = text.Content.AsMemory((int)(run.Value - 1 - text.Address), (int)run.Size);
        var listing = string.Join("|", Disassembler.Lines(code, run.Value - 1).Select(l => l.Text.Replace('\t', ' ')));
        StringAssert.StartsWith(listing, "movw r0, #65528|movt r0, #8191|ldr r1, ", StringComparison.Ordinal);
        StringAssert.Contains(listing, $"b.w 0x{run.Value - 1:x}", StringComparison.Ordinal);
        Assert.AreEqual(0x2000_0414u, BitConverter.ToUInt32(code.Span[^4..]));
    }

    [TestMethod]
    public void What_cannot_be_linked_is_refused_by_name()
    {
        Refused(DiagnosticId.PULSE4040, "nucleo", () => Boards.Find("nucleo"));
        Refused(DiagnosticId.PULSE4041, "USART9", () => Link(Program(), Options() with { Handlers = [new("USART9", "on-tick")] }));
        Refused(DiagnosticId.PULSE4041, "IRQ56", () => Link(Program(), Options() with { Handlers = [new("IRQ56", "on-tick")] }));
        Refused(DiagnosticId.PULSE4042, "main", () => Link(Program(), Options() with { Entry = "main" }));
        Refused(DiagnosticId.PULSE4043, "on-tock", () => Link(Program(), Options() with { Handlers = [new("SysTick", "on-tock")] }));
        Refused(DiagnosticId.PULSE4051, "USART1", () => Link(Program(), Options() with { Handlers = [new("USART1", "on-tick"), new("IRQ37", "run")] }));
        foreach (var (range, why) in new (MemoryRange, string)[] { (new(0x1000_0002, 8), "words"), (new(0x1000_0000, 0), "words"), (new(0x2000_1FFC, 8), "other"), (new(0xFFFF_FFFC, 8), "words") })
        {
            Refused(DiagnosticId.PULSE4063, why, () => Link(Program(), Options() with { AddedRam = [range] }));
        }

        Refused(DiagnosticId.PULSE4063, "more than the 4", () => Link(Program(), Options() with { AddedRam = [.. Enumerable.Range(1, 5).Select(i => new MemoryRange((uint)i << 24, 4))] }));
        Refused(DiagnosticId.PULSE4062, "a multiple of 512", () => Link(Program(), Options() with { FlashOffset = 0x100 }));
        Refused(DiagnosticId.PULSE4062, "131072", () => Link(Program(), Options() with { FlashOffset = 0x20000 }));
        Refused(DiagnosticId.PULSE4060, "0 to 15", () => Link(Program(), Options() with { Handlers = [new("SysTick", "on-tick") { Priority = 16 }] }));
        Refused(DiagnosticId.PULSE4061, "Priority", () => Link(Program(), Options() with { Handlers = [new("NMI", "on-tick") { Priority = 0 }] }));
        Refused(DiagnosticId.PULSE4061, "Enabled", () => Link(Program(), Options() with { Handlers = [new("SysTick", "on-tick") { Enabled = true }] }));
        Refused(DiagnosticId.PULSE4052, "Reset", () => Link(Program(), Options() with { Handlers = [new("Reset", "on-tick")] }));
    }

    [TestMethod]
    public void An_undefined_symbol_is_refused_with_the_section_that_needs_it()
    {
        var program = new ElfObject();
        Function(program, "run", a => a.Call("missing"));
        Refused(DiagnosticId.PULSE4044, "'missing' is not defined; '.text.run'", () => Link(program, Options() with { Handlers = [] }));
    }

    [TestMethod]
    public void A_symbol_defined_by_two_objects_is_refused_with_both()
        => Refused(DiagnosticId.PULSE4045, "in 'a.o' and in 'b.o'", () => FirmwareLinker.Link([(Program(), "a.o"), (Program(), "b.o")], Options()));

    [TestMethod]
    public void Budgets_say_how_much_is_missing_and_who_uses_it()
    {
        var large = Program();
        large.Find(".text.run")!.Relocations.Add(new(0, RelocationType.None, large.DefineObject("big", large.AddConstants("big", new byte[200_000]), 0, 200_000)));
        Refused(DiagnosticId.PULSE4046, ".rodata.big (200000)", () => Link(large));
        var wide = Program();
        wide.Find(".text.run")!.Relocations.Add(new(0, RelocationType.None, wide.DefineObject("heap", wide.AddZero("heap", 7160), 0, 7160)));
        Assert.AreEqual(8192u, Link(wide).RamBytes);
        Refused(DiagnosticId.PULSE4047, "4 more than the 8188 bytes", () => Link(wide, Options() with { NoInitBytes = 1 }));
        Refused(DiagnosticId.PULSE4047, "than the 0 bytes", () => Link(wide, Options() with { NoInitBytes = uint.MaxValue }));
        Refused(DiagnosticId.PULSE4047, "8 more than the 8192 bytes", () => Link(wide, Options() with { StackSize = 1032 }));
    }

    [TestMethod]
    public void A_call_out_of_range_and_an_unknown_relocation_are_refused()
    {
        var far = new ElfObject();
        Function(far, "run", a => a.Call("ram"));
        var ram = far.Add(new ElfSection(".data.ram", SectionType.ProgBits, SectionFlags.Allocate | SectionFlags.Write) { Content = [0, 0, 0, 0], Alignment = 4 });
        far.DefineFunction("ram", ram, 0, 4);
        Refused(DiagnosticId.PULSE4048, "cannot reach 'ram'", () => Link(far, Options() with { Handlers = [] }));

        var odd = Program();
        odd.Find(".text.run")!.Relocations.Add(new(0, (RelocationType)99, odd.Reference("run")));
        Refused(DiagnosticId.PULSE4049, "99", () => Link(odd));
    }

    [TestMethod]
    public void Vector_names_of_every_board_are_found_again()
    {
        foreach (var board in Boards.Table)
        {
            for (var number = 2; number < board.VectorCount; number++)
            {
                if (!InterruptVectors.IsReserved(number))
                {
                    Assert.AreEqual(number, InterruptVectors.Find(board, InterruptVectors.Name(board, number)), board.Name);
                }
            }
        }

        Assert.AreEqual(16 + 37, InterruptVectors.Find(Boards.Find("stm32vldiscovery"), "USART1"));
        Assert.AreEqual(16 + 55, InterruptVectors.Find(Boards.Find("stm32vldiscovery"), "TIM7"));
        Assert.AreEqual(16 + 42, InterruptVectors.Find(Boards.Find("lm3s6965evb"), "ETH"));
    }

    [TestMethod]
    public void Bounds_checks_by_the_MPU_are_refused()
    {
        var diagnostics = new DiagnosticList();
        var options = new LowerOptions { Module = new InputFile("a.wasm", new byte[] { 0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0 }), Bounds = BoundsChecks.Mpu };
        Assert.IsNull(ThumbCompiler.Lower(options, diagnostics));
        Assert.AreEqual(DiagnosticId.PULSE4050, diagnostics[0].Id);
    }

    private static FirmwareOptions Options() => new()
    {
        Board = Boards.Find("stm32vldiscovery"),
        Entry = "run",
        Handlers = [new("SysTick", "on-tick")],
        StackSize = 1024,
    };

    private static LinkedFirmware Link(ElfObject program, FirmwareOptions? options = null) => FirmwareLinker.Link([(program, "program.o")], options ?? Options());

    // Prints "Hi", a dot a tick for three ticks, then "!" and ends with the status that stood in initialised data.
    private static ElfObject Program()
    {
        var program = new ElfObject();
        program.DefineObject("status", program.AddData("status", [7, 0, 0, 0]), 0, 4);
        program.DefineObject("ticks", program.AddZero("ticks", 4), 0, 4);
        Function(program, "unused", a => a.Emit(BranchTo(Bx, LR)));
        AddPut(program);
        Function(program, "on-tick", a =>
        {
            a.Emit(Push(RegisterList.Of(R4, LR)));
            a.SymbolAddress(R4, "ticks");
            a.Emit(Memory(Ldr, R0, R4, 0));
            a.Emit(Binary(Add, R0, R0, 1).WithFlags(FlagEffect.Clobbered));
            a.Emit(Memory(Str, R0, R4, 0));
            a.Constant(R0, '.');
            a.Call("put");
            a.Emit(Pop(RegisterList.Of(R4, PC)));
        });
        Function(program, "run", EmitRun);
        return program;
    }

    private static void AddPut(ElfObject program) => Function(program, "put", a =>
    {
        a.Constant(R1, Usart1);
        a.Emit(Memory(Str, R0, R1, 4));
        a.Emit(BranchTo(Bx, LR));
    });

    private static void EmitRun(Assembler a)
    {
        a.Constant(R1, Usart1);
        a.Constant(R0, 0x2008);
        a.Emit(Memory(Str, R0, R1, 12));
        foreach (var letter in "Hi\n")
        {
            a.Constant(R0, letter);
            a.Call("put");
        }

        a.Constant(R1, 0xE000_E010);
        a.Constant(R0, 20_000);
        a.Emit(Memory(Str, R0, R1, 4));
        a.Constant(R0, 7);
        a.Emit(Memory(Str, R0, R1, 0));
        a.SymbolAddress(R4, "ticks");
        var wait = a.NewLabel();
        a.Bind(wait);
        a.Emit(Hint(Wfi));
        a.Emit(Memory(Ldr, R0, R4, 0));
        a.Emit(Compare(Cmp, R0, 3));
        a.Branch(wait, Condition.LO);
        a.Emit(Interrupts(enabled: false));
        foreach (var letter in "!\n")
        {
            a.Constant(R0, letter);
            a.Call("put");
        }

        a.SymbolAddress(R0, "status");
        a.Emit(Memory(Ldr, R0, R0, 0));
        EmitExit(a, null);
    }

    // Exits with the sum of the words from "variable" to the end of "zero", after a start-up that found something else in them.
    private static void EmitSumAfterRestart(Assembler a)
    {
        var (restarted, fill, add) = (a.NewLabel(), a.NewLabel(), a.NewLabel());
        a.SymbolAddress(R1, "variable");
        a.SymbolAddress(R2, "zero", 8);
        a.Emit(Memory(Ldr, R3, R2, 0));
        a.BranchIfZero(R3, whenZero: false, restarted);
        a.Constant(R3, 0x0101_0101);
        a.Bind(fill);
        a.Emit(MemoryBlock(Stm, R1, RegisterList.Of(R3), writeBack: true));
        a.Emit(Compare(Cmp, R1, R2));
        a.Branch(fill, Condition.LS);
        a.Jump(StartupCode.ResetHandler);
        a.Bind(restarted);
        a.Constant(R0, 0);
        a.Bind(add);
        a.Emit(MemoryBlock(Ldm, R1, RegisterList.Of(R3), writeBack: true));
        a.Emit(Binary(Add, R0, R0, R3));
        a.Emit(Compare(Cmp, R1, R2));
        a.Branch(add, Condition.LO);
        EmitExit(a, null);
    }

    private static void EmitExit(Assembler a, uint? status)
    {
        if (status is { } known)
        {
            a.Constant(R0, known);
        }

        a.Constant(R2, 0x20026);
        a.Emit(Move(R3, R0));
        a.Emit(Push(RegisterList.Of(R2, R3)));
        a.Emit(Move(R1, SP));
        a.Constant(R0, 0x20);
        a.Emit(Numbered(Bkpt, 0xAB));
    }

    private static void Function(ElfObject program, string name, Action<Assembler> emit)
    {
        var assembler = new Assembler();
        emit(assembler);
        CodeSections.Add(program, name, assembler.Assemble());
    }

    private static byte[] ReadHex(string hex)
    {
        var bytes = new List<byte>();
        foreach (var line in hex.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var record = Convert.FromHexString(line[1..]);
            Assert.AreEqual(0, record.Sum(b => b) & 0xFF);
            if (record[3] == 0)
            {
                bytes.AddRange(record[4..^1]);
            }
        }

        return [.. bytes];
    }

    private static void Refused(DiagnosticId id, string part, Action action)
    {
        var diagnostic = Assert.ThrowsExactly<DiagnosticException>(action).Diagnostic;
        Assert.AreEqual(id, diagnostic.Id, diagnostic.Message);
        StringAssert.Contains(diagnostic.Message, part, StringComparison.Ordinal);
    }
}
