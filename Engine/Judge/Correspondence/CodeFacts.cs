using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>What the code of one module mentions: calls, globals read and written, tables and segments changed. Only live functions count.</summary>
internal sealed class CodeFacts
{
    private readonly DecodedModule _module;
    private readonly List<RawInstruction>?[] _code;

    public CodeFacts(DecodedModule module)
    {
        _module = module;
        _code = new List<RawInstruction>?[module.Functions.Count];
        Live = new bool[module.Functions.Count];
        GlobalsRead = new bool[module.Globals.Count];
        GlobalsWritten = new bool[module.Globals.Count];
        TablesChanged = new bool[module.Tables.Count];
        DataDropped = new bool[module.Data.Count];
        ElementsDropped = new bool[module.Elements.Count];
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

        _module.Exports.Where(e => e.Kind == EntityKind.Function).ToList().ForEach(e => Mark(e.Index));
        if (_module.Start is { } start)
        {
            Mark(start);
        }

        foreach (var item in _module.Elements.SelectMany(e => e.Items).Concat(_module.Globals.Select(g => g.Initial).OfType<Initial>()))
        {
            if (item.Kind == InitialKind.Function)
            {
                Mark((int)item.Value);
            }
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
                Enumerable.Range(0, Live.Length).ToList().ForEach(Mark);
                continue;
            }

            foreach (var operand in code.SelectMany(i => i.Operands))
            {
                if (operand.Kind == OperandKind.Function && operand.Value < (ulong)Live.Length)
                {
                    Mark((int)operand.Value);
                }
            }
        }
    }

    private void CollectUses()
    {
        if (Opaque)
        {
            foreach (var uses in new[] { GlobalsRead, GlobalsWritten, TablesChanged, DataDropped, ElementsDropped, TablesUsed, MemoriesUsed })
            {
                Array.Fill(uses, true);
            }

            return;
        }

        foreach (var instruction in Enumerable.Range(0, Live.Length).Where(f => Live[f]).SelectMany(f => CodeOf(f) ?? []))
        {
            foreach (var operand in instruction.Operands)
            {
                var used = operand.Kind switch { OperandKind.Table => TablesUsed, OperandKind.Memory => MemoriesUsed, _ => [] };
                if (operand.Value < (ulong)used.Length)
                {
                    used[operand.Value] = true;
                }
            }

            var uses = instruction.Opcode switch
            {
                0x23 => GlobalsRead,
                0x24 => GlobalsWritten,
                0x26 or 0xFC000C or 0xFC000E or 0xFC000F or 0xFC0011 => TablesChanged,
                0xFC0009 => DataDropped,
                0xFC000D => ElementsDropped,
                _ => null,
            };
            foreach (var operand in uses is null ? [] : instruction.Operands)
            {
                // Of table.init only the table changes.
                var named = operand.Kind is OperandKind.Global or OperandKind.Table or OperandKind.Data || operand.Kind == OperandKind.Element && uses == ElementsDropped;
                if (named && operand.Value < (ulong)uses!.Length)
                {
                    uses[operand.Value] = true;
                }
            }
        }
    }
}
