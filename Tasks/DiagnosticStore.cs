using System.Text.Json;
using System.Text.Json.Serialization;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tasks;

/// <summary>A stage's warnings as JSON beside its output. No warnings, no file: then nothing has to be loaded to replay them.</summary>
internal static class DiagnosticStore
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter() },
    };

    public static void Write(string path, IEnumerable<Diagnostic> diagnostics)
    {
        var warnings = diagnostics.Where(d => d.Severity == Severity.Warning).ToList();
        if (warnings.Count > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, JsonSerializer.Serialize(warnings, Format));
        }
        else if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    /// <summary>The warnings kept at <paramref name="path"/>; PULSE0003 when the file is not one that <see cref="Write"/> made.</summary>
    public static IReadOnlyList<Diagnostic> Read(string path)
    {
        try
        {
            var warnings = JsonSerializer.Deserialize<List<Diagnostic>>(File.ReadAllText(path), Format) ?? [];
            return warnings.TrueForAll(w => w is { Message: not null, Location.File: not null }) ? warnings : throw new JsonException("a warning without text or place");
        }
        catch (JsonException problem)
        {
            throw new DiagnosticException(
                DiagnosticId.PULSE0003, new Location(path), $"'{path}' does not hold the warnings of the last build. Rebuild the project. ({problem.Message})");
        }
    }
}
