using System.Buffers.Binary;

namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>An attribute's value as encoded: a number, an index, or the position of a string.</summary>
internal readonly record struct DwarfValue(DwarfForm Form, ulong Bits);

/// <summary>A unit of a section.</summary>
/// <param name="Start">Position of its header in the section.</param>
/// <param name="ContentStart">Position after the length.</param>
/// <param name="End">Position after its last byte.</param>
/// <param name="Version">DWARF version.</param>
/// <param name="OffsetSize">4, or 8 in the 64-bit format.</param>
/// <param name="AddressSize">Bytes of an address.</param>
internal readonly record struct DwarfUnit(long Start, long ContentStart, long End, int Version, int OffsetSize, int AddressSize = 4);

/// <summary>Reads attribute values of every form, so that those nobody asks for can be passed over.</summary>
internal static class DwarfValues
{
    /// <summary>Two bytes, low byte first.</summary>
    public static int Fixed16(ref ByteReader reader) => BinaryPrimitives.ReadUInt16LittleEndian(reader.Bytes(2));

    /// <summary>An offset of the unit's format.</summary>
    public static ulong Offset(ref ByteReader reader, int size) => size == 8 ? reader.Fixed64() : reader.Fixed32();

    /// <summary>The unit at <paramref name="start"/> of <paramref name="section"/>: its length, which is checked, and its version.</summary>
    public static DwarfUnit Unit(DwarfSections sections, DwarfSection section, long start, out ByteReader content)
    {
        var reader = sections.Reader(section, start);
        var offsetSize = 4;
        ulong length = reader.Fixed32();
        if (length == uint.MaxValue)
        {
            offsetSize = 8;
            length = reader.Fixed64();
        }

        if (length > (ulong)reader.Remaining)
        {
            throw reader.Malformed("a unit is longer than its section");
        }

        var contentStart = start + reader.Position;
        var end = contentStart + (long)length;
        content = sections.Reader(section, contentStart, end);
        var version = Fixed16(ref content);
        return version is >= 2 and <= 5
            ? new DwarfUnit(start, contentStart, end, version, offsetSize)
            : throw content.Malformed($"version {version} of {DwarfSections.NameOf(section)}, where 2 to 5 are understood");
    }

    /// <summary>An address size that a wasm module can have.</summary>
    public static int AddressSize(ref ByteReader reader)
    {
        var size = reader.U8();
        return size is 4 or 8 ? size : throw reader.Malformed($"addresses of {size} bytes");
    }

    /// <summary>Reads a value of <paramref name="form"/> in the content of <paramref name="unit"/>. A string in place gives its position in the section.</summary>
    public static DwarfValue Read(ref ByteReader reader, DwarfForm form, in DwarfUnit unit)
    {
        for (var indirections = 0; form == DwarfForm.Indirect; indirections++)
        {
            form = indirections < 4 ? (DwarfForm)reader.U32() : throw reader.Malformed("an indirect form names itself");
        }

        switch (form)
        {
            case DwarfForm.Address:
                return new(form, Offset(ref reader, unit.AddressSize));
            case DwarfForm.Flag or DwarfForm.Data1 or DwarfForm.Reference1 or DwarfForm.StringIndex1 or DwarfForm.AddressIndex1:
                return new(form, reader.U8());
            case DwarfForm.Data2 or DwarfForm.Reference2 or DwarfForm.StringIndex2 or DwarfForm.AddressIndex2:
                return new(form, (ulong)Fixed16(ref reader));
            case DwarfForm.StringIndex3 or DwarfForm.AddressIndex3:
                return new(form, (ulong)(Fixed16(ref reader) + (reader.U8() << 16)));
            case DwarfForm.Data4 or DwarfForm.Reference4 or DwarfForm.StringIndex4 or DwarfForm.AddressIndex4 or DwarfForm.ReferenceSupplement4:
                return new(form, reader.Fixed32());
            case DwarfForm.Data8 or DwarfForm.Reference8 or DwarfForm.ReferenceSignature or DwarfForm.ReferenceSupplement8:
                return new(form, reader.Fixed64());
            case DwarfForm.UData or DwarfForm.ReferenceUData or DwarfForm.StringIndex or DwarfForm.AddressIndex or DwarfForm.LocationListIndex
                or DwarfForm.RangeListIndex:
                return new(form, reader.U64());
            case DwarfForm.SData:
                return new(form, reader.S64().ToUnsigned());
            case DwarfForm.StringOffset or DwarfForm.LineStringOffset or DwarfForm.SectionOffset or DwarfForm.StringSupplement:
                return new(form, Offset(ref reader, unit.OffsetSize));
            case DwarfForm.ReferenceSection:
                return new(form, Offset(ref reader, unit.Version <= 2 ? unit.AddressSize : unit.OffsetSize));
            case DwarfForm.FlagPresent or DwarfForm.ImplicitConstant:
                return new(form, 0);
            case DwarfForm.String:
                return new(form, (ulong)(unit.ContentStart + SkipString(ref reader)));
            default:
                return Block(ref reader, form);
        }
    }

    private static DwarfValue Block(ref ByteReader reader, DwarfForm form)
    {
        var start = reader.Offset;
        ulong length = form switch
        {
            DwarfForm.Block1 => reader.U8(),
            DwarfForm.Block2 => (ulong)Fixed16(ref reader),
            DwarfForm.Block4 => reader.Fixed32(),
            DwarfForm.Block or DwarfForm.ExpressionLocation => reader.U64(),
            DwarfForm.Data16 => 16,
            _ => throw reader.Malformed($"unknown form 0x{(uint)form:x}", start),
        };
        if (length > (ulong)reader.Remaining)
        {
            throw reader.Malformed("a block is longer than its section", start);
        }

        reader.Bytes((int)length);
        return new(form, 0);
    }

    /// <summary>Passes over a string in place and gives the position where it starts.</summary>
    public static int SkipString(ref ByteReader reader)
    {
        var start = reader.Position;
        var length = reader.Rest.IndexOf((byte)0);
        if (length < 0)
        {
            throw reader.Malformed("a string has no end");
        }

        reader.Bytes(length + 1);
        return start;
    }
}
