using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>What the code of one module mentions: calls, globals read and written, tables and segments changed. Only live functions count.</summary>
internal sealed class CodeFacts
{
    private readonly DecodedModule _module;
    private readonly List<RawInstruction>?[] _code;
    private readonly HashSet<(EntityKind, int)> _exported;

    public CodeFacts(DecodedModule module)
    {
        _module = module;
        _exported = [.. module.Exports.Select(e => (e.Kind, e.Index))];
        _code = new List<RawInstruction>?[module.Functions.Count];
        Live = new bool[module.Functions.Count];
        GlobalsRead = new bool[module.Globals.Count];
        GlobalsWritten = new bool[module.Globals.Count];
        TablesChanged = new bool[module.Tables.Count];
        DataDropped = new bool[module.Data.Count];
        ElementsDropped = new bool[module.Elements.Count];
        TablesRead = new bool[module.Tables.Count];
        Referenced = new bool[module.Functions.Count];
        MemoriesGrown = new bool[module.Memories.Count];
        TablesUsed = new bool[module.Tables.Count];
        MemoriesUsed = new bool[module.Memories.Count];
        FindLive();
        CollectUses();
    }

    /// <summary>Functions that the outside, a table or a live function can reach.</summary>
    public bool[] Live { get; }

    public bool[] GlobalsRead { get; }

    public bool[] GlobalsWritten { get; }

    public bool[] TablesChanged { get; }

    public bool[] DataDropped { get; }

    public bool[] ElementsDropped { get; }

    /// <summary>Tables that live code names: these pair before those that only the module has, which may be gone.</summary>
    public bool[] TablesUsed { get; }

    public bool[] MemoriesUsed { get; }

    /// <summary>Tables of which live code can take a reference: it names them other than to call, or for their size.</summary>
    public bool[] TablesRead { get; }

    /// <summary>Memories that live code grows.</summary>
    public bool[] MemoriesGrown { get; }

    /// <summary>Functions to which somebody can hold a reference other than in a table: exported ones, those of ref.func, those of passive segments.</summary>
    public bool[] Referenced { get; }

    public bool IsExported(EntityKind kind, int index) => _exported.Contains((kind, index));

    /// <summary>Whether the host or live code can change a memory's size.</summary>
    public bool MemoryGrows(int memory) => _module.Memories[memory].Import is not null || IsExported(EntityKind.Memory, memory) || MemoriesGrown[memory];

    /// <summary>Whether some live body cannot be cut into instructions; then it may do anything.</summary>
    public bool Opaque { get; private set; }

    /// <summary>The instructions of a defined function, or null when they cannot be told apart.</summary>
    public List<RawInstruction>? CodeOf(int function)
    {
        if (_code[function] is null && _module.Functions[function].Body is { } body)
        {
            try
            {
                _code[function] = InstructionScanner.Scan(_module, body);
            }
            catch (UnknownInstructionException)
            {
                return null;
            }
        }

        return _code[function];
    }

    private void FindLive()
    {
        var work = new Stack<int>();
        void Mark(int function)
        {
            if (!Live[function])
            {
                Live[function] = true;
                work.Push(function);
            }
        }

        void Reference(int function)
        {
            Referenced[function] = true;
            Mark(function);
        }

        _module.Exports.Where(e => e.Kind == EntityKind.Function).ToList().ForEach(e => Reference(e.Index));
        if (_module.Start is { } start)
        {
            Mark(start);
        }

        foreach (var segment in _module.Elements)
        {
            segment.Items.Where(i => i.Kind == InitialKind.Function).ToList().ForEach(i => (segment.Mode == SegmentMode.Active ? (Action<int>)Mark : Reference)((int)i.Value));
        }

        foreach (var item in _module.Globals.Select(g => g.Initial).Concat(_module.Tables.Select(t => t.Fill)).Where(i => i is { Kind: InitialKind.Function }))
        {
            Reference((int)item!.Value);
        }

        while (work.TryPop(out var function))
        {
            if (_module.Functions[function].Body is null)
            {
                continue;
            }

            if (CodeOf(function) is not { } code)
            {
                Opaque = true;
                Enumerable.Range(0, Live.Length).ToList().ForEach(Reference);
                continue;
            }

            foreach (var (instruction, operand) in code.SelectMany(i => i.Operands.Select(o => (i, o))))
            {
                if (operand.Kind == OperandKind.Function && operand.Value < (ulong)Live.Length)
                {
                    (instruction.Opcode is 0x10 or 0x12 ? (Action<int>)Mark : Reference)((int)operand.Value);
                }
            }
        }
    }

    private void CollectUses()
    {
        if (Opaque)
        {
            foreach (var uses in new[] { GlobalsRead, GlobalsWritten, TablesChanged, DataDropped, ElementsDropped, TablesUsed, TablesRead, MemoriesUsed, MemoriesGrown })
            {
                Array.Fill(uses, true);
            }

            return;
        }

        foreach (var instruction in Enumerable.Range(0, Live.Length).Where(f => Live[f]).SelectMany(f => CodeOf(f) ?? []))
        {
            Use(instruction, OperandKind.Table, TablesUsed);
            Use(instruction, OperandKind.Memory, MemoriesUsed);
            switch (instruction.Opcode)
            {
                case 0x23: Use(instruction, OperandKind.Global, GlobalsRead); break;
                case 0x24: Use(instruction, OperandKind.Global, GlobalsWritten); break;
                case 0x40: Use(instruction, OperandKind.Memory, MemoriesGrown); break;
                case 0x26 or 0xFC000C or 0xFC000E or 0xFC000F or 0xFC0011: Use(instruction, OperandKind.Table, TablesChanged); break;
                case 0xFC0009: Use(instruction, OperandKind.Data, DataDropped); break;
                case 0xFC000D: Use(instruction, OperandKind.Element, ElementsDropped); break;
            }

            if (instruction.Opcode is not (0x11 or 0x13 or 0xFC0010))
            {
                Use(instruction, OperandKind.Table, TablesRead);
            }
        }
    }

    private static void Use(RawInstruction instruction, OperandKind kind, bool[] used)
    {
        foreach (var operand in instruction.Operands)
        {
            if (operand.Kind == kind && operand.Value < (ulong)used.Length)
            {
                used[operand.Value] = true;
            }
        }
    }
}
