using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>The content of flash, as programmers take it: raw bytes, and Intel HEX.</summary>
internal static class FlashImage
{
    private const int BytesPerRecord = 16;

    /// <summary>Flash from its origin to the last byte used; gaps are 0xFF, as erased flash is.</summary>
    public static byte[] Bytes(LinkedFirmware firmware)
    {
        var bytes = new byte[firmware.FlashBytes];
        Array.Fill(bytes, (byte)0xFF);
        foreach (var segment in firmware.Image.Segments.Where(s => s.Content.Length > 0))
        {
            segment.Content.CopyTo(bytes.AsMemory((int)(segment.LoadAddress - firmware.Map.Board.Flash.Origin)));
        }

        return bytes;
    }

    /// <summary>The same as Intel HEX with 32-bit addresses and the entry.</summary>
    public static string IntelHex(LinkedFirmware firmware)
    {
        var text = new StringBuilder();
        var bytes = Bytes(firmware);
        uint? upper = null;
        for (var at = 0; at < bytes.Length;)
        {
            var address = firmware.Map.Board.Flash.Origin + (uint)at;
            if (upper != address >> 16)
            {
                upper = address >> 16;
                Record(text, 0, 4, [(byte)(upper >> 8), (byte)(upper & 0xFF)]);
            }

            // A record does not cross a 64 KiB boundary.
            var count = (int)Math.Min(Math.Min(BytesPerRecord, bytes.Length - at), 0x1_0000 - (address & 0xFFFF));
            Record(text, (ushort)(address & 0xFFFF), 0, bytes.AsSpan(at, count));
            at += count;
        }

        var entry = firmware.Image.Entry;
        Record(text, 0, 5, [(byte)(entry >> 24), (byte)(entry >> 16 & 0xFF), (byte)(entry >> 8 & 0xFF), (byte)(entry & 0xFF)]);
        Record(text, 0, 1, []);
        return text.ToString();
    }

    private static void Record(StringBuilder text, ushort address, byte type, ReadOnlySpan<byte> data)
    {
        var sum = data.Length + (address >> 8) + (address & 0xFF) + type;
        text.Append(CultureInfo.InvariantCulture, $":{data.Length:X2}{address:X4}{type:X2}");
        foreach (var value in data)
        {
            text.Append(CultureInfo.InvariantCulture, $"{value:X2}");
            sum += value;
        }

        text.Append(CultureInfo.InvariantCulture, $"{-sum & 0xFF:X2}\n");
    }
}
