using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>Runs two modules under many hosts and says where they differ. It shares no code with the judge.</summary>
internal sealed class BehaviourComparison(int scripts)
{
    private const long Fuel = 20_000;
    private const long MuchFuel = 1_000_000;

    /// <summary>Small numbers, signs, and addresses at the end of a memory of a few pages.</summary>
    private static readonly ulong[] Edges =
        [0, 1, 2, 4, 5, 8, 16, 64, 100, 0xFFF8, 0xFFFC, 0xFFFE, 0xFFFF, 0x1_0000, 0x1_0001, 0x1_FFFC, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFC, 0xFFFF_FFFF, ulong.MaxValue];

    /// <summary>The first difference that a host can see, or null when no run shows one.</summary>
    public string? Difference(byte[] before, byte[] after)
    {
        var (x, y) = (ModuleReader.Read(before, "before"), ModuleReader.Read(after, "after"));
        if (HostView.Needs(y).Except(HostView.Needs(x)).FirstOrDefault() is { } needed)
        {
            return $"it needs {needed}";
        }

        var (first, second) = (ProgramReader.Read(x), ProgramReader.Read(y));
        var telling = Telling(x).Concat(Telling(y)).Concat(Edges).Distinct().ToList();
        foreach (var script in HostScript.All(scripts, telling, x))
        {
            if (Difference(first, second, script) is { } difference)
            {
                return string.Create(CultureInfo.InvariantCulture, $"host {script.Seed} {script.Style}: {difference}");
            }
        }

        return null;
    }

    private static string? Difference(Program first, Program second, HostScript script)
    {
        var (x, y) = (ModuleRun.Of(first, script, Fuel), ModuleRun.Of(second, script, Fuel));
        if (x.Cut == OutcomeKind.OutOfFuel != (y.Cut == OutcomeKind.OutOfFuel) || x.Cut is not null && x.Lines.Count != y.Lines.Count)
        {
            // The one that is behind gets more time before it counts as one that never gets there.
            x = x.Lines.Count <= y.Lines.Count && x.Cut is not null ? ModuleRun.Of(first, script, MuchFuel) : x;
            y = y.Lines.Count <= x.Lines.Count && y.Cut is not null ? ModuleRun.Of(second, script, MuchFuel) : y;
        }

        var shared = Math.Min(x.Lines.Count, y.Lines.Count);
        for (var i = 0; i < shared; i++)
        {
            if (x.Lines[i] != y.Lines[i])
            {
                return $"'{x.Lines[i]}' became '{y.Lines[i]}' after '{(i == 0 ? "" : x.Lines[i - 1])}'";
            }
        }

        if (x.Lines.Count == y.Lines.Count)
        {
            return null;
        }

        var (behind, ahead, which) = x.Lines.Count < y.Lines.Count ? (x, y, "the first") : (y, x, "the second");
        return behind.Cut is null or OutcomeKind.OutOfFuel ? $"{which} never gets to '{ahead.Lines[shared]}'" : null;
    }

    /// <summary>The constants of a module.</summary>
    private static List<ulong> Telling(Module module)
    {
        var constants = new List<ulong>();
        foreach (var body in module.Functions.Select(f => f.Body).OfType<FunctionBody>())
        {
            var reader = new InstructionReader(body.Code.Span, 0, "trial");
            while (reader.TryRead(out var instruction))
            {
                if (instruction.Info.Immediate is ImmediateKind.Const32 or ImmediateKind.Const64)
                {
                    constants.Add(instruction.Wide);
                }
            }
        }

        return constants;
    }
}
