using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Firmware;

/// <summary>A function as far as the stack goes: a section of code.</summary>
/// <param name="section">The section.</param>
/// <param name="name">Its symbol.</param>
/// <param name="frame">Bytes that it takes itself.</param>
internal sealed class StackFunction(ElfSection section, string name, uint frame)
{
    /// <summary>The section.</summary>
    public ElfSection Section { get; } = section;

    /// <summary>Its symbol.</summary>
    public string Name { get; } = name;

    /// <summary>Bytes that it takes itself.</summary>
    public uint Frame { get; } = frame;

    /// <summary>How many instructions it keeps interrupts masked for, as <see cref="MaskedSections.Longest"/> says.</summary>
    public int? Masked { get; init; }

    /// <summary>What it calls; a tail call has given the caller's frame back.</summary>
    public List<(StackFunction Callee, bool IsTail)> Calls { get; } = [];
}

/// <summary>
/// Who calls whom with how much stack, as the machine code says: frames are what is pushed and taken from <c>sp</c>, calls are relocations,
/// and a call through a register goes to what the tables hold that the function refers to (to any function in a table where it refers to none).
/// </summary>
internal sealed class StackGraph
{
    private readonly SymbolResolver _symbols;
    private readonly Dictionary<ElfSection, StackFunction> _functions = [];
    private readonly ILookup<ElfSection?, ElfSymbol> _symbolsOf;

    /// <summary>Reads the live sections of <paramref name="objects"/>.</summary>
    public StackGraph(IEnumerable<ElfObject> objects, IReadOnlyList<ElfSection> live, SymbolResolver symbols)
    {
        _symbols = symbols;
        _symbolsOf = objects.SelectMany(o => o.Symbols).ToLookup(symbol => symbol.Section);
        var code = live.Where(IsCode).ToDictionary(section => section, InstructionsOf);
        foreach (var (section, instructions) in code)
        {
            _functions.Add(section, new StackFunction(section, NameOf(section), FrameOf(instructions)) { Masked = MaskedSections.Longest(instructions) });
        }

        var inTables = live.Where(IsTable).SelectMany(Targets).ToHashSet();
        foreach (var (section, instructions) in code)
        {
            AddCalls(section, instructions, inTables);
        }
    }

    /// <summary>The function that <paramref name="relocation"/> of the vector table leads to; null when it is no code.</summary>
    public StackFunction? At(in Relocation relocation, ElfSection vectors) =>
        TargetOf(relocation, vectors) is { } target ? _functions.GetValueOrDefault(target) : null;

    /// <summary>All of them, as the sections lie.</summary>
    public IEnumerable<StackFunction> Functions => _functions.Values;

    /// <summary>The function in <paramref name="section"/>.</summary>
    public StackFunction Of(ElfSection section) => _functions[section];

    private static bool IsCode(ElfSection section) => (section.Flags & SectionFlags.Execute) != 0;

    private static bool IsTable(ElfSection section) => section.IsAllocated && !IsCode(section) && section.Name != VectorTable.SectionName;

    private static bool IsCall(in Relocation relocation) => relocation.Type is RelocationType.ThumbCall or RelocationType.ThumbJump24;

    private string NameOf(ElfSection section) => _symbolsOf[section].Where(symbol => symbol.Type == SymbolType.Function)
        .OrderBy(symbol => symbol.Binding == SymbolBinding.Local).Select(symbol => symbol.Name).FirstOrDefault(section.Name);

    private List<Instruction> InstructionsOf(ElfSection section)
    {
        var regions = _symbolsOf[section].Where(symbol => symbol.IsMapping && symbol.Value < section.Size)
            .Select(symbol => new MappingRegion((int)symbol.Value, symbol.Name[1] == 'd')).OrderBy(region => region.Offset).ToList();
        return [.. Disassembler.Lines(section.Content, 0, regions).Where(line => line.Instruction is not null).Select(line => line.Instruction!.Value)];
    }

    private static uint FrameOf(List<Instruction> instructions) => (uint)instructions.Sum(instruction => instruction switch
    {
        { Operation: Operation.Push } => instruction.List.Count * 4L,
        { Operation: Operation.Sub, Rd: Register.SP, Form: Form.Immediate } => instruction.Immediate,
        _ => 0,
    });

    private void AddCalls(ElfSection section, List<Instruction> instructions, HashSet<StackFunction> inTables)
    {
        var calls = _functions[section].Calls;
        foreach (var relocation in section.Relocations.Where(relocation => IsCall(relocation)))
        {
            if (TargetOf(relocation, section) is { } target && _functions.TryGetValue(target, out var callee))
            {
                calls.Add((callee, relocation.Type == RelocationType.ThumbJump24));
            }
        }

        var isIndirect = instructions.Exists(instruction => instruction.Operation == Operation.Blx);
        var isIndirectTail = instructions.Exists(instruction => instruction is { Operation: Operation.Bx, Rm: not Register.LR });
        if (!isIndirect && !isIndirectTail)
        {
            return;
        }

        var referred = section.Relocations.Where(relocation => !IsCall(relocation)).Select(relocation => TargetOf(relocation, section)).OfType<ElfSection>().ToList();
        var tables = referred.Where(IsTable).SelectMany(Targets).Concat(referred.Where(IsCode).Select(target => _functions[target])).ToHashSet();
        foreach (var callee in tables.Count > 0 ? tables : inTables)
        {
            calls.Add((callee, !isIndirect));
        }
    }

    private IEnumerable<StackFunction> Targets(ElfSection table) => table.Relocations
        .Select(relocation => TargetOf(relocation, table)).OfType<ElfSection>().Where(IsCode).Select(target => _functions[target]);

    private ElfSection? TargetOf(in Relocation relocation, ElfSection section) => _symbols.Resolve(relocation.Symbol, section)?.Section;
}
