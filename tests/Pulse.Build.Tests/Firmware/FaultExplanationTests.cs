using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Tests.Support;
using Encoding = System.Text.Encoding;

namespace Pulse.Build.Tests.Firmware;

/// <summary>What a board printed and ended with, in words; <see cref="FaultTests"/> has what is no trap.</summary>
[TestClass]
public sealed class FaultExplanationTests
{
    private const string Board = "stm32vldiscovery";

    /// <summary>A function that traps, called by the entry.</summary>
    public const string Trapping = "(memory 0) (func $report (result i32) (i32.load (i32.const -4))) (func (export \"run\") (drop (call $report)))";

    [TestMethod]
    [DataRow("unreachable", 65, "(func $f (result i32) unreachable)")]
    [DataRow("memory bounds", 66, "(memory 0) (func $f (result i32) (i32.load (i32.const -4)))")]
    [DataRow("divide by zero", 67, "(global $z (mut i32) (i32.const 0)) (func $f (result i32) (i32.div_u (i32.const 7) (global.get $z)))")]
    [DataRow("integer overflow", 68, "(global $m (mut i32) (i32.const -1)) (func $f (result i32) (i32.div_s (i32.const 0x80000000) (global.get $m)))")]
    [DataRow("table bounds", 69, "(global $i (mut i32) (i32.const 9)) (table 2 funcref) (func $f (result i32) (call_indirect (result i32) (global.get $i)))")]
    [DataRow("stack overflow", 72, "(func $f (result i32) (i32.add (call $f) (call $f)))")]
    [DataRow("unaligned atomic", 73, "(memory 1) (global $i (mut i32) (i32.const 1)) (func $f (result i32) (i32.atomic.load (global.get $i)))")]
    public void A_trap_is_told_with_its_function(string trap, int status, string fields)
        => Says(status, $"trap \"{trap}\" in f", fields + "(func (export \"run\") (drop (call $f)))");

    /// <summary>What is printed is where the call would return to; a record has the place where all such calls end.</summary>
    [TestMethod]
    [DataRow("null function", 70, 0)]
    [DataRow("signature mismatch", 71, 1)]
    public void A_call_through_a_table_is_told_with_its_function(string trap, int status, int entry)
    {
        var elf = Says(
            status, $"trap \"{trap}\" in f",
            $"""
            (global $i (mut i32) (i32.const {entry})) (table 3 3 funcref) (elem (i32.const 1) $other $g) (func $other) (func $g (result i32) (i32.const 0))
            (func $f (call_indirect (global.get $i)) (drop (call_indirect (result i32) (global.get $i)))) (func (export "run") (call $f))
            """);
        var stub = ElfReader.ReadImage(elf, "f.elf").Symbols.Single(symbol => symbol.Name == (status == 70 ? "__pulse_null_function" : "__pulse_wrong_type"));
        Assert.AreEqual($"trap \"{trap}\" of a call through a table", Explain(elf, stub.Value, status));
        Assert.AreEqual($"trap \"{trap}\" of a call through a table", Explain(elf, stub.Value, null));
    }

    [TestMethod]
    public void A_trap_in_an_export_is_told_with_its_component()
        => Says(65, "trap \"unreachable\" in app!main", """(func $"app!main" (export "run") unreachable)""");

    [TestMethod]
    public void An_address_without_a_status_is_told_from_the_image()
    {
        var elf = Image(Board, Trapping);
        var image = ElfReader.ReadImage(elf, "f.elf");
        var trap = BitConverter.ToUInt32(image.Sections.Find(section => section.Name == ".pulse.traps")!.Content, 0);
        Assert.AreEqual("trap \"memory bounds\" in report", Explain(elf, trap, null));
        Assert.AreEqual("trap \"memory bounds\" in report", Explain(elf, trap & ~1u, 137), "what a shell gives is no status of ours");
        Assert.AreEqual("BusFault in report", Explain(elf, trap, 95), "the status knows better than the place");
        Assert.AreEqual("a fault in run", Explain(elf, image.Find("run")!.Value, null));
        Assert.AreEqual("DebugMonitor without a handler in run", Explain(elf, image.Find("run")!.Value, 102));
        Assert.AreEqual("a fault in no function (0x00000010)", Explain(elf, 0x11, null));
    }

    [TestMethod]
    public void An_address_with_debug_information_is_told_with_its_line()
    {
        var elf = ImageWithLines();
        var image = ElfReader.ReadImage(elf, "f.elf");
        Assert.AreEqual("NMI in poll (seam.c:12)", Explain(elf, image.Find("poll")!.Value, 92));
    }

    [TestMethod]
    public void What_is_no_image_is_refused()
    {
        var said = new DiagnosticList();
        Assert.IsNull(FaultReport.Explain(new InputFile("f.elf", new byte[100]), 1, 66, said));
        Assert.AreEqual(DiagnosticId.PULSE4030, said.Single().Id);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(1000)]
    public void The_line_is_found_in_pieces_of_any_size(int piece)
    {
        var line = new FaultLine();
        foreach (var bytes in Encoding.ASCII.GetBytes("PULSE fault 0x0800\nPULSE PULSE fault 0x080002aBcd").Chunk(piece))
        {
            line.Pass(bytes);
        }

        Assert.AreEqual(0x080002ABu, line.Address);
        Assert.IsFalse(line.EndsLine);
        line.Pass("\n"u8);
        Assert.IsTrue(line.EndsLine);
    }

    /// <summary>The image of a module with <paramref name="fields"/>.</summary>
    public static byte[] Image(string board, string fields) => Lower(board, new InputFile("f.wat", Encoding.UTF8.GetBytes($"(module {fields})"))).Image!.Elf.ToArray();

    /// <summary>The image of a module of C, with the lines of its source, whose functions something else enters.</summary>
    public static byte[] ImageWithLines()
    {
        var module = File.ReadAllBytes(Path.Combine(GoldenFiles.Path("hotpath"), "seam-dwarf4.wasm"));

        // Of the board's import one of the chip is made, with a length that takes the spare byte.
        var import = module.AsSpan().IndexOf("\u0011pulse:board/input\u0004read"u8);
        ((ReadOnlySpan<byte>)[14, .. "pulse:hal/mmio"u8, 0x86, 0, .. "read32"u8]).CopyTo(module.AsSpan(import));
        var program = ElfReader.ReadObject(Lower(null, new InputFile("seam.wasm", module)).Object, "seam.o");
        var entry = new Assembler();
        entry.Jump("poll");
        CodeSections.Add(program, "run", entry.Assemble());
        return ElfWriter.Write(FirmwareLinker.Link([(program, "seam.o")], new FirmwareOptions { Board = Boards.Find("mps2-an385"), Entry = "run" }).Image);
    }

    private static LowerResult Lower(string? board, InputFile module)
    {
        var said = new DiagnosticList();
        var options = board is null
            ? new LowerOptions { Module = module, Output = OutputKind.Object }
            : new LowerOptions { Module = module, Board = board, Faults = FaultHandling.SemihostingExit, StackSize = 1024 };
        var lowered = ThumbCompiler.Lower(options, said);
        Assert.IsNotNull(lowered, string.Join('\n', said));
        return lowered;
    }

    private static byte[] Says(int status, string text, string fields)
    {
        var elf = Image("mps2-an385", fields);
        var (ended, _, output) = Qemu.RunWithErrors("mps2-an385", elf);
        Assert.AreEqual(status, ended, output);
        var line = new FaultLine();
        line.Pass(Encoding.ASCII.GetBytes(output));
        Assert.AreEqual(text, Explain(elf, line.Address!.Value, status));
        return elf;
    }

    private static string Explain(byte[] elf, uint address, int? status)
    {
        var explanation = FaultReport.Explain(new InputFile("f.elf", elf), address, status, new DiagnosticList())!;
        Assert.AreEqual($"f.elf: error PULSE6001: {explanation.Message}", explanation.ToString());
        return explanation.Message;
    }
}
