using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Verification.Decoding;

namespace Pulse.Build.Engine.Verification.Pairing;

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
                // Nothing may depend on it: live code that touches it has no model and no proof.
                var visible = memory.Import is not null || _before.Exports.Exists(e => e.Kind == EntityKind.Memory && e.Index == memory.Index);
                Say(what, !visible || memory.Import is not null, "an exported memory is gone");
                continue;
            }

            Say(what + " limits", _after.Memories[a].Limits == memory.Limits, "its limits differ");
            var x = MemoryImage.Of(_before, memory.Index);
            var y = MemoryImage.Of(_after, a);
            Say(what + " contents", x is not null && y is not null ? x.Same(y) : SameSegments(memory.Index, a),
                x is not null && y is not null ? "its initial contents differ" : "its segments differ and their place is not constant", x is not null && y is not null ? Verdict.Refuted : Verdict.Unknown);
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
        return x.Count == y.Count && x.Zip(y).All(p => InitialValues.Same(_pair, p.First.Offset!, p.Second.Offset!) && p.First.Bytes.Span.SequenceEqual(p.Second.Bytes.Span));
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
        for (var b = 0; b < _before.Tables.Count; b++)
        {
            if (_pair.Tables.ToAfter[b] is not (var a and >= 0))
            {
                var visible = _before.Exports.Exists(e => e.Kind == EntityKind.Table && e.Index == b);
                Say(string.Create(CultureInfo.InvariantCulture, $"table {b}"), !visible, "an exported table is gone");
                continue;
            }

            // Closed tables that differ have different names, so any use of them fails in the function that uses them.
            if (_pair.Before.ClosedTables[b] is not null && _pair.After.ClosedTables[a] is not null)
            {
                continue;
            }

            var (x, y) = (TableContents.Of(_before, b), TableContents.Of(_after, a));
            var same = x is not null && y is not null
                ? _before.Tables[b].Limits == _after.Tables[a].Limits && ModulePair.SameSlots(new([.. x]), new([.. y]), _pair.Classes)
                : _before.Tables[b].Limits == _after.Tables[a].Limits && SameElements(b, a);
            Say(string.Create(CultureInfo.InvariantCulture, $"table {b}"), same, "its limits or initial contents differ", x is not null && y is not null ? Verdict.Refuted : Verdict.Unknown);
        }
    }

    private bool SameElements(int b, int a)
    {
        var (x, y) = (_before.Elements.Where(e => e.Mode == SegmentMode.Active && e.Table == b).ToList(), _after.Elements.Where(e => e.Mode == SegmentMode.Active && e.Table == a).ToList());
        return x.Count == y.Count && x.Zip(y).All(p => InitialValues.Same(_pair, p.First.Offset!, p.Second.Offset!) && p.First.Items.Length == p.Second.Items.Length
            && p.First.Items.Zip(p.Second.Items).All(i => InitialValues.Same(_pair, i.First, i.Second)));
    }
}
