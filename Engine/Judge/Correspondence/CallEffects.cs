using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>Computes what each source function may read and write, callees included, and which always return.</summary>
internal sealed class CallEffects(ModuleView view, CodeFacts facts)
{
    private sealed class Summary(int parts)
    {
        public bool[] Reads { get; } = new bool[parts];

        public bool[] Writes { get; } = new bool[parts];

        public bool Anything { get; set; }

        public bool Straight { get; set; } = true;

        public bool Total { get; set; }

        public List<int> Callees { get; } = [];
    }

    /// <summary>One effect a function of the module.</summary>
    public CallEffect[] Compute()
    {
        var parts = view.Layout.Parts.Count;
        var summaries = view.Module.Functions.Select(f => Direct(f.Index, parts)).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var summary in summaries)
            {
                changed |= Propagate(summary, summaries);
            }
        }

        return [.. summaries.Select(s => s.Anything ? CallEffect.Anything(parts) : new CallEffect([.. Where(s.Reads)], [.. Where(s.Writes)], s.Total))];
    }

    private static IEnumerable<int> Where(bool[] set) => Enumerable.Range(0, set.Length).Where(i => set[i]);

    private static bool Propagate(Summary s, Summary[] all)
    {
        var changed = false;
        foreach (var callee in s.Callees.Select(c => all[c]))
        {
            changed |= callee.Anything && !s.Anything;
            s.Anything |= callee.Anything;
            for (var p = 0; p < s.Reads.Length; p++)
            {
                changed |= callee.Reads[p] && !s.Reads[p] || callee.Writes[p] && !s.Writes[p];
                s.Reads[p] |= callee.Reads[p];
                s.Writes[p] |= callee.Writes[p];
            }
        }

        // From below, so that a cycle of calls is never total.
        var total = s.Straight && !s.Anything && s.Callees.TrueForAll(c => all[c].Total);
        changed |= total && !s.Total;
        s.Total |= total;
        return changed;
    }

    private Summary Direct(int function, int parts)
    {
        var summary = new Summary(parts);
        if (view.Module.Functions[function].Body is null || facts.CodeOf(function) is not { } code)
        {
            summary.Anything = true;
            return summary;
        }

        foreach (var instruction in code)
        {
            Note(summary, instruction);
        }

        return summary;
    }

    private void Note(Summary s, RawInstruction i)
    {
        switch (i.Opcode)
        {
            case 0x10 or 0x12 when i[0] < (ulong)view.Module.Functions.Count:
                s.Callees.Add(i.Index(0));
                break;
            case 0x23 when i[0] < (ulong)view.GlobalParts.Length:
                Mark(s.Reads, view.GlobalParts[i.Index(0)]);
                break;
            case 0x24 when i[0] < (ulong)view.GlobalParts.Length:
                Mark(s.Reads, view.GlobalParts[i.Index(0)]); // a path that does not write it returns the old value
                Mark(s.Writes, view.GlobalParts[i.Index(0)]);
                break;
            case >= 0x28 and <= 0x3E when i[1] < (ulong)view.MemoryParts.Length && view.MemoryParts[i.Index(1)] < 0:
                s.Anything = true; // no part of the state
                break;
            case 0x3F when i[0] < (ulong)view.MemoryParts.Length && view.MemoryParts[i.Index(0)] < 0:
                s.Anything = true;
                break;
            case >= 0x28 and <= 0x35 when i[1] < (ulong)view.MemoryParts.Length:
                s.Straight = false;
                Mark(s.Reads, view.MemoryParts[i.Index(1)]);
                break;
            case >= 0x36 and <= 0x3E when i[1] < (ulong)view.MemoryParts.Length:
                s.Straight = false;
                Mark(s.Reads, view.MemoryParts[i.Index(1)]);
                Mark(s.Writes, view.MemoryParts[i.Index(1)]);
                break;
            case 0x3F when i[0] < (ulong)view.MemoryParts.Length:
                Mark(s.Reads, view.MemoryParts[i.Index(0)] + 1);
                break;
            case 0x02 or 0x04 or 0x05 or 0x0B or 0x01 or 0x0C or 0x0D or 0x0E or 0x0F or 0x1A or 0x1B or >= 0x20 and <= 0x22 or >= 0x41 and <= 0x44:
                break;
            case 0x03 or 0x00 or >= 0x6D and <= 0x70 or >= 0x7F and <= 0x82 or >= 0xA8 and <= 0xAB or 0xAE or 0xAF or 0xB0 or 0xB1:
                s.Straight = false; // loops and what can trap
                break;
            case var _ when VectorTable.TryGet(i.Opcode, out var vector):
                Note(s, i, vector);
                break;
            default:
                s.Anything |= !InstructionTable.TryNumeric(i.Opcode, out _);
                break;
        }
    }

    private void Note(Summary s, RawInstruction i, VectorRow vector)
    {
        if (!VectorTable.TouchesMemory(vector.Form))
        {
            return;
        }

        s.Straight = false;
        if (i[1] >= (ulong)view.MemoryParts.Length || view.MemoryParts[i.Index(1)] is not (var part and >= 0))
        {
            s.Anything = true;
            return;
        }

        Mark(s.Reads, part);
        if (VectorTable.Writes(vector.Form))
        {
            Mark(s.Writes, part);
        }
    }

    private static void Mark(bool[] set, int part)
    {
        if (part >= 0)
        {
            set[part] = true;
        }
    }
}
