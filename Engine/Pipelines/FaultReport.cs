using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Wasm.Dwarf;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Names what stopped a firmware that ran.</summary>
public static class FaultReport
{
    private const int MostLines = 4;

    /// <summary>PULSE6001 with what happened and where; null when the image cannot be read, which is reported.</summary>
    /// <param name="image">The ELF that ran.</param>
    /// <param name="address">The digits of the line <c>PULSE fault 0x…</c>, or any address of code.</param>
    /// <param name="status">What the emulation ended with; null when nobody knows.</param>
    /// <param name="sink">Takes what is wrong with the image.</param>
    public static Diagnostic? Explain(InputFile image, uint address, int? status, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("the report of a fault", image.Path, sink, () =>
        {
            var read = ElfReader.ReadImage(image.Bytes, image.Path);
            var (what, where) = (FaultExplanation.Explain(read, address, status), Lines(read, image.Path, FaultExplanation.Instruction(address, status)));
            return Diagnostic.Create(DiagnosticId.PULSE6001, new Location(image.Path), where.Length == 0 ? what : $"{what} ({where})");
        });
    }

    /// <summary>The source lines of what stands at <paramref name="address"/>, as people name them; empty when nobody knows.</summary>
    private static string Lines(ElfImage image, string path, uint address)
    {
        // Besides those of its guards, an address may have the line with which its function starts.
        var guards = Math.Max(1, FaultExplanation.Guards(image, address).Count);
        var source = new SourceLines(image, path);
        var lines = source.All(address).TakeLast(guards)
            .OrderBy(position => position is null).ThenBy(position => position?.File, StringComparer.Ordinal).ThenBy(position => position?.Line)
            .Select(position => position is { } known ? Line(known) : "a line that is not known").Distinct(StringComparer.Ordinal).ToList();
        if (lines is [_] && source.Find(address) is null)
        {
            return FaultExplanation.StartOfFunction(image, address) is { } start && source.Find(start) is { } first ? "a function at " + Line(first) : "";
        }

        return lines switch
        {
            { Count: > MostLines } => $"{string.Join(", ", lines.Take(MostLines - 1))} or {lines.Count - MostLines + 1} more lines",
            [.., var last] => lines.Count == 1 ? last : $"{string.Join(", ", lines[..^1])} or {last}",
            _ => "",
        };
    }

    private static string Line(SourcePosition position)
        => string.Create(CultureInfo.InvariantCulture, $"{position.File[(position.File.LastIndexOfAny(['/', '\\']) + 1)..]}:{position.Line}");
}
