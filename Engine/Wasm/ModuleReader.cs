using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Wasm;

/// <summary>
/// Reads a core module: <c>bytes → Module</c>. Checks the grammar of the binary format (PULSE1001, with the byte offset) and names the
/// proposal of what it cannot represent (PULSE1003). Function bodies stay encoded, so their instructions are not looked at here; indices
/// and types are checked by <c>Validator</c>.
/// </summary>
/// <remarks>Core 3.0 #binary-module</remarks>
internal sealed partial class ModuleReader
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly string _path;
    private readonly int _baseOffset;
    private readonly Module _module = new();
    private readonly List<TypeIndex> _functionTypes = [];
    private readonly List<SourceSection> _sections = [];
    private int? _dataCount;
    private int _bodies;

    private ModuleReader(ReadOnlyMemory<byte> bytes, string path, int baseOffset)
    {
        _bytes = bytes;
        _path = path;
        _baseOffset = baseOffset;
    }

    /// <summary>Reads the module in <paramref name="bytes"/>, which the module keeps slices of.</summary>
    /// <param name="bytes">The whole module.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="baseOffset">Where the module starts in the file, when it is part of a component.</param>
    public static Module Read(ReadOnlyMemory<byte> bytes, string path, int baseOffset = 0) => new ModuleReader(bytes, path, baseOffset).Read();

    private Module Read()
    {
        var reader = new ByteReader(_bytes.Span, _baseOffset, _path);
        ReadHeader(ref reader);
        var last = -1;
        while (!reader.AtEnd)
        {
            ReadSection(ref reader, ref last);
        }

        if (_bodies != _functionTypes.Count)
        {
            throw reader.Malformed("function and code section have inconsistent lengths");
        }

        if (_dataCount is { } count && count != _module.Data.Count)
        {
            throw reader.Malformed("data count and data section have inconsistent lengths");
        }

        _module.Source = new ModuleSource([.. _sections], _module.Clone());
        return _module;
    }

    private static void ReadHeader(ref ByteReader reader)
    {
        if (reader.Remaining >= 4 && reader.Fixed32() != 0x6D736100)
        {
            throw reader.Malformed("magic header not detected", reader.Offset - 4);
        }

        if (reader.Fixed32() is var version && version != 1)
        {
            throw reader.Malformed(version == 0x1000D ? "unknown binary version: a component stands where a core module is expected" : "unknown binary version", reader.Offset - 4);
        }
    }

    private void ReadSection(ref ByteReader reader, ref int last)
    {
        var start = reader.Position;
        var id = reader.U8();
        if (id > SectionId.Tag)
        {
            throw reader.Malformed("malformed section id", _baseOffset + start);
        }

        var size = reader.Count();
        var section = new ByteReader(reader.Bytes(size), reader.Offset - size, _path);
        var contentOffset = section.Offset;
        CustomSection? custom = null;
        if (id == SectionId.Custom)
        {
            var name = section.Name();
            custom = new CustomSection(name, Slice(section.Offset, section.Remaining), last < 0 ? 0 : SectionId.Order[last]);
            _module.CustomSections.Add(custom);
        }
        else
        {
            var order = SectionId.Order.IndexOf(id);
            if (order <= last)
            {
                throw reader.Malformed("unexpected content after last section", _baseOffset + start);
            }

            last = order;
            ReadContent(id, ref section);
            if (!section.AtEnd)
            {
                throw section.Malformed("section size mismatch");
            }
        }

        _sections.Add(new SourceSection(id, _bytes[start..reader.Position], contentOffset, custom) { EndOffset = reader.Offset });
    }

    private void ReadContent(int id, ref ByteReader section)
    {
        switch (id)
        {
            case SectionId.Type:
                ReadTypes(ref section);
                break;
            case SectionId.Import:
                ReadImports(ref section);
                break;
            case SectionId.Function:
                ReadFunctions(ref section);
                break;
            case SectionId.Table:
                ReadTables(ref section);
                break;
            case SectionId.Memory:
                ReadMemories(ref section);
                break;
            case SectionId.Global:
                ReadGlobals(ref section);
                break;
            case SectionId.Export:
                ReadExports(ref section);
                break;
            case SectionId.Start:
                _module.Start = new FuncIndex(section.Index());
                break;
            case SectionId.Element:
                ReadElements(ref section);
                break;
            case SectionId.DataCount:
                _dataCount = section.Index();
                _module.HasDataCount = true;
                break;
            case SectionId.Code:
                ReadCode(ref section);
                break;
            case SectionId.Data:
                ReadData(ref section);
                break;
            default:
                throw section.Unsupported("exception handling", section.Offset);
        }
    }

    private ReadOnlyMemory<byte> Slice(int offset, int length) => _bytes.Slice(offset - _baseOffset, length);
}
