using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// What must hold of the modules as wholes: the same exports of corresponding entities, no new imports, the same memories and tables with
/// the same initial contents, the same initial globals, the same start, the same word to later stages.
/// </summary>
internal sealed class ModuleObligations
{
    private readonly ModulePair _pair;
    private readonly DecodedModule _before;
    private readonly DecodedModule _after;
    private readonly List<ModuleFact> _facts = [];

    private ModuleObligations(ModulePair pair) => (_pair, _before, _after) = (pair, pair.Before.Module, pair.After.Module);

    public static List<ModuleFact> Check(ModulePair pair)
    {
        var check = new ModuleObligations(pair);
        check.Exports();
        check.Imports();
        check.Start();
        check.Memories();
        check.Globals();
        check.Tables();
        check.Say("traps of segments", Instantiation.TrapsAlike(pair), "segments that may not fit stand in another order");
        foreach (var name in StageSections.Names(pair))
        {
            check.Say($"section {name}", StageSections.Same(pair, name), "what it tells later stages differs");
        }

        return check._facts;
    }

    private void Say(string what, bool holds, string otherwise) => _facts.Add(new ModuleFact(what, holds, otherwise));

    private void Exports()
    {
        foreach (var export in _before.Exports)
        {
            var what = $"export '{export.Name}'";
            if (_after.Exports.Find(e => e.Name == export.Name) is not { } other || other.Kind != export.Kind)
            {
                Say(what, false, "it is missing or exports something else");
            }
            else if (!SameType(_before, export, _after, other))
            {
                Say(what, false, "it exports something of another type");
            }
            else
            {
                Say(what, Corresponds(export, other), "it may export something else");
            }
        }

        foreach (var export in _after.Exports.Where(e => !_before.Exports.Exists(b => b.Name == e.Name)))
        {
            Say($"export '{export.Name}'", false, "the original has no such export");
        }
    }

    public static bool SameType(DecodedModule before, ExportEntity x, DecodedModule after, ExportEntity y) => x.Kind switch
    {
        EntityKind.Function => before.Functions[x.Index].Signature.Equals(after.Functions[y.Index].Signature),
        EntityKind.Memory => before.Memories[x.Index].Limits == after.Memories[y.Index].Limits,
        EntityKind.Table => before.Tables[x.Index].Kind == after.Tables[y.Index].Kind && before.Tables[x.Index].Limits == after.Tables[y.Index].Limits,
        EntityKind.Global => before.Globals[x.Index].Kind == after.Globals[y.Index].Kind && before.Globals[x.Index].Mutable == after.Globals[y.Index].Mutable,
        _ => before.Tags[x.Index].Signature.Equals(after.Tags[y.Index].Signature),
    };

    private bool Corresponds(ExportEntity x, ExportEntity y) => x.Kind switch
    {
        EntityKind.Function => _pair.Classes.Correspond(x.Index, y.Index),
        EntityKind.Memory => _pair.Memories.ToAfter[x.Index] == y.Index,
        EntityKind.Table => _pair.Tables.ToAfter[x.Index] == y.Index,
        EntityKind.Global => _pair.Globals.ToAfter[x.Index] == y.Index
            || _pair.Before.GlobalValues[x.Index] is { } a && _pair.After.GlobalValues[y.Index] is { } b && InitialValues.Same(_pair, a, b),
        _ => x.Index == y.Index && _before.Tags.SequenceEqual(_after.Tags),
    };

    /// <summary>Imports may go, since nothing then depends on them; none may come. One that comes twice is one thing under two numbers.</summary>
    private void Imports()
    {
        foreach (var function in _after.Functions.Where(f => f.Import is not null))
        {
            Say($"import '{function.Import}'", _pair.Classes.HasCounterpart(function.Index), "the original does not import it with this type");
        }

        Imports("memory", _before.Memories.Select(m => (m.Import, "")), _after.Memories.Select(m => (m.Import, "")));
        Imports("table", _before.Tables.Select(t => (t.Import, t.Kind.ToString())), _after.Tables.Select(t => (t.Import, t.Kind.ToString())));
        Imports("global", _before.Globals.Select(g => (g.Import, $"{g.Kind} {g.Mutable}")), _after.Globals.Select(g => (g.Import, $"{g.Kind} {g.Mutable}")));
        Imports("tag", _before.Tags.Select(t => (t.Import, t.Signature.Text)), _after.Tags.Select(t => (t.Import, t.Signature.Text)));
    }

    private void Imports(string kind, IEnumerable<(ImportName? Name, string Type)> before, IEnumerable<(ImportName? Name, string Type)> after)
    {
        var (x, y) = (before.Where(i => i.Name is not null).ToList(), after.Where(i => i.Name is not null).ToList());
        foreach (var import in y)
        {
            Say($"import '{import.Name}'", x.Contains(import), $"the original does not import a {kind} of this name and type");
        }

        foreach (var import in x.Concat(y).Where(i => x.Count(o => o == i) > 1 || y.Count(o => o == i) > 1).Distinct().Where(i => kind != "global" || i.Type.EndsWith("True", StringComparison.Ordinal)))
        {
            Say($"import '{import.Name}'", false, $"it is imported more than once as a {kind}");
        }
    }

    private void Start()
    {
        if (_before.Start is not null || _after.Start is not null)
        {
            var same = _before.Start is { } b && _after.Start is { } a && _pair.Classes.Correspond(b, a);
            Say("start function", same, "one module runs code at instantiation that the other does not");
        }
    }

    private void Memories()
    {
        foreach (var memory in _before.Memories)
        {
            var what = $"memory {memory.Index}";
            if (_pair.Memories.ToAfter[memory.Index] is not (var a and >= 0))
            {
                // Nothing may depend on it: live code that touches it has no model and no proof; an export that is gone is refuted as such.
                Say(what, !Instantiation.Of(_before, EntityKind.Memory, memory.Index).Any(s => s.Shows), "it is gone, though a segment that stays visible fills it or traps");
                continue;
            }

            Say(what + " limits", _after.Memories[a].Limits == memory.Limits, "its limits differ");
            var extent = StageSections.ExtentOf(_before, memory.Index) == StageSections.ExtentOf(_after, a);
            Say(what + " layout", extent, "the bytes that are laid out differ (section pulse.memory)");
            var (x, y) = (MemoryImage.Of(_before, memory.Index), MemoryImage.Of(_after, a));
            Say(what + " contents", x is not null && y is not null ? x.Same(y) : Instantiation.SameSegments(_pair, EntityKind.Memory, memory.Index, a),
                "its initial contents differ, or where they stand is no constant");
        }

        foreach (var memory in _after.Memories.Where(m => _pair.Memories.ToBefore[m.Index] < 0))
        {
            Say($"memory {memory.Index} of the result", false, "the original has no such memory");
        }
    }

    private void Globals()
    {
        foreach (var (b, a) in _pair.Globals.Pairs.Where(p => _before.Globals[p.Before].Initial is not null))
        {
            var (x, y) = (_before.Globals[b], _after.Globals[a]);
            Say($"global {b}", y.Initial is not null && InitialValues.Same(_pair, x.Initial!, y.Initial) && x.Mutable == y.Mutable, "its type or initial value differs");
        }
    }

    private void Tables()
    {
        foreach (var table in _before.Tables)
        {
            var what = $"table {table.Index}";
            if (_pair.Tables.ToAfter[table.Index] is not (var a and >= 0))
            {
                Say(what, !Instantiation.Of(_before, EntityKind.Table, table.Index).Any(s => s.Shows), "it is gone, though a segment that stays visible fills it or traps");
                continue;
            }

            // Closed tables that differ have different names, so any use of them fails in the function that uses them.
            if (_pair.Before.ClosedTables[table.Index] is not null && _pair.After.ClosedTables[a] is not null)
            {
                continue;
            }

            var (x, y) = (TableContents.Of(_before, table.Index), TableContents.Of(_after, a));
            var same = table.Limits == _after.Tables[a].Limits && (x is not null && y is not null ? _pair.SameSlots(x, y) : Instantiation.SameFill(_pair, table.Fill, _after.Tables[a].Fill) && Instantiation.SameSegments(_pair, EntityKind.Table, table.Index, a));
            Say(what, same, "its limits or initial contents differ");
        }
    }
}

/// <summary>Something of the module as a whole that must hold: an export, a memory's initial contents, an import; and what is wrong if it does not.</summary>
internal sealed record ModuleFact(string What, bool Holds, string Otherwise);
