using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>The line of source that an instruction was made of.</summary>
internal static class SourceLines
{
    /// <summary>File and line at <paramref name="address"/>, <c>app.c:88</c>; null where nobody knows.</summary>
    public static string? Find(ElfImage image, uint address)
    {
        _ = (image, address);
        return null;
    }
}
