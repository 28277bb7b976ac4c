using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Custom sections of this SDK that a later stage obeys. <c>pulse.memory</c> says how many bytes of each memory are laid out; of
/// corresponding memories it must say the same. Any other must be the same bytes on both sides, but for the positions of calls, which
/// are for messages alone.
/// </summary>
internal static class StageSections
{
    private const string Extents = "pulse.memory";
    private const string Positions = "pulse.positions";

    /// <summary>The names of the sections of either module, in order, that are compared as bytes.</summary>
    public static IEnumerable<string> Names(ModulePair pair)
        => pair.Before.Module.Customs.Concat(pair.After.Module.Customs).Select(s => s.Name)
            .Where(n => n.StartsWith("pulse.", StringComparison.Ordinal) && n is not (Extents or Positions)).Distinct().Order(StringComparer.Ordinal);

    public static bool Same(ModulePair pair, string name)
    {
        var (x, y) = (All(pair.Before.Module, name), All(pair.After.Module, name));
        return x.Count == y.Count && x.Zip(y).All(p => p.First.Bytes.Span.SequenceEqual(p.Second.Bytes.Span));
    }

    /// <summary>Bytes of a memory that are laid out; the declared minimum where the section does not say.</summary>
    public static UInt128 ExtentOf(DecodedModule module, int memory)
    {
        if (All(module, Extents) is [var section, ..])
        {
            var (index, value, shift) = (0, (UInt128)0, 0);
            foreach (var next in section.Bytes.Span)
            {
                value |= (UInt128)(next & 0x7Fu) << Math.Min(shift, 100);
                if (next < 0x80 && index++ == memory)
                {
                    return value;
                }

                (value, shift) = next < 0x80 ? (0, 0) : (value, shift + 7);
            }
        }

        return (UInt128)module.Memories[memory].Limits.Minimum << module.Memories[memory].Limits.PageSizeLog2;
    }

    private static List<CustomSection> All(DecodedModule module, string name) => module.Customs.FindAll(s => s.Name == name);
}
