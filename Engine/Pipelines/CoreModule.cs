using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="CoreModule.RoundTrip"/> made.</summary>
/// <param name="Module">The module emitted anew.</param>
/// <param name="CodeBefore">Bytes of the whole code section that came in.</param>
/// <param name="CodeAfter">Bytes of the code section that goes out, every body emitted from SSA form.</param>
/// <param name="Functions">Functions with a body.</param>
/// <param name="Rebuilt">Functions that went through SSA; the others are carried through.</param>
public sealed record RoundTripResult(ReadOnlyMemory<byte> Module, long CodeBefore, long CodeAfter, int Functions, int Rebuilt);

/// <summary>Operations on one core module, binary or text: for the workbench, measurements and bug reports.</summary>
public static class CoreModule
{
    /// <summary>Whether the module is valid and needs no proposal outside <paramref name="features"/>; reports why not.</summary>
    public static bool Validate(InputFile file, IDiagnosticSink sink, FeatureSet? features = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Run("validation", file, sink, () => ModuleLoading.Load(file, features)) is not null;
    }

    /// <summary>Takes every function to SSA form and back, without a pass, shorter or longer; null when the module is not valid.</summary>
    public static RoundTripResult? RoundTrip(InputFile file, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Run("round trip", file, sink, () =>
        {
            var module = ModuleLoading.Load(file);
            var before = CodeBytes(ModuleWriter.Write(module));
            var bodies = module.Functions.Select(function => function.Body).ToArray();

            // One function at a time: the SSA form of all would be a hundred times the file.
            for (var i = 0; i < bodies.Length; i++)
            {
                if (WasmToSsa.Convert(module, new FuncIndex(i)) is { } body)
                {
                    ProgramWriter.Write(module, new FuncIndex(i), body);
                }
            }

            Validator.Require(module, "emitted");
            var rebuilt = module.Functions.Zip(bodies).Count(pair => !ReferenceEquals(pair.First.Body, pair.Second));
            var after = ModuleWriter.Write(module);
            return new RoundTripResult(after, before, CodeBytes(after), bodies.Count(body => body is not null), rebuilt);
        });
    }

    /// <summary>The module in the text format; null when it is malformed.</summary>
    public static string? Print(InputFile file, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Run("printing", file, sink, () => Wasm.Text.WatPrinter.Print(ModuleLoading.Load(file)));
    }

    /// <summary>The binary of a module in the text format; null when it is malformed or invalid.</summary>
    public static ReadOnlyMemory<byte>? Parse(InputFile file, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Run("parsing", file, sink, () => ModuleWriter.Write(ModuleLoading.Load(file)));
    }

    /// <summary>
    /// As <see cref="Parse"/>, in parts that follow one another; those of a binary module are parts of <paramref name="file"/> itself, so that a
    /// large one need not be in memory twice.
    /// </summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Rewrite(InputFile file, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Run("rewriting", file, sink, () => ModuleWriter.Parts(ModuleLoading.Load(file)));
    }

    private static TResult? Run<TResult>(string stage, InputFile file, IDiagnosticSink sink, Func<TResult?> body)
        where TResult : class
    {
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run(stage, file.Path, sink, body);
    }

    private static long CodeBytes(byte[] binary) => ModuleReader.Read(binary, "").Source?.Find(SectionId.Code)?.Encoded.Length ?? 0;
}
