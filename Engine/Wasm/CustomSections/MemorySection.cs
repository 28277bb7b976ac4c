using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>
/// The section <c>pulse.memory</c>: how many bytes of each memory are laid out, as unsigned LEB128s in the order of the memories. Lowering
/// obeys it, so it is renumbered with the memories.
/// </summary>
internal static class MemorySection
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "pulse.memory";

    /// <summary>The bytes of the first memories, as far as the section says; none without it.</summary>
    public static IReadOnlyList<ulong> Read(Module module)
    {
        var values = new List<ulong>();
        var (value, shift) = (0UL, 0);
        foreach (var next in module.CustomSections.Find(s => s.Name == SectionName) is { } section ? section.Bytes.ToArray() : [])
        {
            value |= (ulong)(next & 0x7F) << Math.Min(shift, 63);
            shift += 7;
            if (next < 0x80)
            {
                values.Add(value);
                (value, shift) = (0, 0);
            }
        }

        return values;
    }

    /// <summary>The section that says so.</summary>
    public static CustomSection Write(IEnumerable<ulong> bytes)
    {
        var writer = new ByteWriter();
        foreach (var value in bytes)
        {
            writer.Uleb(value);
        }

        return new CustomSection(SectionName, writer.ToArray(), SectionId.Data);
    }

    /// <summary>Makes the section of <paramref name="module"/>, which speaks of the memories before <paramref name="maps"/>, speak of those behind them.</summary>
    public static void Remap(Module module, IndexMaps maps)
    {
        var at = module.CustomSections.FindIndex(s => s.Name == SectionName);
        if (at >= 0 && maps[IndexSpace.Memory] is { } map)
        {
            var said = Read(module);
            module.CustomSections[at] = Write(module.Memories.Select((memory, i) => Array.IndexOf(map, i) is var old and >= 0 && old < said.Count ? said[old]
                : memory.Limits.Minimum << memory.PageSizeLog2));
        }
    }
}
