using System.Text;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Elf;

/// <summary>A string table: each string once, in the order of first use, so that the same symbols give the same bytes.</summary>
internal sealed class StringTable
{
    private readonly ByteWriter _bytes = new();
    private readonly Dictionary<string, uint> _offsets = new(StringComparer.Ordinal);

    /// <summary>A table with the empty string at 0.</summary>
    public StringTable() => Add("");

    /// <summary>Offset of <paramref name="text"/>.</summary>
    public uint Add(string text)
    {
        if (!_offsets.TryGetValue(text, out var offset))
        {
            offset = (uint)_bytes.Length;
            _offsets.Add(text, offset);
            _bytes.Bytes(Encoding.UTF8.GetBytes(text));
            _bytes.U8(0);
        }

        return offset;
    }

    /// <summary>The bytes.</summary>
    public byte[] ToArray() => _bytes.ToArray();
}
