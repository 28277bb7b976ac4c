using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>
/// Inputs that are all of one small thing cost memory in proportion to their size, and four times the input costs about four times as much:
/// nothing is quadratic. <see cref="FuzzOracle"/> has the bound.
/// </summary>
[TestClass]
public sealed class DenseInputTests
{
    private const int Size = 12_000;

    /// <summary>Lists double: where one stands between two sizes may differ.</summary>
    private const double Uneven = 1.6;

    private static readonly FuzzTarget Text = new WatTarget();

    private static readonly FuzzTarget Validator = new ValidatorTarget();

    public static IEnumerable<string[]> Texts => DenseTexts.Shapes.Keys.Select(name => new[] { name });

    public static IEnumerable<string[]> Modules => DenseModules.Shapes.Keys.Select(name => new[] { name });

    [TestMethod]
    [DynamicData(nameof(Texts))]
    public void A_dense_text_costs_memory_in_proportion_to_its_size(string shape) => AssertInProportion(Text, DenseTexts.Shapes[shape]);

    [TestMethod]
    [DynamicData(nameof(Modules))]
    public void A_dense_module_costs_memory_in_proportion_to_its_size(string shape) => AssertInProportion(Validator, DenseModules.Shapes[shape]);

    [TestMethod]
    [DynamicData(nameof(Modules))]
    public void The_text_of_a_dense_module_is_in_proportion_to_its_size(string shape)
    {
        var bytes = DenseModules.Shapes[shape](Size);
        try
        {
            var text = WatPrinter.Print(ModuleReader.Read(bytes, "dense.wasm"), "dense.wasm");
            Assert.IsTrue(text.Length <= 64 * bytes.Length, $"{text.Length} characters for {bytes.Length} bytes");
        }
        catch (DiagnosticException refusal) when (refusal.Diagnostic.Id == DiagnosticId.PULSE1002)
        {
        }
    }

    private static void AssertInProportion(FuzzTarget target, Func<int, byte[]> make)
    {
        FuzzOracle.Measure(target, make(Size));
        var (small, large) = (FuzzOracle.Measure(target, make(Size)).Allocated, FuzzOracle.Measure(target, make(4 * Size)).Allocated);
        var bound = FuzzOracle.Bound(target, make(4 * Size));
        Assert.IsTrue(large <= bound, $"{large} bytes allocated for {4 * Size} bytes of input");
        Assert.IsTrue(large <= (4 * Uneven * small) + (1 << 15), $"{small} bytes allocated for {Size} bytes of input, {large} for {4 * Size}");
    }
}
