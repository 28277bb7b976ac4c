using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// What must hold of the modules as wholes: the same exports of corresponding entities, no new imports, the same memories and tables with
/// the same initial contents, the same initial globals, the same start.
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
        check.Say("traps of segments", Instantiation.TrapsAlike(pair), "segments that may not fit stand in another order", Verdict.Unknown);
        return check._verdicts.ToImmutable();
    }

    private void Say(string what, bool holds, string otherwise, Verdict failing = Verdict.Refuted)
        => _verdicts.Add(new ModuleVerdict(what, holds ? Verdict.Proved : failing, holds ? "" : otherwise));

    private void Exports()
    {
        foreach (var export in _before.Exports)
        {
            var other = _after.Exports.Find(e => e.Name == export.Name);
            Say($"export '{export.Name}'", other is not null && other.Kind == export.Kind && Corresponds(export, other), "it is missing or exports something else");
        }

        foreach (var export in _after.Exports.Where(e => !_before.Exports.Exists(b => b.Name == e.Name)))
        {
            Say($"export '{export.Name}'", false, "the original has no such export");
        }
    }

    private bool Corresponds(ExportEntity x, ExportEntity y) => x.Kind switch
    {
        EntityKind.Function => _pair.Classes.Pairs.Exists(p => p.Before == x.Index && p.After == y.Index),
        EntityKind.Memory => _pair.Memories.ToAfter[x.Index] == y.Index,
        EntityKind.Table => _pair.Tables.ToAfter[x.Index] == y.Index,
        EntityKind.Global => _pair.Globals.ToAfter[x.Index] == y.Index
            || !_before.Globals[x.Index].Mutable && !_after.Globals[y.Index].Mutable && _before.Globals[x.Index].Kind == _after.Globals[y.Index].Kind
                && _pair.Before.GlobalValues[x.Index] is { } a && _pair.After.GlobalValues[y.Index] is { } b && InitialValues.Same(_pair, a, b),
        _ => x.Index == y.Index,
    };

    /// <summary>Imports may go, since nothing then depends on them; none may come.</summary>
    private void Imports()
    {
        foreach (var function in _after.Functions.Where(f => f.Import is not null))
        {
            Say($"import '{function.Import}'", _pair.Classes.HasAfter(function.Index), "the original does not import it with this type");
        }

        foreach (var memory in _after.Memories.Where(m => m.Import is not null))
        {
            Say($"import '{memory.Import}'", _pair.Memories.ToBefore[memory.Index] is var b and >= 0 && _before.Memories[b].Import == memory.Import, "the original does not import it");
        }

        foreach (var table in _after.Tables.Where(t => t.Import is not null))
        {
            Say($"import '{table.Import}'", _pair.Tables.ToBefore[table.Index] is var b and >= 0 && _before.Tables[b].Import == table.Import, "the original does not import it");
        }

        foreach (var global in _after.Globals.Where(g => g.Import is not null))
        {
            Say($"import '{global.Import}'", _before.Globals.Exists(g => g.Import == global.Import && g.Kind == global.Kind && g.Mutable == global.Mutable),
                "the original does not import it with this type");
        }
    }

    private void Start()
    {
        if (_before.Start is not null || _after.Start is not null)
        {
            var same = _before.Start is { } b && _after.Start is { } a && _pair.Classes.Pairs.Exists(p => p.Before == b && p.After == a);
            Say("start function", same, "one module runs code at instantiation that the other does not", Verdict.Unknown);
        }
    }

    private void Memories()
    {
        foreach (var memory in _before.Memories)
        {
            var what = string.Create(CultureInfo.InvariantCulture, $"memory {memory.Index}");
            if (_pair.Memories.ToAfter[memory.Index] is not (var a and >= 0))
            {
                // Nothing may depend on it: live code that touches it has no model and no proof; an export that is gone is refuted as such.
                Say(what, !Instantiation.Needs(_before, memory), "it is gone, though a segment that stays visible fills it or traps");
                continue;
            }

            // Limits and contents are a defect only if nothing else can be meant by this memory.
            var failing = _pair.Memories.IsCertain(memory.Index) ? Verdict.Refuted : Verdict.Unknown;
            Say(what + " limits", _after.Memories[a].Limits == memory.Limits, "its limits differ", failing);
            var (x, y) = (MemoryImage.Of(_before, memory.Index), MemoryImage.Of(_after, a));
            if (x is not null && y is not null)
            {
                Say(what + " contents", x.Same(y), "its initial contents differ", failing);
            }
            else
            {
                Say(what + " contents", SameSegments(memory.Index, a), "its segments differ and their place is not constant", Verdict.Unknown);
            }
        }

        for (var a = 0; a < _after.Memories.Count; a++)
        {
            if (_pair.Memories.ToBefore[a] < 0)
            {
                Say(string.Create(CultureInfo.InvariantCulture, $"memory {a} of the result"), false, "the original has no such memory", Verdict.Unknown);
            }
        }
    }

    private bool SameSegments(int b, int a)
    {
        var (x, y) = (_before.Data.Where(d => d.Mode == SegmentMode.Active && d.Memory == b).ToList(), _after.Data.Where(d => d.Mode == SegmentMode.Active && d.Memory == a).ToList());
        return x.Count == y.Count && x.Zip(y).All(p => Instantiation.Same(_pair, p.First, p.Second));
    }

    private void Globals()
    {
        for (var b = 0; b < _before.Globals.Count; b++)
        {
            if (_pair.Globals.ToAfter[b] is var a and >= 0 && _before.Globals[b].Initial is { } x)
            {
                var same = _after.Globals[a] is { Initial: { } y } other && InitialValues.Same(_pair, x, y)
                    && other.Kind == _before.Globals[b].Kind && other.Mutable == _before.Globals[b].Mutable;
                Say(string.Create(CultureInfo.InvariantCulture, $"global {b}"), same, "its type or initial value differs");
            }
        }
    }

    private void Tables()
    {
        foreach (var table in _before.Tables)
        {
            var what = string.Create(CultureInfo.InvariantCulture, $"table {table.Index}");
            if (_pair.Tables.ToAfter[table.Index] is not (var a and >= 0))
            {
                Say(what, !Instantiation.Needs(_before, table), "it is gone, though a segment that stays visible fills it or traps");
                continue;
            }

            // Closed tables that differ have different names, so any use of them fails in the function that uses them.
            if (_pair.Before.ClosedTables[table.Index] is not null && _pair.After.ClosedTables[a] is not null)
            {
                continue;
            }

            var (x, y) = (TableContents.Of(_before, table.Index), TableContents.Of(_after, a));
            var same = x is not null && y is not null
                ? table.Limits == _after.Tables[a].Limits && ModulePair.SameSlots(new([.. x]), new([.. y]), _pair.Classes)
                : table.Limits == _after.Tables[a].Limits && SameElements(table.Index, a);
            Say(what, same, "its limits or initial contents differ", x is not null && y is not null && _pair.Tables.IsCertain(table.Index) ? Verdict.Refuted : Verdict.Unknown);
        }
    }

    private bool SameElements(int b, int a)
    {
        var (x, y) = (_before.Elements.Where(e => e.Mode == SegmentMode.Active && e.Table == b).ToList(), _after.Elements.Where(e => e.Mode == SegmentMode.Active && e.Table == a).ToList());
        return x.Count == y.Count && x.Zip(y).All(p => Instantiation.Same(_pair, p.First, p.Second)) && SameFill(_before.Tables[b].Fill, _after.Tables[a].Fill);
    }

    private bool SameFill(Initial? x, Initial? y) => x is null || x.Kind == InitialKind.Null ? y is null || y.Kind == InitialKind.Null : y is not null && InitialValues.Same(_pair, x, y);
}
