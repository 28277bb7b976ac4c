namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>The header of a line-number program: the parameters of its opcodes and its files.</summary>
/// <remarks>DWARF 5, 6.2.4</remarks>
internal sealed class LineProgramHeader
{
    private readonly List<DwarfString?> _directories = [];
    private readonly List<(DwarfString? Name, ulong Directory)> _files = [];
    private readonly DwarfString? _compilation;
    private readonly int _version;
    private byte[] _operandCounts = [];

    private LineProgramHeader(int version, DwarfString? compilation)
    {
        _version = version;
        _compilation = compilation;
    }

    /// <summary>Bytes of the shortest instruction; addresses advance in these.</summary>
    public int MinimumInstructionLength { get; private set; }

    /// <summary>Smallest line advance of a special opcode.</summary>
    public int LineBase { get; private set; }

    /// <summary>Number of line advances of a special opcode.</summary>
    public int LineRange { get; private set; }

    /// <summary>The first special opcode.</summary>
    public int OpcodeBase { get; private set; }

    /// <summary>Reads the header; the reader then stands at the program.</summary>
    public static LineProgramHeader Read(ref ByteReader reader, ref DwarfUnit unit, DwarfString? compilation)
    {
        var header = new LineProgramHeader(unit.Version, compilation);
        if (unit.Version >= 5)
        {
            unit = unit with { AddressSize = DwarfValues.AddressSize(ref reader) };
            reader.U8();
        }

        var length = DwarfValues.Offset(ref reader, unit.OffsetSize);
        if (length > (ulong)reader.Remaining)
        {
            throw reader.Malformed("a header is longer than its unit");
        }

        var end = reader.Remaining - (int)length;
        header.ReadParameters(ref reader);
        if (unit.Version >= 5)
        {
            ReadEntries(ref reader, unit, (name, _) => header._directories.Add(name));
            ReadEntries(ref reader, unit, (name, directory) => header._files.Add((name, directory)));
        }
        else
        {
            header.ReadOldTables(ref reader, unit);
        }

        if (reader.Remaining < end)
        {
            throw reader.Malformed("a header is longer than it says");
        }

        reader.Bytes(reader.Remaining - end);
        return header;
    }

    /// <summary>Number of LEB128 operands of a standard opcode that is not known here.</summary>
    public int OperandCount(int opcode) => _operandCounts[opcode - 1];

    /// <summary>The file that programs call <paramref name="index"/>: from 0 in version 5, from 1 before.</summary>
    public LineFile File(ulong index)
    {
        var position = _version >= 5 ? index : unchecked(index - 1);
        if (position >= (ulong)_files.Count)
        {
            return default;
        }

        var (name, directory) = _files[(int)position];
        var place = _version >= 5 ? directory : unchecked(directory - 1);
        var under = place < (ulong)_directories.Count ? _directories[(int)place] : null;
        return new LineFile(name, under, _version >= 5 && _directories is [{ } first, ..] ? first : _compilation);
    }

    /// <summary>Adds a file as versions before 5 describe it; the program may do so too.</summary>
    public void AddOldFile(ref ByteReader reader, in DwarfUnit unit)
    {
        var name = new DwarfString(DwarfSection.Line, unit.ContentStart + DwarfValues.SkipString(ref reader));
        var directory = reader.U64();
        reader.U64();
        reader.U64();
        _files.Add((name, directory));
    }

    private void ReadParameters(ref ByteReader reader)
    {
        MinimumInstructionLength = reader.U8();
        if (_version >= 4)
        {
            reader.U8();
        }

        reader.U8();
        LineBase = unchecked((sbyte)reader.U8());
        LineRange = reader.U8();
        OpcodeBase = reader.U8();
        if (LineRange == 0 || OpcodeBase == 0)
        {
            throw reader.Malformed("a line range or an opcode base of 0");
        }

        _operandCounts = reader.Bytes(OpcodeBase - 1).ToArray();
    }

    private void ReadOldTables(ref ByteReader reader, in DwarfUnit unit)
    {
        while (reader.Peek() != 0)
        {
            _directories.Add(new DwarfString(DwarfSection.Line, unit.ContentStart + DwarfValues.SkipString(ref reader)));
        }

        reader.U8();
        while (reader.Peek() != 0)
        {
            AddOldFile(ref reader, unit);
        }

        reader.U8();
    }

    /// <summary>A version-5 table: the format of its entries, then the entries.</summary>
    private static void ReadEntries(ref ByteReader reader, in DwarfUnit unit, Action<DwarfString?, ulong> add)
    {
        var format = new (ulong Content, DwarfForm Form)[reader.U8()];
        for (var i = 0; i < format.Length; i++)
        {
            format[i] = (reader.U64(), (DwarfForm)reader.U32());
        }

        if (format.Any(f => f.Form is DwarfForm.FlagPresent or DwarfForm.ImplicitConstant or DwarfForm.Indirect))
        {
            throw reader.Malformed("a file entry of a form without bytes");
        }

        var count = reader.U64();
        if (count > (format.Length == 0 ? 0 : (ulong)reader.Remaining))
        {
            throw reader.Malformed("more files than bytes");
        }

        for (; count > 0; count--)
        {
            DwarfString? name = null;
            ulong directory = 0;
            foreach (var (content, form) in format)
            {
                var value = DwarfValues.Read(ref reader, form, unit);
                name = content == DwarfLineOpcode.ContentPath ? Text(value) : name;
                directory = content == DwarfLineOpcode.ContentDirectoryIndex ? value.Bits : directory;
            }

            add(name, directory);
        }
    }

    private static DwarfString? Text(DwarfValue value) => value.Bits > int.MaxValue ? null : value.Form switch
    {
        DwarfForm.String => new(DwarfSection.Line, (long)value.Bits),
        DwarfForm.LineStringOffset => new(DwarfSection.LineStrings, (long)value.Bits),
        DwarfForm.StringOffset => new(DwarfSection.Strings, (long)value.Bits),
        _ => null,
    };
}
