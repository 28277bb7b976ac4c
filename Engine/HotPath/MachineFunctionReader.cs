using System.Collections.Immutable;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.HotPath;

/// <summary>Decodes the functions of an object as far as calls and their cost go.</summary>
internal sealed class MachineFunctionReader
{
    /// <summary>The prologue stands among the first instructions.</summary>
    private const int LongestPrologue = 8;

    private readonly ElfObject _machineCode;
    private readonly HashSet<MachinePlace> _functions;
    private readonly Dictionary<ElfSection, List<DisassembledLine>> _lines = [];

    public MachineFunctionReader(ElfObject machineCode)
    {
        _machineCode = machineCode;
        _functions = [.. machineCode.Symbols.Where(IsFunction).Select(MachinePlace.Of)];
    }

    /// <summary>Every function of the object, by its place.</summary>
    public Dictionary<MachinePlace, MachineFunction> ReadAll()
    {
        var result = new Dictionary<MachinePlace, MachineFunction>();
        foreach (var symbol in _machineCode.Symbols.Where(IsFunction))
        {
            if (!result.ContainsKey(MachinePlace.Of(symbol)))
            {
                result.Add(MachinePlace.Of(symbol), Read(symbol));
            }
        }

        return result;
    }

    private static bool IsFunction(ElfSymbol symbol) => symbol is { Type: SymbolType.Function, Section: not null };

    private MachineFunction Read(ElfSymbol symbol)
    {
        var section = symbol.Section!;
        var start = symbol.Value & ~1u;
        var end = symbol.Size > 0 ? Math.Min(start + (ulong)symbol.Size, section.Size) : section.Size;
        var lines = Lines(section).SkipWhile(line => line.Offset < start).TakeWhile(line => (ulong)line.Offset < end).ToList();
        var relocations = section.Relocations.ToLookup(relocation => relocation.Offset);
        var calls = ImmutableArray.CreateBuilder<MachineCall>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Instruction is { } instruction && Call(instruction, lines[i], relocations, symbol) is { } call)
            {
                calls.Add(call with { Moves = Moves(lines, i) });
            }
        }

        return new MachineFunction(calls.ToImmutable(), Prologue(lines), Epilogue(lines));
    }

    private List<DisassembledLine> Lines(ElfSection section)
    {
        if (!_lines.TryGetValue(section, out var lines))
        {
            _lines[section] = lines = [.. Disassembler.Lines(section.Content, 0, Regions(section))];
        }

        return lines;
    }

    private MachineCall? Call(in Instruction instruction, in DisassembledLine line, ILookup<uint, Relocation> relocations, ElfSymbol self)
    {
        switch (instruction.Operation)
        {
            case Operation.Blx:
                return new MachineCall(null, false, 0);
            case Operation.Bx when instruction.Rm != Register.LR:
                return new MachineCall(null, true, 0);
            case Operation.Bl or Operation.B:
                var isTail = instruction.Operation == Operation.B;
                foreach (var relocation in relocations[(uint)line.Offset])
                {
                    if (relocation.Type is RelocationType.ThumbCall or RelocationType.ThumbJump24)
                    {
                        return new MachineCall(MachinePlace.Of(relocation.Symbol), isTail, 0);
                    }
                }

                return Local(instruction, line, self) is { } place && (!isTail || place != MachinePlace.Of(self))
                    ? new MachineCall(place, isTail, 0)
                    : null;
            default:
                return null;
        }
    }

    /// <summary>The function of the same section at which a branch without relocation arrives.</summary>
    private MachinePlace? Local(in Instruction instruction, in DisassembledLine line, ElfSymbol self)
    {
        var target = (long)line.Offset + 4 + instruction.Immediate;
        var place = new MachinePlace(self.Section, (uint)Math.Clamp(target, 0, uint.MaxValue), "");
        return target >= 0 && _functions.Contains(place) ? place : null;
    }

    private static int Moves(List<DisassembledLine> lines, int call)
    {
        var count = 0;
        for (var i = call - 1; i >= 0 && lines[i].Instruction is { } instruction && IsArgumentMove(instruction); i--)
        {
            count++;
        }

        return count;
    }

    private static bool IsArgumentMove(in Instruction instruction) => instruction.Operation switch
    {
        Operation.Mov or Operation.Mvn or Operation.Movt => instruction.Rd <= Register.R3,
        Operation.Ldr => instruction.Rd <= Register.R3 && (instruction.Form == Form.PcRelative || instruction.Rn == Register.SP),
        Operation.Str => instruction.Rn == Register.SP && instruction.Form == Form.Offset,
        _ => false,
    };

    private static int Prologue(List<DisassembledLine> lines)
    {
        var cycles = 0;
        foreach (var line in lines.Take(LongestPrologue))
        {
            cycles += line.Instruction switch
            {
                { Operation: Operation.Push } push => CallCycles.Block(push.List.Count),
                { Operation: Operation.Sub, Rd: Register.SP } => 1,
                _ => 0,
            };
        }

        return cycles;
    }

    private static int Epilogue(List<DisassembledLine> lines)
    {
        var cycles = CallCycles.Return;
        foreach (var line in lines)
        {
            if (line.Instruction is { Operation: Operation.Pop } pop)
            {
                var leaves = pop.List.Contains(Register.PC);
                cycles = Math.Max(cycles, leaves ? CallCycles.BlockReturn(pop.List.Count) : CallCycles.Block(pop.List.Count) + CallCycles.Return);
            }
        }

        return cycles;
    }

    /// <summary>Code and data as the mapping symbols tell them apart.</summary>
    private List<MappingRegion> Regions(ElfSection section) =>
    [
        .. _machineCode.Symbols
            .Where(symbol => symbol.Section == section && symbol.IsMapping && symbol.Value < section.Size)
            .Select(symbol => new MappingRegion((int)symbol.Value, symbol.Name[1] == 'd'))
            .OrderBy(region => region.Offset),
    ];
}
