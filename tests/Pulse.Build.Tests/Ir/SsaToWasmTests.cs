using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class SsaToWasmTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Bodies_of_the_suites_modules_emitted_without_passes_are_no_larger_in_sum()
    {
        var (before, after) = (0L, 0L);
        foreach (var file in SharedMaterial.Files("suites", "*.core.wasm"))
        {
            var program = ProgramReader.Read(ModuleReader.Read(File.ReadAllBytes(file), file));
            foreach (var index in program.Functions)
            {
                if (program.Body(index) is { } body)
                {
                    before += BodySize.Of(program.Module.Functions[index.Index].Body!);
                    after += BodySize.Of(SsaToWasm.Convert(body, program.Module));
                }
            }
        }

        TestContext.WriteLine($"{after} of {before} bytes: {(double)after / before:F3}");
        Assert.IsLessThanOrEqualTo(before, after);
    }

    [TestMethod]
    [DataRow("(func (export \"f\") (param i32) (if (i32.eqz (local.get 0)) (then (return))) (call 0 (local.get 0)))", "block loop br return if")]
    [DataRow("(func (export \"f\") (param i32) (result i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))", "local.set block if")]
    [DataRow("(func (export \"f\") (param i32) (drop (i32.add (local.get 0) (i32.const 1))))", "i32.add drop local.get")]
    public void Emitted_code_has_nothing_that_is_not_needed(string function, string absent)
    {
        var module = WatParser.Parse($"(module {function})", "test");
        var body = SsaToWasm.Convert(WasmToSsa.Convert(module, new FuncIndex(0))!, module);
        var reader = new InstructionReader(body.Code.Span, 0, "");
        var mnemonics = new List<string>();
        while (reader.TryRead(out var instruction))
        {
            mnemonics.Add(instruction.Info.Mnemonic);
        }

        Assert.IsEmpty(mnemonics.Intersect(absent.Split(' ')), string.Join(" ", mnemonics));
    }
}
