using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>The proposals that a project's modules may use (<c>PulseFeatures</c>); a valid module that needs another one is refused by its name.</summary>
public sealed class FeatureSet
{
    private static readonly char[] Separators = [';', ',', ' ', '\t', '\r', '\n'];

    private FeatureSet(WasmFeatures features) => Features = features;

    /// <summary>Every proposal that is supported.</summary>
    public static FeatureSet All { get; } = new(WasmFeatures.Default);

    internal WasmFeatures Features { get; }

    /// <summary>
    /// The set that <paramref name="text"/> describes, read from left to right: <c>all</c> and <c>mvp</c> (WebAssembly 1.0) start anew, a name
    /// adds a proposal, and <c>-name</c> takes it away; a list that begins with a removal begins with all. PULSE0004 with the
    /// names for anything else.
    /// </summary>
    /// <param name="text">What the user wrote; words are separated by semicolons, commas or spaces.</param>
    /// <param name="option">Name of the property or the switch, for the diagnostic.</param>
    /// <param name="file">The project file, for the diagnostic.</param>
    public static FeatureSet Parse(string text, string option, string file = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        var features = WasmFeatureSet.Parse(words, out var unknown);
        return unknown is null
            ? new FeatureSet(features)
            : throw new DiagnosticException(
                DiagnosticId.PULSE0004, new Location(file), unknown, option,
                $"all, mvp, and names to add or, after '-', to take away: {string.Join(", ", WasmFeatureSet.Names.Select(row => row.Name))}");
    }
}
