using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Dwarf;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Firmware;

/// <summary>The DWARF of an image, as our reader and <c>addr2line</c> see it.</summary>
[TestClass]
public sealed class SourceLineTests
{
    [TestMethod]
    [DataRow("redzone.c", TrapSites.Shared)]
    [DataRow("busy.c", TrapSites.Exact)]
    public void Lines_of_every_instruction_are_those_of_an_independent_reader(string file, TrapSites traps)
    {
        var built = ChipTests.Build(file, "mps2-an385", handler: "SysTick=on-tick", flags: ["-g"], traps: traps);
        Assert.IsNotNull(built.Result, string.Join('\n', built.Said));
        var bytes = built.Result.Image!.Elf.ToArray();
        var image = ElfReader.ReadImage(bytes, "a.elf");
        var lines = new SourceLines(image, "a.elf");
        var addresses = image.Symbols.Where(symbol => symbol is { Type: SymbolType.Function, Binding: SymbolBinding.Global })
            .SelectMany(symbol => Enumerable.Range(0, (int)symbol.Size / 2).Select(i => (symbol.Value & ~1u) + (uint)i * 2)).ToList();
        var ours = addresses.ConvertAll(address => lines.Find(address) is { } found ? string.Create(CultureInfo.InvariantCulture, $"{found.File}:{found.Line}") : "??:0");
        Assert.IsGreaterThan(5, ours.Distinct().Count());

        // The entry of a handler stands in no source.
        Assert.IsLessThan(ours.Count / 10, ours.Count(line => !line.Contains(file + ":", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(Addr2Line(bytes, addresses), ours);
    }

    /// <summary>Two guards and, behind them, a call: at what it traps a guard has its own line, not the one that is told of the code before.</summary>
    [TestMethod]
    [DataRow(TrapSites.Shared, 88, 91, 88, "app.c:88 or app.c:91")]
    [DataRow(TrapSites.Exact, 88, 91, 88, "app.c:88; app.c:91")]
    [DataRow(TrapSites.Shared, 88, 0, 95, "app.c:88 or a line that is not known")]
    [DataRow(TrapSites.Exact, 88, 0, 95, "app.c:88; a function at app.c:80")]
    [DataRow(TrapSites.Shared, 0, 0, 95, "a function at app.c:80")]
    public void A_guard_is_told_with_its_own_line(TrapSites traps, int first, int second, int call, string told)
    {
        const string Text = """
            (module (memory 1) (@custom "pulse.memory" "\80\08") (global $at (mut i32) (i32.const -4)) (func $other (export "other") (param i32))
              (func (export "run") (call $other (i32.add (i32.load (global.get $at)) (i32.load8_u offset=9 (global.get $at))))))
            """;
        SourcePosition? At(int line) => line > 0 ? new SourcePosition("/src/app.c", line, 1) : null;
        var module = WatParser.Parse(Text, "t.wat");
        CodePositions.Write(module, new() { [1] = new BodyPositions(At(80), [At(first), At(second), At(call)]) });
        var options = new LowerOptions { Module = new InputFile("t.wasm", ModuleWriter.Write(module)), Board = "mps2-an385", Traps = traps };
        var said = new DiagnosticList();
        var lowered = ThumbCompiler.Lower(options, said);
        Assert.IsNotNull(lowered, string.Join('\n', said));
        var elf = new InputFile("t.elf", lowered.Image!.Elf);
        var records = ElfReader.ReadImage(elf.Bytes, "t.elf").Sections.Find(section => section.Name == ObjectBuilder.TrapSection)!.Content;
        var messages = records.Chunk(16).Select(record => BitConverter.ToUInt32(record)).Distinct().Order()
            .Select(address => FaultReport.Explain(elf, address, 66, said)!.Message);
        Assert.AreEqual(string.Join("; ", told.Split("; ").Select(lines => $"trap \"memory bounds\" in run ({lines})")), string.Join("; ", messages));
    }

    private static List<string> Addr2Line(byte[] elf, List<uint> addresses)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".elf");
        File.WriteAllBytes(file, elf);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("arm-none-eabi-addr2line", ["-e", file, .. addresses.Select(a => a.ToString("x", CultureInfo.InvariantCulture))]) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(" (discriminator")[0]).Select(line => line.EndsWith(":?", StringComparison.Ordinal) ? "??:0" : line)];
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.Inconclusive($"addr2line does not run: {missing.Message}");
            return [];
        }
        finally
        {
            File.Delete(file);
        }
    }
}
