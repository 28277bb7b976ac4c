using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Verification;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class WasmToSsaTests
{
    [TestMethod]
    public void Every_function_of_the_suites_modules_converts_to_well_formed_ir()
    {
        var functions = 0;
        foreach (var file in SharedMaterial.Files("suites", "*.wasm"))
        {
            var bytes = File.ReadAllBytes(file);
            if (bytes[4] != 1 || bytes[6] != 0)
            {
                continue;
            }

            var program = ProgramReader.Read(ModuleReader.Read(bytes, file));
            foreach (var index in program.Functions)
            {
                if (program.Body(index) is { } body)
                {
                    functions++;
                    Assert.IsEmpty(IrVerifier.Verify(body, program.Module), $"{file} {index}\n{IrPrinter.Print(body)}");
                }
            }
        }

        Assert.IsGreaterThan(100, functions);
    }
}
