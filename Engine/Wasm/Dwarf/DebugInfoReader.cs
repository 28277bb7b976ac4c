namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>
/// Reads <c>.debug_info</c>: the subprograms that have code, with what their abstract instances say, and the directory of each line table.
/// Entries are passed over one after the other: their nesting means nothing here, so there is no depth to limit.
/// </summary>
/// <remarks>DWARF 5, 7.5</remarks>
internal sealed class DebugInfoReader
{
    /// <summary>Attributes that take no bytes could be repeated without end; compilers use a handful of them for an entry.</summary>
    private const int AttributesPerByte = 64;

    private const int LongestChain = 4;

    private readonly DwarfSections _sections;
    private readonly AbbreviationTable _abbreviations;
    private readonly Dictionary<long, Entry> _entries = [];
    private readonly List<Entry> _withCode = [];
    private readonly Dictionary<ulong, DwarfString> _directories = [];
    private long _budget;

    private DebugInfoReader(DwarfSections sections)
    {
        _sections = sections;
        _abbreviations = new AbbreviationTable(sections);
        _budget = AttributesPerByte * (long)sections.Length(DwarfSection.Info);
    }

    /// <summary>Directories of compilation, by the position of the unit's line table.</summary>
    public IReadOnlyDictionary<ulong, DwarfString> Directories => _directories;

    /// <summary>Reads the section.</summary>
    public static DebugInfoReader Read(DwarfSections sections)
    {
        var result = new DebugInfoReader(sections);
        for (long position = 0; position < sections.Length(DwarfSection.Info);)
        {
            position = result.ReadUnit(position);
        }

        return result;
    }

    /// <summary>The subprograms whose code starts a body of <paramref name="layout"/>.</summary>
    public IEnumerable<Subprogram> Subprograms(CodeLayout layout)
    {
        foreach (var entry in _withCode)
        {
            if (entry.LowPc is { } address && address <= int.MaxValue && layout.Find((int)address) is { } body && body.Start == (int)address)
            {
                var name = Origin(entry, e => e.Name) ?? Origin(entry, e => e.LinkageName);
                var inline = Origin(entry, e => e.Inline == 0 ? null : (ulong?)e.Inline) ?? 0;
                yield return new Subprogram(body.Start, name is { } text ? _sections.Text(text) : "", inline <= 3 ? (DwarfInline)inline : DwarfInline.None);
            }
        }
    }

    private long ReadUnit(long start)
    {
        var unit = DwarfValues.Unit(_sections, DwarfSection.Info, start, out var reader);
        var isKnown = unit.Version < 5 || SkipUnitType(ref reader, ref unit);
        var abbreviations = _abbreviations.At(DwarfValues.Offset(ref reader, unit.OffsetSize));
        if (unit.Version < 5)
        {
            unit = unit with { AddressSize = DwarfValues.AddressSize(ref reader) };
        }

        var bases = new UnitBases(8, 8);
        while (isKnown && !reader.AtEnd)
        {
            var position = unit.ContentStart + reader.Position;
            var code = reader.U64();
            if (code == 0)
            {
                continue;
            }

            var shape = abbreviations.TryGetValue(code, out var found) ? found : throw reader.Malformed($"no abbreviation {code}");
            ReadEntry(ref reader, unit, shape, position, ref bases);
        }

        return unit.End;
    }

    /// <summary>Version 5 puts the type and the address size before the abbreviations; units of types and of split objects have no code here.</summary>
    private static bool SkipUnitType(ref ByteReader reader, ref DwarfUnit unit)
    {
        const int compile = 1, partial = 3;
        var type = reader.U8();
        unit = unit with { AddressSize = DwarfValues.AddressSize(ref reader) };
        return type is compile or partial;
    }

    private void ReadEntry(ref ByteReader reader, in DwarfUnit unit, Abbreviation shape, long position, ref UnitBases bases)
    {
        _budget -= shape.Attributes.Length;
        if (_budget < 0)
        {
            throw reader.Malformed("more attributes than any compiler writes");
        }

        var values = new EntryValues();
        foreach (var spec in shape.Attributes)
        {
            var value = DwarfValues.Read(ref reader, spec.Form, unit);
            values.Set(spec.Attribute, spec.Form == DwarfForm.ImplicitConstant ? value with { Bits = spec.Constant.ToUnsigned() } : value);
        }

        if (shape.Tag is DwarfTag.CompileUnit or DwarfTag.PartialUnit)
        {
            bases = new UnitBases(values.StringOffsetsBase?.Bits ?? bases.Strings, values.AddressBase?.Bits ?? bases.Addresses);
            if (values is { StatementList: { } table, Directory: { } directory } && Text(directory, unit, bases) is { } text)
            {
                _directories.TryAdd(table.Bits, text);
            }
        }
        else if (shape.Tag == DwarfTag.Subprogram)
        {
            AddSubprogram(values, unit, bases, position);
        }
    }

    private void AddSubprogram(in EntryValues values, in DwarfUnit unit, in UnitBases bases, long position)
    {
        var entry = new Entry(
            values.LowPc is { } low ? Address(low, unit, bases) : null,
            values.Name is { } name ? Text(name, unit, bases) : null,
            values.LinkageName is { } linkage ? Text(linkage, unit, bases) : null,
            values.Inline?.Bits ?? 0,
            values.Origin is { } origin ? Reference(origin, unit) : -1);
        _entries[position] = entry;
        if (entry.LowPc is not null)
        {
            _withCode.Add(entry);
        }
    }

    /// <summary>The first answer of the entry and of those it refers to.</summary>
    private T? Origin<T>(Entry entry, Func<Entry, T?> ask) where T : struct
    {
        for (var step = 0; step < LongestChain; step++)
        {
            if (ask(entry) is { } answer)
            {
                return answer;
            }

            if (!_entries.TryGetValue(entry.Origin, out entry!))
            {
                return null;
            }
        }

        return null;
    }

    private DwarfString? Text(DwarfValue value, in DwarfUnit unit, in UnitBases bases) => value.Form switch
    {
        DwarfForm.String => new(DwarfSection.Info, (long)value.Bits),
        DwarfForm.StringOffset => At(DwarfSection.Strings, value.Bits),
        DwarfForm.LineStringOffset => At(DwarfSection.LineStrings, value.Bits),
        DwarfForm.StringIndex or DwarfForm.StringIndex1 or DwarfForm.StringIndex2 or DwarfForm.StringIndex3 or DwarfForm.StringIndex4 =>
            _sections.Entry(DwarfSection.StringOffsets, bases.Strings, value.Bits, unit.OffsetSize) is { } offset ? At(DwarfSection.Strings, offset) : null,
        _ => null,
    };

    private ulong? Address(DwarfValue value, in DwarfUnit unit, in UnitBases bases) => value.Form switch
    {
        DwarfForm.Address => value.Bits,
        DwarfForm.AddressIndex or DwarfForm.AddressIndex1 or DwarfForm.AddressIndex2 or DwarfForm.AddressIndex3 or DwarfForm.AddressIndex4 =>
            _sections.Entry(DwarfSection.Addresses, bases.Addresses, value.Bits, unit.AddressSize),
        _ => null,
    };

    private static DwarfString? At(DwarfSection section, ulong offset) => offset <= int.MaxValue ? new(section, (long)offset) : null;

    private static long Reference(DwarfValue value, in DwarfUnit unit) =>
        value.Bits > int.MaxValue ? -1 : value.Form == DwarfForm.ReferenceSection ? (long)value.Bits : unit.Start + (long)value.Bits;

    /// <summary>Where a unit's entries of the index sections start; 8 is after the header, where compilers put the first unit's.</summary>
    private readonly record struct UnitBases(ulong Strings, ulong Addresses);

    private sealed record Entry(ulong? LowPc, DwarfString? Name, DwarfString? LinkageName, ulong Inline, long Origin);

    private struct EntryValues
    {
        public DwarfValue? Name, LinkageName, LowPc, Inline, Origin, Directory, StatementList, StringOffsetsBase, AddressBase;

        public void Set(DwarfAttribute attribute, DwarfValue value)
        {
            switch (attribute)
            {
                case DwarfAttribute.Name:
                    Name = value;
                    break;
                case DwarfAttribute.LinkageName:
                    LinkageName = value;
                    break;
                case DwarfAttribute.LowPc:
                    LowPc = value;
                    break;
                case DwarfAttribute.Inline:
                    Inline = value;
                    break;
                case DwarfAttribute.AbstractOrigin or DwarfAttribute.Specification:
                    Origin = value;
                    break;
                case DwarfAttribute.CompilationDirectory:
                    Directory = value;
                    break;
                case DwarfAttribute.StatementList:
                    StatementList = value;
                    break;
                case DwarfAttribute.StringOffsetsBase:
                    StringOffsetsBase = value;
                    break;
                case DwarfAttribute.AddressBase:
                    AddressBase = value;
                    break;
                default:
                    break;
            }
        }
    }
}
