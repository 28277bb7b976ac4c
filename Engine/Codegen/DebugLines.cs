using System.Text;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Dwarf;
using RelocationType = Pulse.Build.Engine.Elf.RelocationType;

namespace Pulse.Build.Engine.Codegen;

/// <summary>
/// Source lines of machine code as DWARF 4: one unit with the ranges of its functions and a line table. Debuggers and <c>addr2line</c> read it, and so
/// does <c>PULSE6001</c>. It takes no flash.
/// </summary>
/// <remarks>DWARF 4, 6.2 (line tables), 7.5 (units).</remarks>
internal sealed class DebugLines
{
    private const ushort Version = 4;
    private const byte AddressSize = 4, OpcodeBase = 13;
    private const int CompileUnit = 0x11, Producer = 0x25, Name = 0x03, StatementList = 0x10, LowPc = 0x11, Ranges = 0x55;
    private const int FormAddress = 0x01, FormString = 0x08, FormSectionOffset = 0x17;
    private const byte Extended = 0, Copy = 1, AdvancePc = 2, AdvanceLine = 3, SetFile = 4, SetColumn = 5, EndSequence = 1, SetAddress = 2;

    private readonly ElfObject _object;
    private readonly ElfSection _line = Section(".debug_line"), _info = Section(".debug_info"), _abbreviations = Section(".debug_abbrev"), _ranges = Section(".debug_ranges");

    private DebugLines(ElfObject target) => _object = target;

    /// <summary>Adds the lines of <paramref name="functions"/>, each with its section; nothing when none is known.</summary>
    public static void Add(ElfObject target, IEnumerable<(CompiledFunction Function, ElfSection Section)> functions, CodePositions positions)
    {
        var known = functions.Select(f => (f.Section, Rows: Rows(f.Function, positions))).Where(f => f.Rows.Count > 0).ToList();
        if (known.Count > 0)
        {
            new DebugLines(target).Write(known);
        }
    }

    /// <summary>
    /// Positions by rising offset in the function: its own at the start, then those of what calls or may trap, as far as they are known, then one
    /// for each guard where it traps: also when it is not known, lest the line before be taken for it. Nothing where nothing is known.
    /// </summary>
    private static List<(int Offset, SourcePosition? Position)> Rows(CompiledFunction function, CodePositions positions)
    {
        var own = positions.OfFunction(function.Index.Index);
        var rows = new List<(int Offset, SourcePosition? Position)> { (0, own) };
        foreach (var (offset, source) in function.Code.Lines.OrderBy(line => line.Offset))
        {
            if (positions.At(source) is { } position && rows[^1].Position != position)
            {
                rows.Add((offset, position));
            }
        }

        // The stack is looked at where the function begins.
        rows.AddRange(function.Code.Traps.OrderBy(trap => trap.Offset)
            .Select(trap => (trap.Offset, trap.Kind == TrapKind.StackOverflow ? own : trap.Source < 0 ? null : positions.At(trap.Source))));

        return rows.Exists(row => row.Position is not null) ? rows : [];
    }

    private void Write(List<(ElfSection Section, List<(int Offset, SourcePosition? Position)> Rows)> functions)
    {
        var symbols = functions.Select(f => _object.Define(new ElfSymbol("", f.Section, 0, 0, SymbolBinding.Local, SymbolType.Section))).ToList();
        WriteLines(functions, symbols);
        WriteRanges(functions, symbols);
        WriteAbbreviations();
        WriteUnit();
        foreach (var section in new[] { _line, _ranges, _abbreviations, _info })
        {
            _object.Add(section);
        }
    }

    private void WriteLines(List<(ElfSection Section, List<(int Offset, SourcePosition? Position)> Rows)> functions, List<ElfSymbol> symbols)
    {
        var files = functions.SelectMany(f => f.Rows).Select(row => row.Position?.File).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var numbers = files.Index().ToDictionary(file => file.Item, file => file.Index + 1, StringComparer.Ordinal);
        var output = new ByteWriter();
        output.U32(0);
        output.U16(Version);
        output.U32(0);
        output.Bytes([1, 1, 1, 0, 1, OpcodeBase, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
        output.U8(0);
        foreach (var file in files)
        {
            Text(output, file);
            output.Bytes([0, 0, 0]);
        }

        output.U8(0);
        output.PatchU32(6, (uint)output.Length - 10);
        foreach (var ((section, rows), symbol) in functions.Zip(symbols))
        {
            output.Bytes([Extended, 1 + AddressSize, SetAddress]);
            _line.Relocations.Add(new((uint)output.Length, RelocationType.Abs32, symbol));
            output.U32(0);
            var (address, line, file, column) = (0, 1, 1, 0);
            foreach (var (offset, position) in rows)
            {
                Step(output, AdvancePc, offset - address);
                var (nextFile, nextLine, nextColumn) = position is { } known ? (numbers[known.File], known.Line, known.Column) : (file, 0, 0);
                Signed(output, AdvanceLine, nextLine - line);
                if (nextFile != file)
                {
                    Step(output, SetFile, nextFile);
                }

                if (nextColumn != column)
                {
                    Step(output, SetColumn, nextColumn);
                }

                output.U8(Copy);
                (address, line, file, column) = (offset, nextLine, nextFile, nextColumn);
            }

            Step(output, AdvancePc, (int)section.Size - address);
            output.Bytes([Extended, 1, EndSequence]);
        }

        output.PatchU32(0, (uint)output.Length - 4);
        _line.Content = output.ToArray();
    }

    private void WriteRanges(List<(ElfSection Section, List<(int Offset, SourcePosition? Position)> Rows)> functions, List<ElfSymbol> symbols)
    {
        var output = new ByteWriter();
        foreach (var ((section, _), symbol) in functions.Zip(symbols))
        {
            foreach (var at in new[] { 0u, section.Size })
            {
                _ranges.Relocations.Add(new((uint)output.Length, RelocationType.Abs32, symbol));
                output.U32(at);
            }
        }

        output.U64(0);
        _ranges.Content = output.ToArray();
    }

    private void WriteAbbreviations()
    {
        var output = new ByteWriter();
        foreach (var value in new[]
        {
            1, CompileUnit, 0, Producer, FormString, Name, FormString, StatementList, FormSectionOffset, LowPc, FormAddress, Ranges, FormSectionOffset, 0, 0, 0,
        })
        {
            output.Uleb((ulong)value);
        }

        _abbreviations.Content = output.ToArray();
    }

    private void WriteUnit()
    {
        var output = new ByteWriter();
        output.U32(0);
        output.U16(Version);
        Reference(output, _abbreviations);
        output.U8(AddressSize);
        output.Uleb(1);
        Text(output, "Pulse.Build");
        Text(output, "components");
        Reference(output, _line);
        output.U32(0);
        Reference(output, _ranges);
        output.PatchU32(0, (uint)output.Length - 4);
        _info.Content = output.ToArray();
    }

    /// <summary>The place of another of the sections; units of several objects are joined.</summary>
    private void Reference(ByteWriter output, ElfSection section)
    {
        var symbol = _object.Define(new ElfSymbol("", section, 0, 0, SymbolBinding.Local, SymbolType.Section));
        _info.Relocations.Add(new((uint)output.Length, RelocationType.Abs32, symbol));
        output.U32(0);
    }

    private static void Step(ByteWriter output, byte opcode, int operand)
    {
        output.U8(opcode);
        output.Uleb((ulong)operand);
    }

    private static void Signed(ByteWriter output, byte opcode, int operand)
    {
        output.U8(opcode);
        output.Sleb(operand);
    }

    private static void Text(ByteWriter output, string text)
    {
        output.Bytes(Encoding.UTF8.GetBytes(text.Replace('\0', '?')));
        output.U8(0);
    }

    private static ElfSection Section(string name) => new(name, SectionType.ProgBits, SectionFlags.None);
}
