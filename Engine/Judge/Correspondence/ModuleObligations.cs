using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// What must hold of the modules as wholes: the same exports of corresponding entities, no new imports, the same memories and tables with
/// the same initial contents, the same initial globals, the same start, the same word to later stages. Refuted is only what the host
/// can see of the two modules without running them.
/// </summary>
internal sealed class ModuleObligations
{
    private readonly ModulePair _pair;
    private readonly DecodedModule _before;
    private readonly DecodedModule _after;
    private readonly ImmutableArray<ModuleVerdict>.Builder _verdicts = ImmutableArray.CreateBuilder<ModuleVerdict>();

    private ModuleObligations(ModulePair pair) => (_pair, _before, _after) = (pair, pair.Before.Module, pair.After.Module);

    public static ImmutableArray<ModuleVerdict> Check(ModulePair pair)
    {
        var check = new ModuleObligations(pair);
        check.Exports();
        check.Imports();
        check.Start();
        check.Memories();
        check.Globals();
        check.Tables();
        check.Say("traps of segments", Instantiation.TrapsAlike(pair), "segments that may not fit stand in another order", certain: false);
        foreach (var name in StageSections.Names(pair))
        {
            check.Say($"section {name}", StageSections.Same(pair, name), "what it tells later stages differs", certain: false);
        }

        return check._verdicts.ToImmutable();
    }

    private void Say(string what, bool holds, string otherwise, bool certain = true)
        => _verdicts.Add(new ModuleVerdict(what, holds ? Verdict.Proved : certain ? Verdict.Refuted : Verdict.Unknown, holds ? "" : otherwise));

    private void Exports()
    {
        foreach (var export in _before.Exports)
        {
            var what = $"export '{export.Name}'";
            if (_after.Exports.Find(e => e.Name == export.Name) is not { } other || other.Kind != export.Kind)
            {
                Say(what, false, "it is missing or exports something else");
            }
            else if (!SameType(export, other))
            {
                Say(what, false, "it exports something of another type");
            }
            else
            {
                Say(what, Corresponds(export, other), "it may export something else", certain: IsOtherImport(export, other));
            }
        }

        foreach (var export in _after.Exports.Where(e => !_before.Exports.Exists(b => b.Name == e.Name)))
        {
            Say($"export '{export.Name}'", false, "the original has no such export");
        }
    }

    private bool SameType(ExportEntity x, ExportEntity y) => x.Kind switch
    {
        EntityKind.Function => _before.Functions[x.Index].Signature.Equals(_after.Functions[y.Index].Signature),
        EntityKind.Memory => _before.Memories[x.Index].Limits == _after.Memories[y.Index].Limits,
        EntityKind.Table => _before.Tables[x.Index].Kind == _after.Tables[y.Index].Kind && _before.Tables[x.Index].Limits == _after.Tables[y.Index].Limits,
        EntityKind.Global => _before.Globals[x.Index].Kind == _after.Globals[y.Index].Kind && _before.Globals[x.Index].Mutable == _after.Globals[y.Index].Mutable,
        _ => _before.Tags[x.Index].Signature.Equals(_after.Tags[y.Index].Signature),
    };

    /// <summary>An import that is exported again is the host's own: nothing else can stand for it. Of functions that takes a run.</summary>
    private bool IsOtherImport(ExportEntity x, ExportEntity y) => x.Kind switch
    {
        EntityKind.Memory => _before.Memories[x.Index].Import != _after.Memories[y.Index].Import,
        EntityKind.Table => _before.Tables[x.Index].Import != _after.Tables[y.Index].Import,
        EntityKind.Global => _before.Globals[x.Index].Import != _after.Globals[y.Index].Import,
        _ => false,
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
            Say($"import '{import.Name}'", false, $"it is imported more than once as a {kind}", certain: false);
        }
    }

    private void Start()
    {
        if (_before.Start is not null || _after.Start is not null)
        {
            var same = _before.Start is { } b && _after.Start is { } a && _pair.Classes.Correspond(b, a);
            Say("start function", same, "one module runs code at instantiation that the other does not", certain: false);
        }
    }

    private void Memories()
    {
        foreach (var memory in _before.Memories)
        {
            var what = FormattableString.Invariant($"memory {memory.Index}");
            if (_pair.Memories.ToAfter[memory.Index] is not (var a and >= 0))
            {
                // Nothing may depend on it: live code that touches it has no model and no proof; an export that is gone is refuted as such.
                Say(what, !Instantiation.Of(_before, EntityKind.Memory, memory.Index).Any(s => s.Shows), "it is gone, though a segment that stays visible fills it or traps", certain: false);
                continue;
            }

            Say(what + " limits", _after.Memories[a].Limits == memory.Limits, "its limits differ", certain: memory.Import is not null);
            var extent = StageSections.ExtentOf(_before, memory.Index) == StageSections.ExtentOf(_after, a);
            Say(what + " layout", extent, "the bytes that are laid out differ (section pulse.memory)", certain: false);
            var (x, y) = (MemoryImage.Of(_before, memory.Index), MemoryImage.Of(_after, a));
            var visible = IsSeenAtOnce(EntityKind.Memory, memory.Index, a) && Instantiation.Of(_before).Concat(Instantiation.Of(_after)).All(s => s.Fits);
            Say(
                what + " contents", x is not null && y is not null ? x.Same(y) : Instantiation.SameSegments(_pair, EntityKind.Memory, memory.Index, a),
                "its initial contents differ, or where they stand is no constant", certain: x is not null && y is not null && visible);
        }

        for (var a = 0; a < _after.Memories.Count; a++)
        {
            if (_pair.Memories.ToBefore[a] < 0)
            {
                Say(FormattableString.Invariant($"memory {a} of the result"), false, "the original has no such memory", certain: false);
            }
        }
    }

    /// <summary>Whether the host can look at both under one name before any code has run.</summary>
    private bool IsSeenAtOnce(EntityKind kind, int before, int after) => _before.Start is null && _after.Start is null
        && _before.Exports.Exists(e => e.Kind == kind && e.Index == before && _after.Exports.Exists(o => o.Kind == kind && o.Index == after && o.Name == e.Name));

    private void Globals()
    {
        for (var b = 0; b < _before.Globals.Count; b++)
        {
            if (_pair.Globals.ToAfter[b] is var a and >= 0 && _before.Globals[b].Initial is { } x)
            {
                var same = _after.Globals[a] is { Initial: { } y } other && InitialValues.Same(_pair, x, y) && other.Mutable == _before.Globals[b].Mutable;
                var visible = IsSeenAtOnce(EntityKind.Global, b, a) && x.Kind == InitialKind.Constant && _after.Globals[a].Initial!.Kind == InitialKind.Constant;
                Say(FormattableString.Invariant($"global {b}"), same, "its type or initial value differs", certain: visible);
            }
        }
    }

    private void Tables()
    {
        foreach (var table in _before.Tables)
        {
            var what = FormattableString.Invariant($"table {table.Index}");
            if (_pair.Tables.ToAfter[table.Index] is not (var a and >= 0))
            {
                Say(what, !Instantiation.Of(_before, EntityKind.Table, table.Index).Any(s => s.Shows), "it is gone, though a segment that stays visible fills it or traps", certain: false);
                continue;
            }

            // Closed tables that differ have different names, so any use of them fails in the function that uses them.
            if (_pair.Before.ClosedTables[table.Index] is not null && _pair.After.ClosedTables[a] is not null)
            {
                continue;
            }

            var (x, y) = (TableContents.Of(_before, table.Index), TableContents.Of(_after, a));
            var same = table.Limits == _after.Tables[a].Limits && (x is not null && y is not null ? _pair.SameSlots(x, y) : Instantiation.SameFill(_pair, table.Fill, _after.Tables[a].Fill) && Instantiation.SameSegments(_pair, EntityKind.Table, table.Index, a));
            Say(what, same, "its limits or initial contents differ", certain: false);
        }
    }
}

/// <summary>The three verdicts. There is no fourth: nothing is skipped, trusted or counted as proved for want of a model.</summary>
internal enum Verdict { Proved, Refuted, Unknown }

/// <summary>The verdict on something of the module as a whole: an export, a memory's initial contents, an import.</summary>
internal sealed record ModuleVerdict(string What, Verdict Verdict, string Reason);
