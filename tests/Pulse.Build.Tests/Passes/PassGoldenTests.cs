using System.Text;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Verification;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Passes;

/// <summary>
/// Each <c>tests/golden/passes/NAME.wat</c> begins with <c>;; RUN: pass,pass</c>; beside it stands the SSA form of its functions afterwards.
/// <c>PULSE_BLESS=1</c> rewrites the expectations.
/// </summary>
[TestClass]
public sealed class PassGoldenTests
{
    private static string Folder => GoldenFiles.Path("passes");

    public static IEnumerable<object[]> Files =>
        Directory.EnumerateFiles(Folder, "*.wat").Order(StringComparer.Ordinal).Select(file => new object[] { Path.GetFileNameWithoutExtension(file) });

    [TestMethod]
    public void There_are_golden_files() => Assert.IsTrue(Files.Count() >= 12);

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_pass_gives_what_the_file_says(string name)
    {
        var input = File.ReadAllText(Path.Combine(Folder, name + ".wat"));
        var expectation = Path.Combine(Folder, name + ".ssa");
        var actual = Run(input, name + ".wat");
        if (Environment.GetEnvironmentVariable("PULSE_BLESS") == "1")
        {
            File.WriteAllText(expectation, actual);
        }

        Assert.AreEqual(File.ReadAllText(expectation), actual);
    }

    private static string Run(string input, string path)
    {
        var directive = input.Split('\n')[0];
        StringAssert.StartsWith(directive, ";; RUN: ");
        var module = WatParser.Parse(input, path);
        var program = ProgramReader.Read(module);
        var context = new PassContext(program, new OptimizerSettings()) { Names = FunctionNames.Of(module) };
        foreach (var step in directive[";; RUN: ".Length..].Trim().Split(','))
        {
            RunStep(step, program, context);
            foreach (var function in program.Functions)
            {
                if (program.Body(function) is { } body)
                {
                    IrVerifier.Require(body, module, step);
                }
            }
        }

        var text = new StringBuilder();
        foreach (var body in program.Functions.Select(program.Body).OfType<Function>())
        {
            text.Append(IrPrinter.Print(body)).Append('\n');
        }

        return text.ToString();
    }

    private static void RunStep(string step, Program program, PassContext context)
    {
        if (step == "inline")
        {
            new Inlining(Engine.Passes.Pipelines.Scalar).Run(context);
            return;
        }

        var pass = Engine.Passes.Pipelines.Scalar.Passes.SingleOrDefault(p => p.Info.Name == step);
        foreach (var function in program.Functions)
        {
            if (program.Body(function) is not { } body)
            {
                continue;
            }

            if (step == "scalar")
            {
                Engine.Passes.Pipelines.Scalar.Run(body, function, context);
            }
            else
            {
                Assert.IsNotNull(pass, $"there is a pass named {step}");
                pass.Run(body, context);
            }
        }
    }
}
