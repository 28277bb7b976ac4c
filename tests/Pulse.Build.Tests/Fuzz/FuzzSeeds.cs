using System.Text;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Components;
using Pulse.Build.Tests.Firmware;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>Inputs that are in order: golden files, the sample's components, generated modules. All of them are in the repository.</summary>
internal static class FuzzSeeds
{
    private const int Generated = 8;
    private const byte CoreModuleSection = 1;

    /// <summary>Components.</summary>
    public static List<byte[]> Components() =>
        [.. Files("fusion", "*.wasm").Select(File.ReadAllBytes), .. new[] { "app", "kernel", "mixer", "uart" }.Select(ComponentBytes.Sample)];

    /// <summary>Texts of core modules.</summary>
    public static List<string> Texts() =>
    [
        .. new[] { "wasm", "passes", "refine" }.SelectMany(room => Files(room, "*.wat")).Select(File.ReadAllText),
        .. Enumerable.Range(0, Generated / 2).Select(i => WatPrinter.Print(Module(i))),
    ];

    /// <summary>Binary core modules.</summary>
    public static List<byte[]> Modules() =>
    [
        .. Files("wasm", "*.wat").Select(path => ModuleWriter.Write(WatParser.Parse(File.ReadAllText(path), path))),
        .. Files("hotpath", "*.wasm").Select(File.ReadAllBytes),
        .. SampleModules(),
        .. Enumerable.Range(0, Generated).Select(i => ModuleWriter.Write(Module(i))),
    ];

    /// <summary>Functions in the IR's text form.</summary>
    public static List<string> IrTexts() => [.. Files("passes", "*.ssa").Select(File.ReadAllText), Ir.IrTextTests.Everything];

    /// <summary>Images, with traps and, where the module has debug information, source lines.</summary>
    public static List<byte[]> Images() => [FaultExplanationTests.Image("stm32vldiscovery", FaultExplanationTests.Trapping), FaultExplanationTests.ImageWithLines()];

    /// <summary><paramref name="text"/> as a file holds it.</summary>
    public static byte[] Encode(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The core modules in the sample's components, which have linking and relocation sections.</summary>
    private static IEnumerable<byte[]> SampleModules()
    {
        foreach (var name in new[] { "app", "kernel", "mixer", "uart" })
        {
            var bytes = ComponentBytes.Sample(name);
            foreach (var (_, start, end) in SizedRegions.Sections(bytes).Where(region => bytes[region.SizeAt - 1] == CoreModuleSection))
            {
                yield return bytes[start..end];
            }
        }
    }

    private static Module Module(int number) => ModuleGenerator.Generate(new FuzzRandom((ulong)number).Bytes(60 + number * 80));

    private static IEnumerable<string> Files(string room, string pattern) =>
        Directory.GetFiles(GoldenFiles.Path(room), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal);
}
