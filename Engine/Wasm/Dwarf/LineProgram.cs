namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>
/// Runs the line-number programs of <c>.debug_line</c>. Every opcode gives at most one row and takes at least a byte, so a table is never
/// much larger than its section.
/// </summary>
/// <remarks>DWARF 5, 6.2</remarks>
internal sealed class LineProgram
{
    private readonly DwarfUnit _unit;
    private readonly LineTable _table;
    private readonly CodeLayout _layout;
    private readonly LineProgramHeader _header;
    private readonly Dictionary<ulong, int> _files = [];
    private ulong _address;
    private ulong _file = 1;
    private long _line = 1;
    private ulong _column;

    private LineProgram(DwarfUnit unit, LineProgramHeader header, LineTable table, CodeLayout layout)
    {
        _unit = unit;
        _header = header;
        _table = table;
        _layout = layout;
    }

    /// <summary>Runs the program at <paramref name="start"/> and gives the position of the next one.</summary>
    public static long Run(
        DwarfSections sections, long start, IReadOnlyDictionary<ulong, DwarfString> directories, LineTable table, CodeLayout layout)
    {
        var unit = DwarfValues.Unit(sections, DwarfSection.Line, start, out var reader);
        var compilation = directories.TryGetValue((ulong)start, out var directory) ? directory : (DwarfString?)null;
        var header = LineProgramHeader.Read(ref reader, ref unit, compilation);
        var program = new LineProgram(unit, header, table, layout);
        while (!reader.AtEnd)
        {
            program.Step(ref reader);
        }

        table.Abandon();
        return unit.End;
    }

    private void Step(ref ByteReader reader)
    {
        int opcode = reader.U8();
        if (opcode >= _header.OpcodeBase)
        {
            var adjusted = opcode - _header.OpcodeBase;
            Advance((ulong)(adjusted / _header.LineRange));
            _line = unchecked(_line + _header.LineBase + (adjusted % _header.LineRange));
            AddRow();
            return;
        }

        switch (opcode)
        {
            case DwarfLineOpcode.Extended:
                Extended(ref reader);
                break;
            case DwarfLineOpcode.Copy:
                AddRow();
                break;
            case DwarfLineOpcode.AdvancePc:
                Advance(reader.U64());
                break;
            case DwarfLineOpcode.AdvanceLine:
                _line = unchecked(_line + reader.S64());
                break;
            case DwarfLineOpcode.SetFile:
                _file = reader.U64();
                break;
            case DwarfLineOpcode.SetColumn:
                _column = reader.U64();
                break;
            case DwarfLineOpcode.AddConstantPc:
                Advance((ulong)((255 - _header.OpcodeBase) / _header.LineRange));
                break;
            case DwarfLineOpcode.FixedAdvancePc:
                _address = unchecked(_address + (ulong)DwarfValues.Fixed16(ref reader));
                break;
            default:
                for (var left = _header.OperandCount(opcode); left > 0; left--)
                {
                    reader.U64();
                }

                break;
        }
    }

    private void Extended(ref ByteReader reader)
    {
        var length = reader.Count();
        var end = reader.Remaining - length;
        if (length == 0)
        {
            return;
        }

        switch (reader.U8())
        {
            case DwarfLineOpcode.EndSequence:
                _table.EndSequence(Clamp(_address), _layout);
                (_address, _file, _line, _column) = (0, 1, 1, 0);
                break;
            case DwarfLineOpcode.SetAddress when length - 1 is 4 or 8:
                _address = DwarfValues.Offset(ref reader, length - 1);
                break;
            case DwarfLineOpcode.DefineFile:
                _header.AddOldFile(ref reader, _unit);
                break;
            default:
                break;
        }

        if (reader.Remaining < end)
        {
            throw reader.Malformed("an extended opcode is longer than it says");
        }

        reader.Bytes(reader.Remaining - end);
    }

    private void Advance(ulong operations) => _address = unchecked(_address + (operations * (ulong)_header.MinimumInstructionLength));

    private void AddRow()
    {
        if (!_files.TryGetValue(_file, out var file))
        {
            file = _table.AddFile(_header.File(_file));
            _files.Add(_file, file);
        }

        _table.Add(new LineRow(Clamp(_address), file, (int)Math.Clamp(_line, 0, int.MaxValue), Clamp(_column)));
    }

    private static int Clamp(ulong value) => (int)Math.Min(value, int.MaxValue);
}
