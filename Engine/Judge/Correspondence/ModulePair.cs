using Pulse.Build.Engine.Judge.Claims;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Two modules with everything that relates their index spaces: the state they share and the functions that correspond. An import
/// corresponds to an import of the same two names or to nothing, an own definition to an own definition.
/// </summary>
internal sealed class ModulePair
{
    public ModulePair(DecodedModule before, DecodedModule after, EntityPairs pairs)
    {
        (FactsBefore, FactsAfter) = (new CodeFacts(before), new CodeFacts(after));
        var layout = new StateLayout();
        (Before, After) = (new ModuleView(before, layout), new ModuleView(after, layout));
        Classes = new FunctionClasses(before, after, pairs.Functions);
        var (m, n) = (before.Memories, after.Memories);
        Memories = new EntityMatch(m.Count, n.Count, pairs.Memories, (b, a) => m[b].Import == n[a].Import);
        var (t, u) = (before.Tables, after.Tables);
        Tables = new EntityMatch(t.Count, u.Count, pairs.Tables, (b, a) => t[b].Import == u[a].Import && t[b].Kind == u[a].Kind && t[b].Limits.Is64 == u[a].Limits.Is64);
        var (x, y) = (before.Globals, after.Globals);
        Globals = new EntityMatch(x.Count, y.Count, pairs.Globals, (b, a) =>
            x[b].Kind == y[a].Kind && x[b].Import == y[a].Import && (FactsBefore.Changes(x[b]) || FactsAfter.Changes(y[a])));
        AddGlobals();
        AddMemories();
        AddTables();
        SegmentNames.Run(this, pairs);
        Before.Shared = After.Shared = HandlerPlaces.Of(Before, FactsBefore);
        NameCalls();
    }

    public ModuleView Before { get; }

    public ModuleView After { get; }

    public CodeFacts FactsBefore { get; }

    public CodeFacts FactsAfter { get; }

    public FunctionClasses Classes { get; }

    public EntityMatch Memories { get; }

    public EntityMatch Globals { get; }

    public EntityMatch Tables { get; }

    /// <summary>
    /// Sorts globals into constants (immutable, or never written by live code and unknown outside), components of the state that both modules
    /// have, and those that are only written.
    /// </summary>
    private void AddGlobals()
    {
        foreach (var (b, a) in Globals.Pairs)
        {
            Before.GlobalParts[b] = After.GlobalParts[a] = Before.Layout.Add(PartKind.Global, BodyDecoder.WidthOf(Before.Module.Globals[b].Kind), $"global{b}");
        }

        foreach (var (view, facts) in new[] { (Before, FactsBefore), (After, FactsAfter) })
        {
            foreach (var global in view.Module.Globals)
            {
                var (index, changes) = (global.Index, facts.Changes(global));
                view.GlobalValues[index] = changes ? null : global.Initial ?? new Initial(InitialKind.ImportedGlobal, (ulong)index, "import");
                view.WriteOnlyGlobals[index] = changes && view.GlobalParts[index] < 0
                    && global.Import is null && !facts.Has(Use.GlobalRead, index) && !facts.IsExported(EntityKind.Global, index);
            }
        }
    }

    private void AddMemories()
    {
        foreach (var (b, a) in Memories.Pairs.Where(p => Before.Module.Memories[p.Before].Limits == After.Module.Memories[p.After].Limits))
        {
            var limits = Before.Module.Memories[b].Limits;
            if (!FactsBefore.MemoryGrows(b) && !FactsAfter.MemoryGrows(a))
            {
                limits = limits with { Maximum = limits.Minimum };
            }

            if (Before.Layout.AddMemory(limits, $"mem{b}") is { } part)
            {
                (Before.MemoryParts[b], After.MemoryParts[a]) = (part, part);
            }
        }
    }

    private void AddTables()
    {
        Close(Before, FactsBefore, "before");
        Close(After, FactsAfter, "after");
        foreach (var (b, a) in Tables.Pairs)
        {
            var (x, y) = (Before.ClosedTables[b], After.ClosedTables[a]);
            if (x is null && y is null)
            {
                Before.TableParts[b] = After.TableParts[a] = Before.Layout.Add(PartKind.Table, Sort.Token, $"table{b}");
                After.TableNames[a] = Before.TableNames[b];
            }
            else if (x is not null && y is not null && SameSlots(x.Entries, y.Entries))
            {
                After.TableNames[a] = Before.TableNames[b];
            }
        }
    }

    private static void Close(ModuleView view, CodeFacts facts, string side)
    {
        foreach (var table in view.Module.Tables)
        {
            var open = facts.IsExported(EntityKind.Table, table.Index) || facts.Has(Use.TableChange, table.Index);
            view.ClosedTables[table.Index] = open || TableContents.Of(view.Module, table.Index) is not { } slots ? null : new ClosedTable([.. slots]);
            view.TableNames[table.Index] = FormattableString.Invariant($"table{table.Index}.{side}");
        }
    }

    /// <summary>Whether two tables have as many slots, with corresponding functions in them.</summary>
    public bool SameSlots(IReadOnlyList<int> x, IReadOnlyList<int> y) => x.Count == y.Count
        && x.Zip(y).All(slot => slot.First < 0 ? slot.Second < 0 : slot.Second >= 0 && Classes.Correspond(slot.First, slot.Second));

    /// <summary>
    /// Names calls by class. What a call may touch is read from the source, whose functions are proved to do as the target's do; that it always
    /// returns must be plain of every function of the class on both sides, for no proof compares what is no event.
    /// </summary>
    private void NameCalls()
    {
        var (source, target) = (new CallEffects(Before, FactsBefore), new CallEffects(After, FactsAfter));
        var byClass = new Dictionary<int, CallEffect>();
        for (var b = 0; b < Before.Effects.Length; b++)
        {
            var (key, effect) = (Classes.OfBefore(b), source.Of(b));
            byClass[key] = byClass.TryGetValue(key, out var other) ? CallEffects.Union(other, effect) : effect;
        }

        var anything = CallEffect.Anything(Before.Layout.Parts.Count);
        for (var a = 0; a < After.Effects.Length; a++)
        {
            var key = Classes.OfAfter(a);
            var effect = byClass.GetValueOrDefault(key, anything);
            byClass[key] = effect with { Total = effect.Total && target.Of(a).Total };
        }

        Name(Before, Classes.OfBefore, byClass);
        Name(After, Classes.OfAfter, byClass);
        Before.Module.Tables.ForEach(table => Before.IndirectEffects[table.Index] = source.OfTable(table.Index));
        foreach (var (b, a) in Tables.Pairs.Where(p => Before.TableNames[p.Before] == After.TableNames[p.After]))
        {
            After.IndirectEffects[a] = Before.IndirectEffects[b];
        }
    }

    private static void Name(ModuleView view, Func<int, int> classOf, Dictionary<int, CallEffect> effects)
    {
        for (var f = 0; f < view.Effects.Length; f++)
        {
            view.CallSymbols[f] = FormattableString.Invariant($"f{classOf(f)}");
            view.Effects[f] = effects[classOf(f)];
        }

        Array.Fill(view.IndirectEffects, CallEffect.Anything(view.Layout.Parts.Count));
    }
}
