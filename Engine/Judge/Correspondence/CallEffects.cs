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
        for (var grows = true; grows;)
        {
            grows = _summaries.Aggregate(false, (any, summary) => Propagate(summary) | any);
        }
    }

    private sealed class Summary
    {
        public SortedSet<int> Reads { get; } = [];

        public SortedSet<int> Writes { get; } = [];

        public bool Straight { get; set; } = true;

        public bool Total { get; set; }

        public HashSet<int> Callees { get; } = [];
    }

    private const int MemoryGrow = 0x40;

    /// <summary>The summary of everything outside stands behind those of the functions.</summary>
    private int Host => _view.Module.Functions.Count;

    /// <summary>The effect of a call of a function.</summary>
    public CallEffect Of(int function) => Effect(_summaries[function]);

    /// <summary>The effect of a call through a table, which may trap.</summary>
    public CallEffect OfTable(int table)
    {
        var summary = new Summary { Straight = false };
        summary.Callees.UnionWith(Targets(table));
        Propagate(summary);
        return Effect(summary);
    }

    public static CallEffect Union(CallEffect x, CallEffect y) => new([.. x.Reads.Union(y.Reads).Order()], [.. x.Writes.Union(y.Writes).Order()], x.Total && y.Total);

    private static CallEffect Effect(Summary s) => new([.. s.Reads], [.. s.Writes], s.Total);

    private IEnumerable<int> Targets(int table) => _view.ClosedTables[table] is { } closed ? closed.Entries.Where(f => f >= 0) : [Host];

    private bool Propagate(Summary s)
    {
        var (touched, wasTotal) = (s.Reads.Count + s.Writes.Count, s.Total);
        foreach (var callee in s.Callees.Select(c => _summaries[c]).Where(callee => callee != s))
        {
            s.Reads.UnionWith(callee.Reads);
            s.Writes.UnionWith(callee.Writes);
        }

        // From below, so that a cycle of calls is never total.
        s.Total |= s.Straight && s.Callees.All(c => _summaries[c].Total);
        return touched != s.Reads.Count + s.Writes.Count || wasTotal != s.Total;
    }

    private Summary Outside()
    {
        var summary = new Summary { Straight = false };
        var module = _view.Module;
        bool IsVisible(EntityKind kind, int index, ImportName? import) => import is not null || _facts.IsExported(kind, index);
        int[] memories = [.. module.Memories.Where(m => m.Limits.Shared || IsVisible(EntityKind.Memory, m.Index, m.Import))
            .Select(m => _view.MemoryParts[m.Index]).Where(part => part >= 0)];
        var globals = module.Globals.Where(g => IsVisible(EntityKind.Global, g.Index, g.Import)).Select(g => _view.GlobalParts[g.Index]);
        var tables = module.Tables.Where(t => IsVisible(EntityKind.Table, t.Index, t.Import)).Select(t => _view.TableParts[t.Index]);
        foreach (var part in (int[])[StateLayout.World, .. memories, .. memories.Select(part => part + 1), .. globals, .. tables])
        {
            Touch(summary, part, true);
        }

        var named = module.Elements.Where(e => e.Mode == SegmentMode.Active && (_view.ClosedTables[e.Table] is null || _facts.Has(Use.TableReference, e.Table)));
        summary.Callees.UnionWith(named.SelectMany(e => e.Items).Where(i => i.Kind == InitialKind.Function).Select(i => (int)i.Value));
        summary.Callees.UnionWith(Enumerable.Range(0, Host).Where(f => _facts.Referenced[f]));
        return summary;
    }

    private Summary Direct(int function)
    {
        var summary = new Summary();
        var isImport = _view.Module.Functions[function].Body is null;
        if (_view.Shared.ChangesStructure || !isImport && _facts.CodeOf(function) is null)
        {
            Anything(summary);
            return summary;
        }

        summary.Callees.UnionWith(isImport ? [Host] : []);
        _facts.CodeOf(function)?.ForEach(i => Note(summary, i));

        return summary;
    }

    private void Anything(Summary s)
    {
        s.Straight = false;
        s.Reads.UnionWith(_view.Layout.Parts.Select(p => p.Index));
        s.Writes.UnionWith(s.Reads);
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

    /// <summary>What is written is read too: a path that does not write it returns the old value. No part of the state is touched where there is none.</summary>
    private static void Touch(Summary s, int part, bool writes)
    {
        if (part >= 0)
        {
            s.Reads.Add(part);
            if (writes)
            {
                s.Writes.Add(part);
            }
        }
    }
}
