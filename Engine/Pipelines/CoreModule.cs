using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="CoreModule.RoundTrip"/> made.</summary>
/// <param name="Module">The module emitted anew.</param>
/// <param name="CodeBefore">Bytes of all function bodies that came in.</param>
/// <param name="CodeAfter">Bytes of all function bodies that go out.</param>
/// <param name="Functions">Functions with a body.</param>
/// <param name="Rebuilt">Functions that went through SSA; the others are carried through.</param>
public sealed record RoundTripResult(ReadOnlyMemory<byte> Module, long CodeBefore, long CodeAfter, int Functions, int Rebuilt);

/// <summary>Operations on one core module, binary or text: for the workbench, measurements and bug reports.</summary>
public static class CoreModule
{
    /// <summary>Whether the module is valid; reports why not.</summary>
    public static bool Validate(InputFile file, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Run("validation", file, sink, () => ModuleLoading.Load(file)) is not null;
    }

    /// <summary>Takes every function to SSA form and back, without a pass; null when the module is not valid.</summary>
    public static RoundTripResult? RoundTrip(InputFile file, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Run("round trip", file, sink, () =>
        {
            var module = ModuleLoading.Load(file);
            var program = ProgramReader.Read(module);
            var rebuilt = 0;
            foreach (var function in program.Functions.Where(f => program.Body(f) is not null))
            {
                program.MarkChanged(function);
                rebuilt++;
            }

            var result = ProgramWriter.Write(program);
            return new RoundTripResult(ModuleWriter.Write(result), CodeBytes(module), CodeBytes(result), module.Functions.Count(f => f.Body is not null), rebuilt);
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

    private static TResult? Run<TResult>(string stage, InputFile file, IDiagnosticSink sink, Func<TResult?> body)
        where TResult : class
    {
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run(stage, file.Path, sink, body);
    }

    private static long CodeBytes(Module module) => module.Functions.Sum(f => (long)(f.Body?.Code.Length ?? 0));
}
