using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Engine.Judge;

/// <summary>The named assumptions; docs/proofs.md says what each states.</summary>
internal static class Assumptions
{
    public const string Memory = "AX-MEM";
    public const string Shared = "AX-SHARED";
    public const string Table = "AX-TABLE";
    public const string Float = "AX-FP";
    public const string Traps = "AX-TRAP=precise";
    public const string Calls = "AX-CALLS";

    /// <summary>Rests under every proof: interrupts run what the module names as handlers, at any moment, and leave registers alone.</summary>
    public const string Interrupts = "AX-IRQ";
    public const string Frames = "AX-IRQ-FRAME";
    public const string Hardware = "AX-HAL";

    /// <summary>Those that a proof about these bodies may have used.</summary>
    public static ImmutableArray<string> Of(ModulePair pair, FlowGraph before, FlowGraph after)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        if (pair.Before.Module.Handlers.Count > 0)
        {
            names.UnionWith(pair.Before.Shared.Frames.Count > 0 ? [Interrupts, Hardware, Frames] : [Interrupts, Hardware]);
        }

        foreach (var (view, instruction) in before.Ordered.SelectMany(b => b.Body).Select(i => (pair.Before, i))
            .Concat(after.Ordered.SelectMany(b => b.Body).Select(i => (pair.After, i))))
        {
            var row = InstructionTable.Find(instruction.Opcode);
            if (instruction.Opcode is FlowCode.Call or FlowCode.CallIndirect)
            {
                names.Add(instruction.Opcode == FlowCode.Call || view.ClosedTables[(int)instruction.Second] is null ? Calls : Table);
            }
            else if (row?.Immediates.Any(kind => kind is OperandKind.Memory or OperandKind.Access) == true)
            {
                names.UnionWith(view.Module.Memories.Exists(m => m.Limits.Shared) ? [Memory, Traps, Shared] : [Memory, Traps]);
            }
            else if (row is not null)
            {
                names.UnionWith(row.Effects.HasFlag(Effects.Float) ? [Float] : []);
                names.UnionWith(row.Effects.HasFlag(Effects.Partial) ? [Traps] : []);
            }
        }

        return [.. names];
    }
}
