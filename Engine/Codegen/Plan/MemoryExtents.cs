using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Codegen.Plan;

/// <summary>
/// How many bytes of each memory the object lays out: what the custom section <c>pulse.memory</c> says (an unsigned LEB128 a memory), or
/// the declared minimum.
/// </summary>
internal static class MemoryExtents
{
    /// <summary>The extents of <paramref name="module"/>'s memories.</summary>
    public static IReadOnlyList<uint> Of(Module module, string path)
    {
        var planned = MemorySection.Read(module);
        var extents = new List<uint>();
        for (var i = 0; i < module.Memories.Count; i++)
        {
            var declared = module.Memories[i].Limits.Minimum << module.Memories[i].PageSizeLog2;
            var bytes = i < planned.Count ? planned[i] : declared;
            if (module.Memories[i].Limits.Is64 || bytes > 0x4000_0000)
            {
                throw new DiagnosticException(DiagnosticId.PULSE4003, new Location(path), i, bytes);
            }

            extents.Add((uint)bytes);
        }

        return extents;
    }
}
