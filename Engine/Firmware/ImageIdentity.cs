using System.Security.Cryptography;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>What tells images apart, and a whole one from a damaged one.</summary>
internal static class ImageIdentity
{
    /// <summary>Section of the build id; tools find it by this name.</summary>
    public const string SectionName = ".note.gnu.build-id";

    /// <summary>Entry of the vector table that holds the address of the CRC; the processor never reads it.</summary>
    public const int ChecksumVector = 13;

    private const int BuildIdNote = 3;
    private const int BuildIdBytes = 20;

    /// <summary>The build id of <paramref name="flash"/>, the start of its SHA-256: whoever reads a chip's flash can compute it, so flash need not hold it.</summary>
    public static byte[] BuildId(ReadOnlySpan<byte> flash) => SHA256.HashData(flash)[..BuildIdBytes];

    /// <summary>The section that holds <paramref name="id"/>.</summary>
    public static ElfSection Note(byte[] id) => new(SectionName, SectionType.Note, SectionFlags.None)
    {
        Alignment = 4,
        Content = [4, 0, 0, 0, BuildIdBytes, 0, 0, 0, BuildIdNote, 0, 0, 0, .. "GNU\0"u8, .. id],
    };

    /// <summary>CRC-32 as zlib and Ethernet have it.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        const uint Reflected = 0xEDB8_8320;
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * Reflected);
            }
        }

        return ~crc;
    }
}
