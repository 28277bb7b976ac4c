using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Computes what each function of a module may read and write, callees included, and which always return. The host touches what it can see,
/// imports and exports, and whatever the functions touch that it can call back: those that are exported and those to which a reference can
/// have reached it.
/// </summary>
internal sealed class CallEffects
{
    private readonly ModuleView _view;
    private readonly CodeFacts _facts;
    private readonly Summary[] _summaries;

    public CallEffects(ModuleView view, CodeFacts facts)
    {
        (_view, _facts) = (view, facts);
        _summaries = [.. view.Module.Functions.Select(f => Direct(f.Index)), Outside()];
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var summary in _summaries)
            {
                changed |= Propagate(summary);
            }
        }
    }

    private sealed class Summary(int parts)
    {
        public bool[] Reads { get; } = new bool[parts];

        public bool[] Writes { get; } = new bool[parts];

        public bool Straight { get; set; } = true;

        public bool Total { get; set; }

        public HashSet<int> Callees { get; } = [];
    }

    private const int MemoryGrow = 0x40;

    private int Parts => _view.Layout.Parts.Count;

    /// <summary>The summary of everything outside stands behind those of the functions.</summary>
    private int Host => _view.Module.Functions.Count;

    /// <summary>The effect of a call of a function.</summary>
    public CallEffect Of(int function) => Effect(_summaries[function]);

    /// <summary>The effect of a call through a table, which may trap.</summary>
    public CallEffect OfTable(int table)
    {
        var summary = new Summary(Parts) { Straight = false };
        summary.Callees.UnionWith(Targets(table));
        Propagate(summary);
        return Effect(summary);
    }

    public static CallEffect Union(CallEffect x, CallEffect y) => new([.. x.Reads.Union(y.Reads).Order()], [.. x.Writes.Union(y.Writes).Order()], x.Total && y.Total);

    private static CallEffect Effect(Summary s) => new([.. Where(s.Reads)], [.. Where(s.Writes)], s.Total);

    private static IEnumerable<int> Where(bool[] set) => Enumerable.Range(0, set.Length).Where(i => set[i]);

    private IEnumerable<int> Targets(int table) => _view.ClosedTables[table] is { } closed ? closed.Entries.Where(f => f >= 0) : [Host];

    private bool Propagate(Summary s)
    {
        var changed = false;
        foreach (var callee in s.Callees.Select(c => _summaries[c]))
        {
            for (var p = 0; p < s.Reads.Length; p++)
            {
                changed |= callee.Reads[p] && !s.Reads[p] || callee.Writes[p] && !s.Writes[p];
                s.Reads[p] |= callee.Reads[p];
                s.Writes[p] |= callee.Writes[p];
            }
        }

        // From below, so that a cycle of calls is never total.
        var total = s.Straight && s.Callees.All(c => _summaries[c].Total);
        changed |= total && !s.Total;
        s.Total |= total;
        return changed;
    }

    private Summary Outside()
    {
        var summary = new Summary(Parts) { Straight = false };
        Touch(summary, StateLayout.World, true);
        var module = _view.Module;
        for (var m = 0; m < module.Memories.Count; m++)
        {
            if (module.Memories[m].Import is not null || module.Memories[m].Limits.Shared || _facts.IsExported(EntityKind.Memory, m))
            {
                Touch(summary, _view.MemoryParts[m], true, _view.MemoryParts[m] < 0 ? -1 : _view.MemoryParts[m] + 1);
            }
        }

        for (var g = 0; g < module.Globals.Count; g++)
        {
            Touch(summary, module.Globals[g].Import is not null || _facts.IsExported(EntityKind.Global, g) ? _view.GlobalParts[g] : -1, true);
        }

        for (var t = 0; t < module.Tables.Count; t++)
        {
            Touch(summary, module.Tables[t].Import is not null || _facts.IsExported(EntityKind.Table, t) ? _view.TableParts[t] : -1, true);
            if (_view.ClosedTables[t] is null || _facts.Has(Use.TableReference, t))
            {
                var items = module.Elements.Where(e => e.Mode == SegmentMode.Active && e.Table == t).SelectMany(e => e.Items);
                summary.Callees.UnionWith(items.Where(i => i.Kind == InitialKind.Function).Select(i => (int)i.Value));
            }
        }

        summary.Callees.UnionWith(Where(_facts.Referenced));
        return summary;
    }

    private Summary Direct(int function)
    {
        var summary = new Summary(Parts);
        if (_view.Shared.ChangesStructure)
        {
            Anything(summary);
        }
        else if (_view.Module.Functions[function].Body is null)
        {
            summary.Callees.Add(Host);
        }
        else if (_facts.CodeOf(function) is { } code)
        {
            code.ForEach(i => Note(summary, i));
        }
        else
        {
            Anything(summary);
        }

        return summary;
    }

    private static void Anything(Summary s)
    {
        s.Straight = false;
        Array.Fill(s.Reads, true);
        Array.Fill(s.Writes, true);
    }

    /// <summary>An instruction touches what its operands name, and changes it if its row says that it writes.</summary>
    private void Note(Summary s, RawInstruction i)
    {
        if (InstructionTable.Find(i.Opcode) is not { } row || row.Effects.HasFlag(Effects.Anything) || i.Operands.Any(o => IsUnknown(o)))
        {
            Anything(s);
            return;
        }

        var writes = row.Effects.HasFlag(Effects.Writes);
        s.Straight &= (row.Effects & (Effects.Partial | Effects.World)) == 0;
        if (row.Effects.HasFlag(Effects.World))
        {
            Touch(s, StateLayout.World, true);
        }

        foreach (var operand in i.Operands)
        {
            var index = (int)Math.Min(operand.Value, int.MaxValue);
            switch (operand.Kind)
            {
                case OperandKind.Function when i.Opcode is 0x10 or 0x12:
                    s.Callees.Add(index);
                    break;
                case OperandKind.Table when i.Opcode is 0x11 or 0x13:
                    Touch(s, _view.TableParts[index], false);
                    s.Callees.UnionWith(Targets(index));
                    break;
                case OperandKind.Table:
                    Touch(s, _view.TableParts[index], writes);
                    break;
                case OperandKind.Global:
                    Touch(s, _view.GlobalParts[index], writes);
                    s.Straight &= !(writes ? _view.Shared.GlobalsTouched : _view.Shared.GlobalsWritten).Contains(_view.GlobalParts[index]);
                    _view.Shared.Frames.Where(f => writes && f.Global == _view.GlobalParts[index]).ToList().ForEach(f => Touch(s, f.Memory, true));
                    break;
                case OperandKind.Memory:
                    Touch(s, _view.MemoryParts[index], writes && i.Opcode != MemoryGrow);
                    Touch(s, _view.MemoryParts[index] + 1, i.Opcode == MemoryGrow);
                    s.Straight &= !_view.Shared.Touches(_view.MemoryParts[index]);
                    break;
                case OperandKind.Data:
                    Touch(s, _view.DataParts[index], i.Opcode == 0xFC0009);
                    break;
                case OperandKind.Element:
                    Touch(s, _view.ElementParts[index], i.Opcode == 0xFC000D);
                    break;
            }
        }
    }

    /// <summary>Whether an index names nothing, or a memory that is no part of the state.</summary>
    private bool IsUnknown(RawOperand operand)
        => !_view.Module.Has(operand) || operand.Kind == OperandKind.Memory && _view.MemoryParts[operand.Value] < 0;

    /// <summary>What is written is read too: a path that does not write it returns the old value.</summary>
    private static void Touch(Summary s, int part, bool writes, int next = -1)
    {
        foreach (var p in new[] { part, next }.Where(p => p >= 0))
        {
            s.Reads[p] = true;
            s.Writes[p] |= writes;
        }
    }
}
