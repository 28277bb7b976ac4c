namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>An attribute of an abbreviation.</summary>
internal readonly record struct AttributeSpec(DwarfAttribute Attribute, DwarfForm Form, long Constant);

/// <summary>The shape of a debugging entry.</summary>
internal sealed record Abbreviation(DwarfTag Tag, AttributeSpec[] Attributes);

/// <summary>The abbreviation tables, each read once. Tables that overlap are refused: reading them could take quadratic time.</summary>
internal sealed class AbbreviationTable(DwarfSections sections)
{
    private readonly Dictionary<ulong, Dictionary<ulong, Abbreviation>> _tables = [];
    private long _budget = sections.Length(DwarfSection.Abbreviations);

    /// <summary>The table at <paramref name="offset"/> of <c>.debug_abbrev</c>, by code.</summary>
    public Dictionary<ulong, Abbreviation> At(ulong offset)
    {
        if (_tables.TryGetValue(offset, out var table))
        {
            return table;
        }

        var reader = sections.Reader(DwarfSection.Abbreviations, (long)Math.Min(offset, int.MaxValue));
        table = Read(ref reader);
        _budget -= reader.Position;
        if (_budget < 0)
        {
            throw reader.Malformed("abbreviation tables overlap");
        }

        _tables[offset] = table;
        return table;
    }

    private static Dictionary<ulong, Abbreviation> Read(ref ByteReader reader)
    {
        var table = new Dictionary<ulong, Abbreviation>();
        while (reader.U64() is var code && code != 0)
        {
            var tag = reader.U32();
            reader.U8();
            var attributes = new List<AttributeSpec>();
            while (true)
            {
                var attribute = reader.U32();
                var form = (DwarfForm)reader.U32();
                var constant = form == DwarfForm.ImplicitConstant ? reader.S64() : 0;
                if (attribute == 0 && form == 0)
                {
                    break;
                }

                attributes.Add(new AttributeSpec((DwarfAttribute)attribute, form, constant));
            }

            table[code] = new Abbreviation((DwarfTag)tag, [.. attributes]);
        }

        return table;
    }
}
