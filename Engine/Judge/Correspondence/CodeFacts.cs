using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>What code does to an entity.</summary>
internal enum Use
{
    GlobalRead, GlobalWrite, MemoryGrowth, DataDrop, ElementDrop, TableChange,

    /// <summary>Names a table other than to call, or for its size: a reference in it can get anywhere.</summary>
    TableReference,
}

/// <summary>What of a module can be reached, and what its live code does to what.</summary>
internal sealed class CodeFacts
{
    private const int Call = 0x10, CallIndirect = 0x11, ReturnCall = 0x12, ReturnCallIndirect = 0x13, MemoryGrow = 0x40;
    private const int DataDrop = 0xFC0009, ElementDrop = 0xFC000D, TableSize = 0xFC0010;
    private readonly DecodedModule _module;
    private readonly List<RawInstruction>?[] _code;
    private readonly HashSet<(EntityKind, int)> _exported;
    private readonly HashSet<(Use, int)> _uses = [];

    public CodeFacts(DecodedModule module)
    {
        _module = module;
        _exported = [.. module.Exports.Select(e => (e.Kind, e.Index))];
        _code = new List<RawInstruction>?[module.Functions.Count];
        Live = new bool[module.Functions.Count];
        Referenced = new bool[module.Functions.Count];
        FindLive();
        foreach (var instruction in Enumerable.Range(0, Live.Length).Where(f => Live[f]).SelectMany(f => CodeOf(f) ?? []))
        {
            Collect(instruction);
        }
    }

    /// <summary>Functions that the outside, a table or a live function can reach.</summary>
    public bool[] Live { get; }

    /// <summary>Functions to which somebody can hold a reference other than in a table: exported ones, those of ref.func, those of passive segments.</summary>
    public bool[] Referenced { get; }

    /// <summary>Whether live code may do this to an entity; a body that cannot be cut into instructions may do anything.</summary>
    public bool Has(Use use, int index) => Opaque || _uses.Contains((use, index));

    public bool IsExported(EntityKind kind, int index) => _exported.Contains((kind, index));

    /// <summary>Whether the host or live code can change a memory's size.</summary>
    public bool MemoryGrows(int memory) => _module.Memories[memory].Import is not null || IsExported(EntityKind.Memory, memory) || Has(Use.MemoryGrowth, memory);

    /// <summary>Whether anything can write a global once the module is instantiated.</summary>
    public bool Changes(GlobalEntity global)
        => global.Mutable && (global.Import is not null || IsExported(EntityKind.Global, global.Index) || Has(Use.GlobalWrite, global.Index));

    private bool Opaque { get; set; }

    /// <summary>The instructions of a defined function, or null when they cannot be told apart.</summary>
    public List<RawInstruction>? CodeOf(int function)
    {
        if (_code[function] is null && _module.Functions[function].Body is { } body)
        {
            try
            {
                _code[function] = InstructionScanner.Scan(_module, body);
            }
            catch (UnmodelledException)
            {
                return null;
            }
        }

        return _code[function];
    }

    private void FindLive()
    {
        var work = new Stack<int>();
        void Mark(int function, bool isReferenced)
        {
            Referenced[function] |= isReferenced;
            if (!Live[function])
            {
                Live[function] = true;
                work.Push(function);
            }
        }

        _module.Exports.Where(e => e.Kind == EntityKind.Function).ToList().ForEach(e => Mark(e.Index, true));
        if (_module.Start is { } start)
        {
            Mark(start, false);
        }

        var items = _module.Elements.SelectMany(segment => segment.Items.Select(item => (item, segment.Mode != SegmentMode.Active)))
            .Concat(_module.Globals.Select(g => g.Initial).Concat(_module.Tables.Select(t => t.Fill)).OfType<Initial>().Select(item => (item, true)));
        foreach (var (item, isReferenced) in items.Where(i => i.item.Kind == InitialKind.Function))
        {
            Mark((int)item.Value, isReferenced);
        }

        while (work.TryPop(out var function))
        {
            if (_module.Functions[function].Body is not null && CodeOf(function) is null)
            {
                Opaque = true;
                Enumerable.Range(0, Live.Length).ToList().ForEach(f => Mark(f, true));
            }

            foreach (var (instruction, operand) in (CodeOf(function) ?? []).SelectMany(i => i.Operands.Select(o => (i, o))))
            {
                if (operand.Kind == OperandKind.Function && operand.Value < (ulong)Live.Length)
                {
                    Mark((int)operand.Value, instruction.Opcode is not (Call or ReturnCall));
                }
            }
        }
    }

    private void Collect(RawInstruction i)
    {
        var writes = InstructionTable.Find(i.Opcode) is not { } row || (row.Effects & (Effects.Writes | Effects.Anything)) != 0;
        foreach (var operand in i.Operands.Where(o => o.Value <= int.MaxValue))
        {
            Use? use = operand.Kind switch
            {
                OperandKind.Global => writes ? Use.GlobalWrite : Use.GlobalRead,
                OperandKind.Table when writes => Use.TableChange,
                OperandKind.Table when i.Opcode is not (CallIndirect or ReturnCallIndirect or TableSize) => Use.TableReference,
                OperandKind.Memory when i.Opcode == MemoryGrow => Use.MemoryGrowth,
                OperandKind.Data when i.Opcode == DataDrop => Use.DataDrop,
                OperandKind.Element when i.Opcode == ElementDrop => Use.ElementDrop,
                _ => null,
            };
            if (use is { } found)
            {
                _uses.Add((found, (int)operand.Value));
            }
        }
    }
}
