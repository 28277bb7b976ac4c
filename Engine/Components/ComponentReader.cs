using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Components;

/// <summary>
/// Decodes the component binary format: <c>bytes → Component</c>. Malformed bytes are PULSE2001, features that this version
/// does not have PULSE2002 with their name, both with the byte offset. Indices are checked when the component is instantiated.
/// </summary>
/// <remarks>Binary.md #component-definitions</remarks>
internal static class ComponentReader
{
    /// <summary>Components nest at most this deep.</summary>
    private const int MaxDepth = 50;

    /// <summary>Whether <paramref name="bytes"/> begin as a component, not as a core module.</summary>
    public static bool IsComponent(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 8 && bytes.StartsWith("\0asm"u8) && bytes[6] == 1 && bytes[7] == 0;

    /// <summary>Decodes a whole file.</summary>
    public static Component Read(ReadOnlyMemory<byte> bytes, string path) => Read(new ComponentCursor(path, bytes, 0, bytes.Length), 0);

    /// <summary>Decodes an alias, as definition or as declaration.</summary>
    public static Definition Alias(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        var sort = ReadSort(cursor);
        switch (cursor.U8())
        {
            case 0x00:
                return new ExportAliasDefinition(offset, sort, cursor.U32("an instance index"), cursor.Name());
            case 0x01:
                return new CoreExportAliasDefinition(offset, sort, cursor.U32("a core instance index"), cursor.Name());
            case 0x02:
                return new OuterAliasDefinition(offset, sort, cursor.U32("a scope count"), cursor.U32("an index"));
            default:
                throw cursor.Malformed("not an alias", offset);
        }
    }

    private static Component Read(ComponentCursor cursor, int depth)
    {
        var start = cursor.Position;
        if (depth > MaxDepth)
        {
            throw cursor.Malformed("components are nested too deep");
        }

        Preamble(cursor);
        var definitions = ImmutableArray.CreateBuilder<Definition>();
        var custom = ImmutableArray.CreateBuilder<ComponentCustomSection>();
        while (!cursor.AtEnd)
        {
            var offset = cursor.Position;
            var id = cursor.U8();
            var section = cursor.Section(cursor.U32("a section's size"));
            if (id == 0)
            {
                custom.Add(new ComponentCustomSection(section.Name(), section.Rest()));
                continue;
            }

            ReadSection(section, id, offset, depth, definitions);
            if (id is not (1 or 4) && !section.AtEnd)
            {
                throw section.Malformed($"{section.End - section.Position} bytes left over in section {id}");
            }
        }

        return new Component(cursor.Path, NameOf(custom), start, definitions.ToImmutable(), custom.ToImmutable());
    }

    private static void Preamble(ComponentCursor cursor)
    {
        var start = cursor.Position;
        foreach (var expected in "\0asm"u8)
        {
            if (cursor.AtEnd || cursor.U8() != expected)
            {
                throw cursor.Malformed("no '\\0asm' header", start);
            }
        }

        var version = cursor.U8() | cursor.U8() << 8;
        var layer = cursor.U8() | cursor.U8() << 8;
        if (layer == 0 && version == 1)
        {
            throw cursor.Malformed("this is a core module, not a component", start);
        }

        if (layer != 1 || version != 0x0D)
        {
            throw cursor.Unsupported($"version 0x{version:x} layer {layer}", start + 4);
        }
    }

    private static void ReadSection(ComponentCursor section, byte id, int offset, int depth, ImmutableArray<Definition>.Builder into)
    {
        void Each(string what, Func<Definition> read) => into.AddRange(section.Vector(what, read));
        switch (id)
        {
            case 1:
                into.Add(new CoreModuleDefinition(section.Position, section.Rest()));
                break;
            case 2:
                Each("core instances", () => CoreInstance(section));
                break;
            case 3:
                Each("core types", () => TypeReader.Core(section));
                break;
            case 4:
                into.Add(new NestedDefinition(section.Position, Read(section, depth + 1)));
                break;
            case 5:
                Each("instances", () => Instance(section));
                break;
            case 6:
                Each("aliases", () => Alias(section));
                break;
            case 7:
                Each("types", () => new TypeDefinition(section.Position, TypeReader.Read(section)));
                break;
            case 8:
                Each("canonical definitions", () => CanonReader.Read(section));
                break;
            case 9:
                throw section.Unsupported("component start functions", offset);
            case 10:
                Each("imports", () => new ImportDefinition(section.Position, ImportName(section), TypeReader.Extern(section)));
                break;
            case 11:
                Each("exports", () => Export(section));
                break;
            case 12:
                throw section.Unsupported("values", offset);
            default:
                throw section.Malformed($"section {id} is not known", offset);
        }
    }

    private static Definition CoreInstance(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        switch (cursor.U8())
        {
            case 0x00:
                var module = cursor.U32("a core module index");
                return new CoreInstantiateDefinition(offset, module, [.. cursor.Vector("arguments", () => CoreArgument(cursor))]);
            case 0x01:
                var exports = cursor.Vector("exports", () =>
                {
                    var name = cursor.Name();
                    return new NamedItem(name, new SortIndex(CoreSort(cursor), cursor.U32("an index")));
                });
                return new CoreInlineDefinition(offset, [.. exports]);
            default:
                throw cursor.Malformed("not a core instance", offset);
        }
    }

    private static CoreArgument CoreArgument(ComponentCursor cursor)
    {
        var name = cursor.Name();
        cursor.Expect(0x12, "an argument of a core instance");
        return new CoreArgument(name, cursor.U32("a core instance index"));
    }

    private static Definition Instance(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        switch (cursor.U8())
        {
            case 0x00:
                var component = cursor.U32("a component index");
                var arguments = cursor.Vector("arguments", () => new NamedItem(cursor.Name(), ReadSortIndex(cursor)));
                return new InstantiateDefinition(offset, component, [.. arguments]);
            case 0x01:
                var exports = cursor.Vector("exports", () => new NamedItem(TypeReader.ExternName(cursor), ReadSortIndex(cursor)));
                return new InlineDefinition(offset, [.. exports]);
            default:
                throw cursor.Malformed("not an instance", offset);
        }
    }

    private static ExportDefinition Export(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        var name = TypeReader.ExternName(cursor);
        var item = ReadSortIndex(cursor);
        var type = cursor.U8() switch
        {
            0x00 => null,
            0x01 => TypeReader.Extern(cursor),
            _ => throw cursor.Malformed("an export's type is present or absent", cursor.Position - 1),
        };
        return new ExportDefinition(offset, name, item, type);
    }

    private static string ImportName(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        var name = TypeReader.ExternName(cursor);
        foreach (var form in (ReadOnlySpan<string>)["url=", "integrity=", "locked-dep=", "unlocked-dep="])
        {
            if (name.StartsWith(form, StringComparison.Ordinal))
            {
                throw cursor.Unsupported($"import name '{name}'", offset);
            }
        }

        return name;
    }

    private static SortIndex ReadSortIndex(ComponentCursor cursor) => new(ReadSort(cursor), cursor.U32("an index"));

    private static Sort ReadSort(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        return cursor.U8() switch
        {
            0x00 => CoreSort(cursor),
            0x01 => Sort.Function,
            0x02 => throw cursor.Unsupported("values", offset),
            0x03 => Sort.Type,
            0x04 => Sort.Component,
            0x05 => Sort.Instance,
            var code => throw cursor.Malformed($"0x{code:x2} is not a sort", offset),
        };
    }

    private static Sort CoreSort(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        return cursor.U8() switch
        {
            0x00 => Sort.CoreFunction,
            0x01 => Sort.CoreTable,
            0x02 => Sort.CoreMemory,
            0x03 => Sort.CoreGlobal,
            0x04 => throw cursor.Unsupported("core tags", offset),
            0x10 => Sort.CoreType,
            0x11 => Sort.CoreModule,
            0x12 => Sort.CoreInstance,
            var code => throw cursor.Malformed($"0x{code:x2} is not a core sort", offset),
        };
    }

    /// <summary>The name in the <c>component-name</c> section; a section that breaks its grammar has no name.</summary>
    private static string? NameOf(ImmutableArray<ComponentCustomSection>.Builder sections)
    {
        foreach (var section in sections)
        {
            if (section.Name != "component-name" || section.Bytes.Length < 2 || section.Bytes.Span[0] != 0)
            {
                continue;
            }

            try
            {
                var cursor = new ComponentCursor("", section.Bytes, 1, section.Bytes.Length);
                return cursor.Section(cursor.U32("size")).Name();
            }
            catch (DiagnosticException)
            {
                return null;
            }
        }

        return null;
    }
}
