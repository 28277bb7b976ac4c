using System.Collections.Immutable;
using System.Text;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Verification;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Components;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>The targets by name.</summary>
internal static class FuzzTargets
{
    public static FuzzTarget Find(string name) => name switch
    {
        "module-reader" => new ModuleReaderTarget(),
        "validator" => new ValidatorTarget(),
        "wat-parser" => new WatTarget(),
        "component-reader" => new ComponentReaderTarget(),
        "elf-reader" => new ElfTarget(),
        "fault-explanation" => new ExplanationTarget(),
        "ir-parser" => new IrTarget(),
        "fusion" => new FusionTarget(),
        "core-module" => new CoreModuleTarget(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such target"),
    };

    /// <summary>Every target's name, rows of a test.</summary>
    public static IEnumerable<string[]> Names =>
        new[] { "module-reader", "validator", "wat-parser", "component-reader", "elf-reader", "fault-explanation", "ir-parser", "fusion", "core-module" }.Select(name => new[] { name });
}

/// <summary>A target of binaries.</summary>
internal abstract class BinaryTarget(string name, int rounds, IReadOnlyList<byte[]> seeds) : FuzzTarget(name, rounds)
{
    protected IReadOnlyList<byte[]> Seeds { get; } = seeds;

    public override byte[] Mutate(FuzzRandom random) => ByteMutator.Mutate(random.Pick(Seeds), Seeds, random);
}

/// <summary>A target of texts.</summary>
internal abstract class TextTarget(string name, int rounds, IReadOnlyList<string> seeds) : FuzzTarget(name, rounds)
{
    public override byte[] Mutate(FuzzRandom random) => FuzzSeeds.Encode(TextMutator.Mutate(random.Pick(seeds), seeds, random));
}

/// <summary>
/// The reader, and what reads the custom sections that mean something to the engine: an accepted module is written with the same bytes;
/// encoded anew it is read again, and written the same.
/// </summary>
internal sealed class ModuleReaderTarget() : BinaryTarget("module-reader", 1500, FuzzSeeds.Modules())
{
    public override byte[] Mutate(FuzzRandom random) => DenseModules.Now(random) ?? base.Mutate(random);

    public override object Run(byte[] input)
    {
        var module = ModuleReader.Read(input, "fuzz.wasm");
        NameSection.Read(module);
        Refusable(() => LinkingSection.Read(module, "fuzz.wasm"));
        Refusable(() => RelocationSection.Read(module, "fuzz.wasm"));
        Refusable(() => CodePositions.Read(module, "fuzz.wasm"));
        Refusable(() => InlineHints.Read(module, "fuzz.wasm"));
        return module;
    }

    /// <summary>What is wrong in a custom section is no refusal of the module.</summary>
    private static void Refusable(Action read)
    {
        try
        {
            read();
        }
        catch (DiagnosticException e) when (e.Diagnostic.Id != DiagnosticId.PULSE9001)
        {
        }
    }

    public override void Check(byte[] input, object result) => CheckBytes(input, (Module)result);

    public static void CheckBytes(byte[] input, Module module)
    {
        FuzzOracle.Require(ModuleWriter.Write(module).AsSpan().SequenceEqual(input), "what was read is written with other bytes");
        module.Source = null;
        var canonical = ModuleWriter.Write(module);
        var again = ModuleReader.Read(canonical, "canonical.wasm");
        again.Source = null;
        FuzzOracle.Require(ModuleWriter.Write(again).AsSpan().SequenceEqual(canonical), "the canonical encoding is not stable");
    }
}

/// <summary>Reader and validator: a valid module stays valid when it is encoded anew, and survives print and parse.</summary>
internal sealed class ValidatorTarget() : BinaryTarget("validator", 1500, FuzzSeeds.Modules())
{
    public override byte[] Mutate(FuzzRandom random) => DenseModules.Now(random)
        ?? (random.Once(3) ? null : CodeMutator.Mutate(random.Pick(Seeds), random)) ?? base.Mutate(random);

    public override object Run(byte[] input)
    {
        var module = ModuleReader.Read(input, "fuzz.wasm");
        Validator.Validate(module, "fuzz.wasm");
        return module;
    }

    public override void Check(byte[] input, object result)
    {
        var module = (Module)result;
        ModuleReaderTarget.CheckBytes(input, module);
        var canonical = ModuleWriter.Write(module);
        Validator.Validate(ModuleReader.Read(canonical, "canonical.wasm"), "canonical.wasm");
        WatTarget.CheckText(module);
    }
}

/// <summary>The text parser: an accepted text prints as a text that means the same and prints the same.</summary>
internal sealed class WatTarget() : TextTarget("wat-parser", 1200, FuzzSeeds.Texts())
{
    public override byte[] Mutate(FuzzRandom random) => DenseTexts.Now(random) ?? base.Mutate(random);

    /// <summary>A text has a word for every local; where the binary has counts for millions, printing is not what is looked at.</summary>
    private const int MostLocals = 1_000_000;

    /// <summary>All that becomes of a text on its way to a binary is measured; what is wrong with a module is no refusal of its text.</summary>
    public override object Run(byte[] input)
    {
        var module = WatParser.Parse(input, "fuzz.wat");
        var isValid = IsValid(module);
        if (isValid)
        {
            ModuleWriter.Write(module);
        }

        return (module, isValid);
    }

    /// <summary>Refusals have line and column, those of <c>(module binary …)</c> the offset in its bytes.</summary>
    public override bool IsRefusal(byte[] input, Exception exception) =>
        FuzzOracle.IsDiagnostic(input, exception) && exception is DiagnosticException { Diagnostic.Location: var place }
        && (place.Line > 0 || (place.Offset >= 0 && input.AsSpan().IndexOf("binary"u8) >= 0));

    public override void Check(byte[] input, object result)
    {
        if (result is (Module module, true))
        {
            CheckText(module);
        }
    }

    private static bool IsValid(Module module)
    {
        try
        {
            Validator.Validate(module, "fuzz.wat");
            return true;
        }
        catch (DiagnosticException)
        {
            return false;
        }
    }

    public static void CheckText(Module module)
    {
        if (module.Functions.Sum(function => function.Body?.Locals.Sum(group => (long)group.Count) ?? 0) > MostLocals)
        {
            return;
        }

        var text = WatPrinter.Print(module);
        var again = WatParser.Parse(text, "printed.wat");
        FuzzOracle.Require(WatPrinter.Print(again) == text, "a printed text is parsed and printed differently");
        Validator.Validate(again, "printed.wat");
    }
}

/// <summary>The component reader; core modules inside are read where they are used, so they are not looked at here.</summary>
internal sealed class ComponentReaderTarget() : BinaryTarget("component-reader", 1500, FuzzSeeds.Components())
{
    public override object Run(byte[] input) => ComponentReader.Read(input, "fuzz.wasm");
}

/// <summary>The reader of objects and of images.</summary>
internal sealed class ElfTarget() : BinaryTarget("elf-reader", 2000, [ElfWriter.Write(Elf.ElfTests.Sample()), ElfWriter.Write(Elf.ElfTests.SampleImage())])
{
    public override object Run(byte[] input) =>
        input.Length > 16 && input[16] == ElfNative.TypeExecutable ? ElfReader.ReadImage(input, "fuzz.elf") : ElfReader.ReadObject(input, "fuzz.o");
}

/// <summary>The IR's text form, which only our own dumps and tests are written in: it refuses by <see cref="IrSyntaxException"/>.</summary>
internal sealed class IrTarget() : TextTarget("ir-parser", 1500, FuzzSeeds.IrTexts())
{
    public override object Run(byte[] input) => IrParser.ParseAll(Encoding.UTF8.GetString(input));

    public override bool IsRefusal(byte[] input, Exception exception) => exception is IrSyntaxException;

    public override void Check(byte[] input, object result)
    {
        foreach (var function in ((IReadOnlyList<Function>)result).Where(function => IrVerifier.Verify(function).Count == 0))
        {
            var text = IrPrinter.Print(function);
            FuzzOracle.Require(IrPrinter.Print(IrParser.Parse(text)) == text, "a printed function is parsed and printed differently");
        }
    }
}

/// <summary>A pipeline: it reports what is wrong, and what it makes is valid.</summary>
internal abstract class PipelineTarget(string name, int rounds, IReadOnlyList<byte[]> seeds) : BinaryTarget(name, rounds, seeds)
{
    /// <summary>A pipeline has the tables of many stages.</summary>
    public override int Ground => 16 * 1024;

    public override void Check(byte[] input, object result)
    {
        if (result is ReadOnlyMemory<byte> made)
        {
            Validator.Validate(ModuleReader.Read(made, "made.wasm"), "made.wasm");
        }
    }

    /// <summary>Turns what was reported into the exception of a refusal.</summary>
    protected static object Outcome(object? result, Reports reports)
    {
        FuzzOracle.Require(result is null == reports.Errors.Count > 0, "an error is reported exactly when there is no result");
        return result ?? throw new DiagnosticException(reports.Errors[0]);
    }

    protected sealed class Reports : IDiagnosticSink
    {
        public List<Diagnostic> Errors { get; } = [];

        public void Report(Diagnostic diagnostic)
        {
            if (diagnostic.Severity == Severity.Error)
            {
                Errors.Add(diagnostic);
            }
        }
    }
}

/// <summary>What stopped an image that anybody may have damaged: asked at places in it, behind them, and with every status.</summary>
internal sealed class ExplanationTarget() : PipelineTarget("fault-explanation", 1000, [ElfWriter.Write(Elf.ElfTests.SampleImage()), .. FuzzSeeds.Images()])
{
    private const int Places = 8;

    private static readonly int?[] _statuses = [null, int.MinValue, 0, 66, 70, 93, 102, 105, 143, int.MaxValue];

    public override object Run(byte[] input)
    {
        var reports = new Reports();
        return Outcome(FaultReport.Explain(new InputFile("fuzz.elf", input), 0x0800_0121, 66, reports), reports);
    }

    public override void Check(byte[] input, object result)
    {
        var image = ElfReader.ReadImage(input, "fuzz.elf");
        var addresses = image.Symbols.TakeLast(Places).SelectMany(symbol => new[] { symbol.Value, unchecked(symbol.Value + symbol.Size) });
        foreach (var (address, status) in addresses.Append(1u).Append(uint.MaxValue).Zip(_statuses))
        {
            var reports = new Reports();
            Outcome(FaultReport.Explain(new InputFile("fuzz.elf", input), address, status, reports), reports);
        }
    }
}

/// <summary>Fusion of a component alone, and in the place of the sample's first one.</summary>
internal sealed class FusionTarget() : PipelineTarget("fusion", 400, FuzzSeeds.Components())
{
    private readonly ImmutableArray<InputFile> _others =
        [.. new[] { "kernel", "mixer", "uart" }.Select(name => new InputFile(name + ".wasm", ComponentBytes.Sample(name)))];

    public override object Run(byte[] input) => Fuse([new InputFile("fuzz.wasm", input)]);

    public override void Check(byte[] input, object result)
    {
        base.Check(input, result);
        try
        {
            base.Check(input, Fuse([new InputFile("app.wasm", input), .. _others]));
        }
        catch (DiagnosticException e) when (e.Diagnostic.Id != DiagnosticId.PULSE9001)
        {
        }
    }

    private static object Fuse(ImmutableArray<InputFile> files)
    {
        var reports = new Reports();
        return Outcome(ComponentFuser.Fuse(new FuseOptions { Components = files }, reports)?.Module, reports);
    }
}

/// <summary>What the command line does with a core module: validation, then SSA and back, which nothing valid is refused by.</summary>
internal sealed class CoreModuleTarget() : PipelineTarget("core-module", 400, FuzzSeeds.Modules())
{
    public override byte[] Mutate(FuzzRandom random) =>
        random.Once(4) ? base.Mutate(random) : CodeMutator.Mutate(random.Pick(Seeds), random) ?? base.Mutate(random);

    public override object Run(byte[] input)
    {
        var reports = new Reports();
        return Outcome(CoreModule.Validate(new InputFile("fuzz.wasm", input), reports) ? input : null, reports);
    }

    public override void Check(byte[] input, object result)
    {
        var reports = new Reports();
        base.Check(input, Outcome(CoreModule.RoundTrip(new InputFile("fuzz.wasm", input), reports)?.Module, reports));
    }
}
