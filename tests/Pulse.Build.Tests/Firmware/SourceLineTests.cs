using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Pipelines;

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

    private static List<string> Addr2Line(byte[] elf, List<uint> addresses)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".elf");
        File.WriteAllBytes(file, elf);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("arm-none-eabi-addr2line", ["-e", file, .. addresses.Select(a => a.ToString("x", CultureInfo.InvariantCulture))]) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(" (discriminator")[0].Replace("??:?", "??:0", StringComparison.Ordinal))];
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
