using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Names segments by what code can read of them, which is nothing of those that instantiation has used up, so that code which reads one reads
/// the same on both sides; and gives those that code drops a length in the state. They pair by name, in order.
/// </summary>
internal static class SegmentPairing
{
    public static void Run(StateLayout layout, ModuleView before, CodeFacts factsBefore, ModuleView after, CodeFacts factsAfter, FunctionClasses classes)
    {
        foreach (var view in new[] { before, after })
        {
            foreach (var segment in view.Module.Data)
            {
                view.DataNames[segment.Index] = segment.Mode == SegmentMode.Passive ? "data:" + Digest(segment.Bytes.Span) : "data:none";
            }

            foreach (var segment in view.Module.Elements)
            {
                view.ElementNames[segment.Index] = segment.Mode == SegmentMode.Passive
                    ? "elements:" + (ReferenceEquals(view, before) ? Items(view.Module, segment, classes.OfBefore, "before") : Items(view.Module, segment, classes.OfAfter, "after"))
                    : "elements:none";
            }
        }

        Lengths(layout, "data", PartKind.DataLength,
            new Side(before.DataParts, factsBefore.DataDropped, b => before.DataNames[b]),
            new Side(after.DataParts, factsAfter.DataDropped, a => after.DataNames[a]));
        Lengths(layout, "elements", PartKind.ElementLength,
            new Side(before.ElementParts, factsBefore.ElementsDropped, b => before.ElementNames[b]),
            new Side(after.ElementParts, factsAfter.ElementsDropped, a => after.ElementNames[a]));
    }

    /// <summary>The segments of one module: their components to set, which of them code drops, and what they are.</summary>
    private sealed record Side(int[] Parts, bool[] Dropped, Func<int, string> Key);

    private static void Lengths(StateLayout layout, string name, PartKind kind, Side before, Side after)
    {
        // Those that are dropped pair first: an equal one that is not dropped has its length for good.
        var match = new EntityMatch(before.Parts.Length, after.Parts.Length);
        match.PairByKey(b => before.Dropped[b] ? before.Key(b) : null, a => after.Dropped[a] ? after.Key(a) : null);
        match.PairByKey(before.Key, after.Key);
        for (var b = 0; b < match.ToAfter.Length; b++)
        {
            if (match.ToAfter[b] is var a and >= 0 && (before.Dropped[b] || after.Dropped[a]))
            {
                before.Parts[b] = layout.Add(kind, 32, string.Create(CultureInfo.InvariantCulture, $"{name}{b}.length"));
                after.Parts[a] = before.Parts[b];
            }
        }

        // A dropped segment without a partner has a length of its own, which the other side never changes: no function that drops it is proved.
        foreach (var (side, which) in new[] { (before, "before"), (after, "after") })
        {
            for (var i = 0; i < side.Parts.Length; i++)
            {
                if (side.Dropped[i] && side.Parts[i] < 0)
                {
                    side.Parts[i] = layout.Add(kind, 32, string.Create(CultureInfo.InvariantCulture, $"{name}{i}.{which}"));
                }
            }
        }
    }

    private static string Items(DecodedModule module, ElementSegment segment, Func<int, int> classOf, string side)
    {
        var text = new StringBuilder().Append(segment.Kind);
        foreach (var item in segment.Items)
        {
            text.Append(';').Append(item.Kind).Append(' ').Append(item.Kind switch
            {
                InitialKind.Function => classOf((int)item.Value).ToString(CultureInfo.InvariantCulture),
                InitialKind.ImportedGlobal when module.Globals[(int)item.Value] is { Import: { } import } => import.ToString(),
                InitialKind.Null => item.Text,
                _ => $"{side} {item.Text} {item.Value}", // like nothing of the other module
            });
        }

        return Digest(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];
}
