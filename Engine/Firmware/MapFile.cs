using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>The memory map as text: memories, sections with their parts, symbols by address.</summary>
internal static class MapFile
{
    /// <summary>Writes the map of <paramref name="firmware"/> under <paramref name="title"/>.</summary>
    public static string Write(LinkedFirmware firmware, string title)
    {
        var text = new StringBuilder();
        var map = firmware.Map;
        Line(text, $"Memory map of {title} for {map.Board.Name} ({map.Board.Chip})");
        Line(text, $"");
        Line(text, $"memory  origin      size    used    free");
        Line(text, $"flash   0x{map.Board.Flash.Origin:x8}  {map.Board.Flash.Size,6}  {map.FlashBytes,6}  {map.Board.Flash.Size - map.FlashBytes,6}");
        foreach (var region in map.Ram)
        {
            var used = region.End - region.Range.Origin;
            Line(text, $"{"ram" + region.Suffix,-6}  0x{region.Range.Origin:x8}  {region.Range.Size,6}  {used,6}  {region.Range.Size - used,6}");
        }

        Line(text, $"");
        Line(text, $"build id {Convert.ToHexStringLower(ImageIdentity.BuildId(FlashImage.Bytes(firmware)))}");
        Stack(text, map);
        Latency(text, map.Stack.Masked);
        foreach (var section in map.Sections.Where(s => s != map.Crc || s.Size > 0))
        {
            Line(text, $"");
            Line(text, $"{section.Name}  0x{section.Address:x8}  {section.Size} bytes");
            foreach (var input in section.Inputs)
            {
                Line(text, $"  0x{input.Address:x8} {input.Size,7}  {input.Name}");
            }
        }

        Line(text, $"");
        Line(text, $"symbols");
        foreach (var symbol in firmware.Image.Symbols.Where(s => !s.IsMapping).OrderBy(s => s.Value & ~1u).ThenBy(s => s.Name, StringComparer.Ordinal))
        {
            var address = symbol.Type == SymbolType.Function ? symbol.Value & ~1u : symbol.Value;
            Line(text, $"  0x{address:x8} {symbol.Size,7}  {symbol.Name}");
        }

        return text.ToString();
    }

    private static void Stack(StringBuilder text, MemoryMap map)
    {
        Line(text, $"");
        var rest = map.Stack.IsBounded ? "" : ", one round of each recursion counted";
        Line(text, $"stack  0x{map.Board.Ram.Origin:x8}  {map.Stack.Reserve} bytes, {map.Stack.Depth} in the worst case{rest}");
        foreach (var level in map.Stack.Levels)
        {
            Line(text, $"  {level.Exception + level.Depth,7}  {level.Role}{(level.Exception > 0 ? ", exception frame of " : "")}{(level.Exception > 0 ? level.Exception : "")}");
            foreach (var (function, bytes) in map.Stack.Depths.Chain(level.Root))
            {
                Line(text, $"  {bytes,7}    {function.Name}");
            }
        }

        foreach (var cycle in map.Stack.Depths.Cycles)
        {
            Line(text, $"  recursion  {string.Join(" -> ", cycle.Select(function => function.Name))}");
        }
    }

    private static void Latency(StringBuilder text, IReadOnlyList<StackFunction> masked)
    {
        Line(text, $"");
        Line(text, $"interrupts  {(masked.Count == 0 ? "never masked" : "masked for so many instructions at a time")}");
        foreach (var function in masked)
        {
            Line(text, $"  {function.Masked?.ToString(CultureInfo.InvariantCulture) ?? "open",7}  {function.Name}");
        }
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
