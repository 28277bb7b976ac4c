using System.Globalization;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>Two modules with everything that relates their index spaces: the state they share and the functions that correspond.</summary>
internal sealed class ModulePair
{
    private ModulePair(ModuleView before, ModuleView after, CodeFacts factsBefore, CodeFacts factsAfter, FunctionClasses classes)
        => (Before, After, FactsBefore, FactsAfter, Classes) = (before, after, factsBefore, factsAfter, classes);

    public ModuleView Before { get; }

    public ModuleView After { get; }

    public CodeFacts FactsBefore { get; }

    public CodeFacts FactsAfter { get; }

    public FunctionClasses Classes { get; }

    public required EntityMatch Memories { get; init; }

    public required EntityMatch Globals { get; init; }

    public required EntityMatch Tables { get; init; }

    public static ModulePair Create(DecodedModule before, DecodedModule after, RefinementWitness witness)
    {
        var (factsBefore, factsAfter) = (new CodeFacts(before), new CodeFacts(after));
        var memories = StorePairing.Memories(before, factsBefore, after, factsAfter, witness.Memories);
        var tables = StorePairing.Tables(before, factsBefore, after, factsAfter, witness.Tables);
        var classes = new FunctionPairing(before, factsBefore, after, factsAfter).Find(witness.Functions, tables);
        var layout = new StateLayout();
        var (x, y) = (new ModuleView(before, layout), new ModuleView(after, layout));
        var globals = GlobalPairing.Run(x, factsBefore, y, factsAfter);
        AddMemories(layout, memories, x, y);
        AddTables(layout, tables, x, factsBefore, y, factsAfter, classes);
        SegmentPairing.Run(layout, x, factsBefore, y, factsAfter, classes);
        var pair = new ModulePair(x, y, factsBefore, factsAfter, classes) { Memories = memories, Globals = globals, Tables = tables };
        pair.NameCalls();
        return pair;
    }

    private static void AddMemories(StateLayout layout, EntityMatch memories, ModuleView before, ModuleView after)
    {
        for (var b = 0; b < memories.ToAfter.Length; b++)
        {
            var limits = before.Module.Memories[b].Limits;
            if (memories.ToAfter[b] is var a and >= 0 && after.Module.Memories[a].Limits == limits
                && layout.AddMemory(limits, string.Create(CultureInfo.InvariantCulture, $"mem{b}")) is { } part)
            {
                before.MemoryParts[b] = part;
                after.MemoryParts[a] = part;
            }
        }
    }

    private static void AddTables(StateLayout layout, EntityMatch tables, ModuleView before, CodeFacts factsBefore, ModuleView after, CodeFacts factsAfter, FunctionClasses classes)
    {
        for (var b = 0; b < tables.ToAfter.Length; b++)
        {
            before.ClosedTables[b] = Close(before.Module, factsBefore, b);
            before.TableNames[b] = string.Create(CultureInfo.InvariantCulture, $"table{b}.before");
        }

        for (var a = 0; a < tables.ToBefore.Length; a++)
        {
            after.ClosedTables[a] = Close(after.Module, factsAfter, a);
            after.TableNames[a] = string.Create(CultureInfo.InvariantCulture, $"table{a}.after");
            if (tables.ToBefore[a] is not (var b and >= 0))
            {
                continue;
            }

            var (x, y) = (before.ClosedTables[b], after.ClosedTables[a]);
            if (x is null && y is null)
            {
                var part = layout.Add(PartKind.Table, Sort.Token, string.Create(CultureInfo.InvariantCulture, $"table{b}"));
                before.TableParts[b] = part;
                after.TableParts[a] = part;
                after.TableNames[a] = before.TableNames[b];
            }
            else if (x is not null && y is not null && SameSlots(x, y, classes))
            {
                after.TableNames[a] = before.TableNames[b];
            }
        }
    }

    private static ClosedTable? Close(DecodedModule module, CodeFacts facts, int table)
        => module.Exports.Exists(e => e.Kind == EntityKind.Table && e.Index == table) || facts.TablesChanged[table] ? null
            : TableContents.Of(module, table) is { } slots ? new ClosedTable([.. slots]) : null;

    internal static bool SameSlots(ClosedTable x, ClosedTable y, FunctionClasses classes)
    {
        for (var slot = 0; slot < Math.Max(x.Entries.Length, y.Entries.Length); slot++)
        {
            var (f, g) = (slot < x.Entries.Length ? x.Entries[slot] : -1, slot < y.Entries.Length ? y.Entries[slot] : -1);
            if (f < 0 != g < 0 || f >= 0 && classes.OfBefore(f) != classes.OfAfter(g))
            {
                return false;
            }
        }

        return true;
    }

    private void NameCalls()
    {
        var effects = new CallEffects(Before, FactsBefore).Compute();
        var byClass = new Dictionary<int, CallEffect>();
        var anything = CallEffect.Anything(Before.Layout.Parts.Count);
        for (var b = 0; b < effects.Length; b++)
        {
            var key = Classes.OfBefore(b);
            Before.CallSymbols[b] = string.Create(CultureInfo.InvariantCulture, $"f{key}");
            byClass[key] = byClass.TryGetValue(key, out var other) && !Same(other, effects[b]) ? Union(other, effects[b]) : effects[b];
        }

        for (var b = 0; b < effects.Length; b++)
        {
            Before.Effects[b] = byClass[Classes.OfBefore(b)];
        }

        for (var a = 0; a < After.Module.Functions.Count; a++)
        {
            var key = Classes.OfAfter(a);
            After.CallSymbols[a] = string.Create(CultureInfo.InvariantCulture, $"f{key}");
            After.Effects[a] = byClass.GetValueOrDefault(key, anything);
        }
    }

    private static bool Same(CallEffect x, CallEffect y) => x.Total == y.Total && x.Reads.SequenceEqual(y.Reads) && x.Writes.SequenceEqual(y.Writes);

    private static CallEffect Union(CallEffect x, CallEffect y) => new([.. x.Reads.Union(y.Reads).Order()], [.. x.Writes.Union(y.Writes).Order()], x.Total && y.Total);
}
