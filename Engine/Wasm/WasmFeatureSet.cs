using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm;

/// <summary>The names of features, and sets of them as users write them.</summary>
internal static class WasmFeatureSet
{
    /// <summary>The set with every feature that there is.</summary>
    public const string All = "all";

    /// <summary>The set with none.</summary>
    public const string Mvp = "mvp";

    /// <summary>Features by name: the name that a user switches them by, and that a refusal says.</summary>
    public static ImmutableArray<(WasmFeatures Feature, string Name)> Names { get; } =
    [
        (WasmFeatures.MutableGlobals, "mutable-globals"),
        (WasmFeatures.SignExtension, "sign-ext"),
        (WasmFeatures.SaturatingConversions, "nontrapping-fptoint"),
        (WasmFeatures.MultiValue, "multi-value"),
        (WasmFeatures.BulkMemory, "bulk-memory"),
        (WasmFeatures.ReferenceTypes, "reference-types"),
        (WasmFeatures.Simd, "simd"),
        (WasmFeatures.RelaxedSimd, "relaxed-simd"),
        (WasmFeatures.TailCall, "tail-call"),
        (WasmFeatures.ExtendedConst, "extended-const"),
        (WasmFeatures.MultiMemory, "multi-memory"),
        (WasmFeatures.Memory64, "memory64"),
        (WasmFeatures.Threads, "threads"),
        (WasmFeatures.CustomPageSizes, "custom-page-sizes"),
    ];

    /// <summary>The name of a single <paramref name="feature"/>.</summary>
    public static string NameOf(WasmFeatures feature) => Names.Single(row => row.Feature == feature).Name;

    /// <summary>
    /// The set that <paramref name="words"/> describe from left to right: <c>all</c> and <c>mvp</c> start anew, a name adds its feature and
    /// a name after <c>-</c> takes it away; no words, or a removal as the first, stand for a list that begins with <c>all</c>. A
    /// word that is none of these comes back in <paramref name="unknown"/>.
    /// </summary>
    public static WasmFeatures Parse(IReadOnlyList<string> words, out string? unknown)
    {
        var set = words.Count == 0 || words[0].StartsWith('-') ? WasmFeatures.Default : WasmFeatures.None;
        foreach (var word in words)
        {
            var removes = word.StartsWith('-');
            var feature = Names.FirstOrDefault(row => row.Name == (removes ? word[1..] : word)).Feature;
            if (feature == WasmFeatures.None && word is not (All or Mvp))
            {
                unknown = word;
                return set;
            }

            set = word switch
            {
                All => WasmFeatures.Default,
                Mvp => WasmFeatures.None,
                _ => removes ? set & ~feature : set | feature,
            };
        }

        unknown = null;
        return set;
    }
}
