using System.Text;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Elf;

/// <summary>The content of <c>.ARM.attributes</c>: what the code needs of its processor, so that linkers refuse to mix what does not fit.</summary>
internal static class BuildAttributes
{
    /// <summary>Section name.</summary>
    public const string SectionName = ".ARM.attributes";

    private const byte FormatVersion = (byte)'A';
    private const byte TagFile = 1;

    private static readonly (byte Tag, byte Value)[] ArmV7M =
    [
        (6, 10),          // CPU_arch: v7
        (7, (byte)'M'),   // CPU_arch_profile: microcontroller
        (9, 2),           // THUMB_ISA_use: Thumb-2
        (24, 1),          // ABI_align_needed: 8 bytes
        (25, 1),          // ABI_align_preserved: 8 bytes
        (34, 1),          // CPU_unaligned_access: allowed
    ];

    /// <summary>The attributes of Cortex-M3 code. Enumeration and wchar_t sizes are not stated: the code has neither.</summary>
    public static byte[] CortexM3()
    {
        var attributes = new ByteWriter();
        attributes.U8(5); // CPU_name
        attributes.Bytes(Encoding.ASCII.GetBytes("Cortex-M3\0"));
        foreach (var (tag, value) in ArmV7M)
        {
            attributes.U8(tag);
            attributes.U8(value);
        }

        var vendor = Encoding.ASCII.GetBytes("aeabi\0");
        var file = new ByteWriter();
        file.U8(TagFile);
        file.U32((uint)(5 + attributes.Length));
        file.Bytes(attributes.Written);

        var section = new ByteWriter();
        section.U8(FormatVersion);
        section.U32((uint)(4 + vendor.Length + file.Length));
        section.Bytes(vendor);
        section.Bytes(file.Written);
        return section.ToArray();
    }
}
