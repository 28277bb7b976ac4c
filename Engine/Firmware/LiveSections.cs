using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>The sections that something reachable from the vector table refers to; the others do not reach the image.</summary>
internal static class LiveSections
{
    /// <summary>Live sections in the order of <paramref name="objects"/>. An undefined symbol in a live section is PULSE4044.</summary>
    public static List<ElfSection> Find(IReadOnlyList<ElfObject> objects, SymbolResolver symbols)
    {
        var live = new HashSet<ElfSection>();
        var work = new Stack<ElfSection>(objects.SelectMany(o => o.Sections).Where(s => s.Name == VectorTable.SectionName));
        while (work.TryPop(out var section))
        {
            if (!live.Add(section))
            {
                continue;
            }

            foreach (var relocation in section.Relocations)
            {
                if (symbols.Resolve(relocation.Symbol, section) is { Section: { } target } && !live.Contains(target))
                {
                    work.Push(target);
                }
            }
        }

        return [.. objects.SelectMany(o => o.Sections).Where(live.Contains)];
    }
}
