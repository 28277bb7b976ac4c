using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Keeps the stacks of linear memory inside their places: before optimisation by checks where the depth is not known, after it by comparison.</summary>
internal static class ShadowStackCheck
{
    /// <summary><paramref name="file"/>, or a binary in its place that traps where a stack of unknown depth would run into data below it.</summary>
    public static InputFile Apply(InputFile file, string? provenance, ImmutableArray<InterruptHandler> handlers)
    {
        // A stack at the bottom of its memory traps without a check: below it are no addresses.
        var stacks = PlannedStacks.Read(provenance, file.Path).Where(stack => stack.Low > 0).ToList();
        if (stacks.Count == 0)
        {
            return file;
        }

        var module = ModuleLoading.Load(file);
        var plans = ShadowStackPlan.Of(ProgramReader.Read(module), null, handlers);
        var checkedStacks = stacks.Select(stack => new CheckedStack(
            stack.Low, stack.High, (uint)Math.Min(plans.Where(plan => plan.Top == stack.High).Select(plan => plan.Handlers ?? 0).DefaultIfEmpty(0L).Max(), stack.High - stack.Low)));
        var result = StackChecks.Add(module, file.Path, [.. checkedStacks]);
        return result == module ? file : file with { Bytes = ModuleWriter.Write(result) };
    }

    /// <summary>PULSE4056 when the deepest calls of the program and its handlers do not fit; PULSE4057 when nobody can tell.</summary>
    public static void Require(Program program, LowerOptions options, IDiagnosticSink sink)
    {
        ImmutableArray<string>? entries = options.Output != OutputKind.Firmware ? null : options.Faults == FaultHandling.OnFault ? [options.Entry, FaultCode.Export] : [options.Entry];
        var stacks = PlannedStacks.Read(options.ProvenanceJson, options.Module.Path);
        foreach (var plan in ShadowStackPlan.Of(program, entries, options.InterruptHandlers, framesOnly: true))
        {
            var isKnown = stacks.Any(stack => stack.High == plan.Top);
            var low = isKnown ? stacks.First(stack => stack.High == plan.Top).Low : EndOfData(program.Module, plan.Top);
            if (plan.Bytes is { } bytes && bytes > plan.Top - low)
            {
                throw new DiagnosticException(DiagnosticId.PULSE4056, new Location(options.Module.Path), plan.Top - low, bytes, plan.Chains);
            }

            // What the program alone can take is what the linker was told to reserve for; recursion and handlers are more.
            if (!isKnown && low > 0 && (plan.Program is null || plan.Handlers != 0))
            {
                sink.Report(Diagnostic.Create(DiagnosticId.PULSE4057, new Location(options.Module.Path), plan.Top));
            }
        }
    }

    /// <summary>The end of the last data in front of <paramref name="top"/>: the stack has no more than what is between.</summary>
    private static uint EndOfData(Module module, uint top)
    {
        ulong low = 0;
        foreach (var segment in module.Data.Where(segment => segment.Mode == SegmentMode.Active && segment.Offset is not null))
        {
            var end = segment.Offset!.TryEvaluate(out var offset) ? (offset.Bits & uint.MaxValue) + (ulong)segment.Bytes.Length : 0;
            low = end <= top ? Math.Max(low, end) : low;
        }

        return (uint)Math.Min((low + 15) & ~15UL, top);
    }
}
