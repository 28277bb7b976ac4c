using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class SsaToWasmTests
{
    [TestMethod]
    [TestCategory("Measure")]
    public void Measure()
    {
        var folder = Environment.GetEnvironmentVariable("PULSE_IR_MEASURE");
        if (folder is null)
        {
            Assert.Inconclusive("PULSE_IR_MEASURE names no folder");
        }

        var (before, after) = (0L, 0L);
        foreach (var file in Directory.GetFiles(folder, "*.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var bytes = File.ReadAllBytes(file);
            if (bytes[4] != 1 || bytes[6] != 0 || file.EndsWith(".rt.wasm", StringComparison.Ordinal))
            {
                continue;
            }

            var program = ProgramReader.Read(ModuleReader.Read(bytes, file));
            var (b, a) = (0L, 0L);
            var worst = (0, "");
            foreach (var index in program.Functions)
            {
                if (program.Body(index) is { } body)
                {
                    var original = BodySize.Of(program.Module.Functions[index.Index].Body!);
                    var emitted = SsaToWasm.Convert(body, program.Module);
                    program.Module.Functions[index.Index] = program.Module.Functions[index.Index] with { Body = emitted };
                    (b, a) = (b + original, a + BodySize.Of(emitted));
                    if (BodySize.Of(emitted) - original > worst.Item1)
                    {
                        worst = (BodySize.Of(emitted) - original, $"{body.Name}#{index.Index} {original}->{BodySize.Of(emitted)}");
                    }
                }
            }

            File.WriteAllBytes(file + ".rt.wasm", ModuleWriter.Write(program.Module));
            Console.WriteLine($"{(double)a / b:F3} {b,8} {a,8} {file} worst {worst}");
            (before, after) = (before + b, after + a);
        }

        Console.WriteLine($"sum {(double)after / before:F4} {before} {after}");
    }
}
