using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>A part of the worst case: the program, or what can interrupt the parts before it.</summary>
/// <param name="Role">What it is.</param>
/// <param name="Exception">Bytes that the processor pushes to enter it.</param>
/// <param name="Root">Where it begins.</param>
/// <param name="Depth">Bytes that its functions take.</param>
internal sealed record StackLevel(string Role, uint Exception, StackFunction Root, uint Depth);

/// <summary>How much machine stack an image can take, and how much it gets.</summary>
internal sealed class StackPlan
{
    /// <summary>What the processor pushes to enter an exception: eight words, and one where the stack was not aligned to 8.</summary>
    private const uint ExceptionFrame = 36;

    private const int NonMaskable = 2;
    private const int HardFault = 3;

    private StackPlan(StackDepths depths, List<StackLevel> levels) => (Depths, Levels) = (depths, levels);

    /// <summary>Depths of the functions.</summary>
    public StackDepths Depths { get; }

    /// <summary>The program first, then what interrupts it: one handler of each priority, and a fault.</summary>
    public IReadOnlyList<StackLevel> Levels { get; }

    /// <summary>Bytes in the worst case; where there is recursion, of one round of it.</summary>
    public uint Depth => (uint)Levels.Sum(level => (long)level.Exception + level.Depth);

    /// <summary>Bytes that have to be free at the entry of a function: for itself, for what it calls without recursion, and for what interrupts them.</summary>
    public uint Below(StackFunction function) => (uint)Math.Min((ulong)Depths.Of(function) + Depth - Levels[0].Depth, uint.MaxValue);

    /// <summary>Whether the depth is known.</summary>
    public bool IsBounded => Depths.Cycles.Count == 0;

    /// <summary>The functions that mask interrupts.</summary>
    public IReadOnlyList<StackFunction> Masked { get; private init; } = [];

    /// <summary>Bytes that are laid out.</summary>
    public uint Reserve { get; private init; }

    /// <summary>Plans the stack of an image; PULSE4054 when it is recursive without a number, PULSE4055 when the number is too small.</summary>
    public static StackPlan Make(IReadOnlyList<ElfObject> objects, IReadOnlyList<ElfSection> live, SymbolResolver symbols, FirmwareOptions options)
    {
        var graph = new StackGraph(objects, live, symbols);
        var vectors = live.First(section => section.Name == VectorTable.SectionName);
        var roots = vectors.Relocations.Select(relocation => (Number: (int)relocation.Offset / 4, Function: graph.At(relocation, vectors)))
            .Where(vector => vector.Function is not null).ToDictionary(vector => vector.Number, vector => vector.Function!);
        var depths = new StackDepths(roots.OrderBy(root => root.Key).Select(root => root.Value));
        var plan = new StackPlan(depths, [.. LevelsOf(roots, depths, options)]);
        if (options.StackSize is { } size && size < plan.Depth)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4055, Location.None, size, plan.Depth, plan.Describe());
        }

        if (options.StackSize is null && !plan.IsBounded)
        {
            throw new DiagnosticException(
                DiagnosticId.PULSE4054, Location.None, string.Join("; ", depths.Cycles.Select(cycle => string.Join(" -> ", cycle.Select(f => f.Name)))), plan.Depth);
        }

        return new StackPlan(depths, [.. plan.Levels])
        {
            Masked = [.. graph.Functions.Where(function => function.Masked != 0)],
            Reserve = (uint)Math.Min(((options.StackSize ?? plan.Depth) + 7L) & ~7L, uint.MaxValue & ~7u),
        };
    }

    /// <summary>The deepest calls: <c>app 48 (run 16, walk 32), SysTick 52 (on-tick 16), fault 44 (Fault_Handler 8)</c>.</summary>
    public string Describe() => string.Join(", ", Levels.Select(level => string.Create(
        CultureInfo.InvariantCulture,
        $"{level.Role} {level.Exception + level.Depth} ({string.Join(", ", Depths.Chain(level.Root).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Function.Name} {part.Bytes}")))})")));

    private static IEnumerable<StackLevel> LevelsOf(Dictionary<int, StackFunction> roots, StackDepths depths, FirmwareOptions options)
    {
        yield return new("program", 0, roots[InterruptVectors.Reset], depths.Of(roots[InterruptVectors.Reset]));
        StackLevel Deepest(IEnumerable<int> numbers)
        {
            var number = numbers.Where(roots.ContainsKey).OrderBy(n => n).MaxBy(n => depths.Of(roots[n]));
            return new(InterruptVectors.Name(options.Board, number), ExceptionFrame, roots[number], depths.Of(roots[number]));
        }

        // Handlers of one priority do not interrupt each other; without a priority they all have the one of reset, 0. That holds for faults
        // too: one that is not above what runs becomes a HardFault.
        var bound = options.Handlers.Select(handler => (Number: InterruptVectors.Find(options.Board, handler.Vector), Priority: handler.Priority ?? 0)).ToList();
        foreach (var level in bound.Where(handler => !InterruptControl.IsFixed(handler.Number))
            .GroupBy(handler => handler.Priority).OrderByDescending(group => group.Key))
        {
            yield return Deepest(level.Select(handler => handler.Number));
        }

        if (bound.Exists(handler => handler.Number == NonMaskable))
        {
            yield return Deepest([NonMaskable]);
        }

        // What a fault calls starts below the record, at the top.
        var last = Deepest([HardFault]);
        yield return options.Faults == FaultAction.OnFault ? last with { Exception = FaultCode.RecordBytes } : last;
    }
}
