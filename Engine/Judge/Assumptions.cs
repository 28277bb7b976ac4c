using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;
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
            var name = instruction.Opcode switch
            {
                >= 0x28 and <= 0x40 or 0xFC0008 or 0xFC000A or 0xFC000B => Memory,
                _ when AtomicTable.TryGet(instruction.Opcode, out _) => Memory,
                _ when VectorTable.TryGet(instruction.Opcode, out var vector) => VectorTable.TouchesMemory(vector.Form) ? Memory : Float,
                0x10 => Calls,
                0x11 => view.ClosedTables[(int)instruction.Second] is null ? Calls : Table,
                >= 0x5B and <= 0x66 or >= 0x8B and <= 0xA6 or >= 0xA8 and <= 0xAB or >= 0xAE and <= 0xBB or >= 0xFC0000 and <= 0xFC0007 => Float,
                _ => null,
            };
            if (name is not null)
            {
                names.Add(name);
            }

            if (name == Memory && view.Module.Memories.Exists(m => m.Limits.Shared))
            {
                names.Add(Shared);
            }

            if (name == Memory || (InstructionTable.TryNumeric(instruction.Opcode, out var row) && row.Name.Contains("div", StringComparison.Ordinal)))
            {
                names.Add(Traps);
            }
        }

        return [.. names];
    }
}
