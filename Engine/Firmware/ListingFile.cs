using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Firmware;

/// <summary>
/// Disassembly with symbols, the form in which a firmware engineer reads what was built:
/// <code>08000150 &lt;poll&gt;  34 bytes  ; kernel.wasm poll
///   08000150  b510      push  {r4, lr}</code>
/// </summary>
internal static class ListingFile
{
    /// <summary>Writes the executable sections among <paramref name="sections"/>.</summary>
    /// <param name="sections">Sections of an object or an image.</param>
    /// <param name="symbols">Its symbols.</param>
    /// <param name="origin">Says where a function comes from, or null.</param>
    public static string Write(IEnumerable<ElfSection> sections, IReadOnlyList<ElfSymbol> symbols, Func<string, string?> origin)
    {
        var text = new StringBuilder();
        foreach (var section in sections.Where(s => (s.Flags & SectionFlags.Execute) != 0 && s.Content.Length > 0))
        {
            Section(text, section, symbols, origin);
        }

        return text.ToString();
    }

    private static void Section(StringBuilder text, ElfSection section, IReadOnlyList<ElfSymbol> symbols, Func<string, string?> origin)
    {
        // A symbol's value is an address in an image and an offset in an object, where the section's address is 0.
        var here = symbols.Where(s => s.Section == section && s.Name.Length > 0).ToList();
        var regions = here.Where(s => s.IsMapping).Select(s => new MappingRegion((int)(s.Value - section.Address), s.Name[1] == 'd'))
            .OrderBy(r => r.Offset).ToList();
        var functions = here.Where(s => !s.IsMapping).ToLookup(s => (s.Type == SymbolType.Function ? s.Value & ~1u : s.Value) - section.Address);
        var relocations = section.Relocations.ToLookup(r => r.Offset);
        string? NameOf(uint address) => functions[unchecked(address - section.Address)].FirstOrDefault()?.Name;
        foreach (var line in Disassembler.Lines(section.Content, section.Address, regions, NameOf))
        {
            foreach (var symbol in functions[(uint)line.Offset].OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                var from = origin(symbol.Name) is { } known ? "  ; " + known : "";
                Line(text, $"\n{section.Address + (uint)line.Offset:x8} <{symbol.Name}>  {symbol.Size} bytes{from}");
            }

            var bytes = section.Content.AsSpan(line.Offset, line.Size);
            var code = line.Instruction is null ? DataWord(bytes) : string.Join(' ', Halfwords(bytes));
            var target = relocations[(uint)line.Offset].Select(r => r.Symbol.Name).FirstOrDefault(name => name.Length > 0);
            var note = target is null ? "" : "  ; " + target;
            Line(text, $"  {section.Address + (uint)line.Offset:x8}  {code,-9}  {line.Text.Replace('\t', ' ')}{note}");
        }
    }

    /// <summary>The halfwords in the order in which the processor fetches them.</summary>
    private static List<string> Halfwords(ReadOnlySpan<byte> bytes)
    {
        var words = new List<string>();
        for (var i = 0; i < bytes.Length; i += 2)
        {
            words.Add(DataWord(bytes.Slice(i, 2)));
        }

        return words;
    }

    /// <summary>The number that little-endian bytes are.</summary>
    private static string DataWord(ReadOnlySpan<byte> bytes)
    {
        var reversed = bytes.ToArray();
        Array.Reverse(reversed);
        return Convert.ToHexStringLower(reversed);
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
