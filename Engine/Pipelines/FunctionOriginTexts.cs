using System.Text.Json;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Reads from a provenance what a listing says of a function: the file and the name it has there.</summary>
internal sealed class FunctionOriginTexts
{
    private readonly Dictionary<string, string> _byName = new(StringComparer.Ordinal);

    /// <summary>Reads <paramref name="provenanceJson"/>; a map without functions gives no origins.</summary>
    public FunctionOriginTexts(string? provenanceJson)
    {
        if (provenanceJson is null)
        {
            return;
        }

        using var map = JsonDocument.Parse(provenanceJson);
        if (!map.RootElement.TryGetProperty("functions", out var functions))
        {
            return;
        }

        foreach (var function in functions.EnumerateArray())
        {
            var name = function.GetProperty("name").GetString()!;
            var kind = function.GetProperty("kind").GetString();
            var file = function.TryGetProperty("file", out var value) ? value.GetString() + " " : "";
            _byName.TryAdd(name, $"{file}{name} ({kind})");
        }
    }

    /// <summary>The origin of a symbol, with or without the number that makes a local one unique.</summary>
    public string? Of(string symbol) => _byName.GetValueOrDefault(symbol)
        ?? (symbol.LastIndexOf('.') is var dot and > 0 ? _byName.GetValueOrDefault(symbol[..dot]) : null);
}
