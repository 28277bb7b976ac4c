using Pulse.Build.Engine.Judge.Claims;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Names segments by what code can read of them, which is nothing of those that instantiation has used up, so that code which reads one reads
/// the same on both sides; and gives those that code drops a length in the state.
/// </summary>
internal static class SegmentNames
{
    public static void Run(ModulePair pair, EntityPairs pairs)
    {
        var (before, after, numbers) = (pair.Before, pair.After, new Dictionary<string, int>(StringComparer.Ordinal));
        string Name(string kind, string contents)
        {
            numbers.TryAdd(contents, numbers.Count);
            return $"{kind}:{numbers[contents]}";
        }

        foreach (var (view, side) in new[] { (before, "before"), (after, "after") })
        {
            foreach (var segment in view.Module.Data)
            {
                view.DataNames[segment.Index] = segment.Mode == SegmentMode.Passive ? Name("data", Convert.ToHexString(segment.Bytes.Span)) : "data:none";
            }

            foreach (var segment in view.Module.Elements)
            {
                view.ElementNames[segment.Index] = segment.Mode == SegmentMode.Passive
                    ? Name("elements", Items(view.Module, segment, ReferenceEquals(view, before) ? pair.Classes.OfBefore : pair.Classes.OfAfter, side)) : "elements:none";
            }
        }

        Lengths(before.Layout, "data", PartKind.DataLength, pairs.Data,
            new(before.DataNames, i => pair.FactsBefore.Has(Use.DataDrop, i), before.DataParts), new(after.DataNames, i => pair.FactsAfter.Has(Use.DataDrop, i), after.DataParts));
        Lengths(before.Layout, "elements", PartKind.ElementLength, pairs.Elements,
            new(before.ElementNames, i => pair.FactsBefore.Has(Use.ElementDrop, i), before.ElementParts), new(after.ElementNames, i => pair.FactsAfter.Has(Use.ElementDrop, i), after.ElementParts));
    }

    /// <summary>The segments of one module: what they hold, which of them code drops, and their components to set.</summary>
    private sealed record Side(string[] Names, Func<int, bool> Dropped, int[] Parts);

    private static void Lengths(StateLayout layout, string name, PartKind kind, IEnumerable<(int Before, int After)> pairs, Side x, Side y)
    {
        var match = new EntityMatch(x.Parts.Length, y.Parts.Length, pairs, (b, a) => x.Names[b] == y.Names[a] && (x.Dropped(b) || y.Dropped(a)));
        foreach (var (b, a) in match.Pairs)
        {
            x.Parts[b] = y.Parts[a] = layout.Add(kind, 32, $"{name}{b}.length");
        }

        // A dropped segment without a partner has a length of its own, which the other side never changes: no function that drops it is proved.
        foreach (var (side, which) in new[] { (x, "before"), (y, "after") })
        {
            foreach (var i in Enumerable.Range(0, side.Parts.Length).Where(i => side.Dropped(i) && side.Parts[i] < 0))
            {
                side.Parts[i] = layout.Add(kind, 32, $"{name}{i}.{which}");
            }
        }
    }

    private static string Items(DecodedModule module, ElementSegment segment, Func<int, int> classOf, string side)
    {
        string Text(Initial item) => item.Kind switch
        {
            InitialKind.Function => $"{classOf((int)item.Value)}",
            InitialKind.ImportedGlobal when module.Globals[(int)item.Value] is { Import: { } import } => import.Key,
            InitialKind.Null => item.Text,
            _ => $"{side} {item.Text} {item.Value}", // like nothing of the other module
        };
        return segment.Kind + string.Concat(segment.Items.Select(item => $";{item.Kind} {Text(item)}"));
    }
}
