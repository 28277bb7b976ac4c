using System.Collections.Immutable;

namespace Pulse.Build.Engine.Components;

/// <summary>Decodes type definitions, declarators and extern types.</summary>
/// <remarks>Binary.md #type-definitions</remarks>
internal static class TypeReader
{
    /// <summary>Component and instance types nest at most this deep.</summary>
    private const int MaxDepth = 50;

    /// <summary>Reads one <c>deftype</c>.</summary>
    public static TypeExpression Read(ComponentCursor cursor, int depth = 0)
    {
        var offset = cursor.Position;
        if (depth > MaxDepth)
        {
            throw cursor.Malformed("types are nested too deep", offset);
        }

        switch (cursor.Peek())
        {
            case 0x3F:
                return Resource(cursor);
            case 0x40 or 0x43:
                var isAsync = cursor.U8() == 0x43;
                var parameters = cursor.Vector("parameters", () => Labelled(cursor));
                return new FuncTypeExpression([.. parameters], ResultList(cursor), isAsync);
            case 0x41:
                cursor.U8();
                return new ComponentTypeExpression([.. cursor.Vector("declarations", () => Declaration(cursor, depth, true))]);
            case 0x42:
                cursor.U8();
                return new InstanceTypeExpression([.. cursor.Vector("declarations", () => Declaration(cursor, depth, false))]);
            default:
                return Value(cursor);
        }
    }

    /// <summary>Reads a result list: a type, or nothing.</summary>
    public static TypeReference? ResultList(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        switch (cursor.U8())
        {
            case 0x00:
                return Reference(cursor);
            case 0x01:
                return cursor.U8() == 0 ? null : throw cursor.Unsupported("named results", offset);
            default:
                throw cursor.Malformed("a result list starts with 0x00 or 0x01", offset);
        }
    }

    /// <summary>Reads the type of an import or export.</summary>
    public static ExternType Extern(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        switch (cursor.U8())
        {
            case 0x00:
                cursor.Expect(0x11, "the type of a core import");
                return new ExternType(Sort.CoreModule, cursor.U32("a core type index"));
            case 0x01:
                return new ExternType(Sort.Function, cursor.U32("a type index"));
            case 0x02:
                throw cursor.Unsupported("values", offset);
            case 0x03:
                return cursor.U8() switch
                {
                    0x00 => new ExternType(Sort.Type, cursor.U32("a type index")),
                    0x01 => new ExternType(Sort.Type, -1),
                    _ => throw cursor.Malformed("a type bound is eq or sub", offset),
                };
            case 0x04:
                return new ExternType(Sort.Component, cursor.U32("a type index"));
            case 0x05:
                return new ExternType(Sort.Instance, cursor.U32("a type index"));
            default:
                throw cursor.Malformed("not the type of an import or export", offset);
        }
    }

    /// <summary>Reads a core type; what it is made of is skipped, since links are checked between the modules themselves.</summary>
    public static CoreTypeDefinition Core(ComponentCursor cursor, int depth = 0)
    {
        var offset = cursor.Position;
        var code = cursor.U8();
        switch (code)
        {
            case 0x60:
                cursor.Vector("parameters", () => CoreValue(cursor));
                cursor.Vector("results", () => CoreValue(cursor));
                return new CoreTypeDefinition(offset, "func");
            case 0x50 when depth == 0:
                cursor.Vector("declarations", () => CoreDeclaration(cursor));
                return new CoreTypeDefinition(offset, "module");
            case 0x00 or 0x4D or 0x4E or 0x4F or 0x50 or 0x5E or 0x5F:
                throw cursor.Unsupported("GC types", offset);
            default:
                throw cursor.Malformed($"0x{code:x2} is not a core type", offset);
        }
    }

    /// <summary>Reads a name with its attributes, of which only the name counts.</summary>
    public static string ExternName(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        var form = cursor.U8();
        if (form > 2)
        {
            throw cursor.Malformed("an import or export name starts with 0x00, 0x01 or 0x02", offset);
        }

        var name = cursor.Name();
        for (var count = form == 2 ? cursor.Count("attributes") : 0; count > 0; count--)
        {
            if (cursor.U8() > 2)
            {
                throw cursor.Malformed("not an attribute of a name", cursor.Position - 1);
            }

            cursor.Name();
        }

        return name;
    }

    private static ResourceTypeExpression Resource(ComponentCursor cursor)
    {
        cursor.U8();
        if (cursor.Peek() != 0x7F)
        {
            throw cursor.Unsupported("resources not represented by i32");
        }

        cursor.U8();
        return cursor.U8() switch
        {
            0x00 => new ResourceTypeExpression(-1),
            0x01 => new ResourceTypeExpression(cursor.U32("a core function index")),
            _ => throw cursor.Malformed("a destructor is present or absent", cursor.Position - 1),
        };
    }

    private static Definition Declaration(ComponentCursor cursor, int depth, bool component)
    {
        var offset = cursor.Position;
        switch (cursor.U8())
        {
            case 0x00:
                return Core(cursor);
            case 0x01:
                return new TypeDefinition(offset, Read(cursor, depth + 1));
            case 0x02:
                return ComponentReader.Alias(cursor);
            case 0x03 when component:
                return new ImportDefinition(offset, ExternName(cursor), Extern(cursor));
            case 0x04:
                return new ExportDeclaration(offset, ExternName(cursor), Extern(cursor));
            default:
                throw cursor.Malformed("not a declaration", offset);
        }
    }

    private static ValueTypeExpression Value(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        var code = cursor.U8();
        if (code == 0x67)
        {
            var element = Reference(cursor);
            var length = cursor.U32("a list's length");
            return length > 0
                ? new ValueTypeExpression(TypeKind.List, [], element, length)
                : throw cursor.Malformed("a fixed-length list of length 0", offset);
        }

        if (code == 0x63)
        {
            throw cursor.Unsupported("map", offset);
        }

        var row = TypeKinds.FromCode(code) ?? throw cursor.Malformed($"0x{code:x2} is not a type", offset);
        switch (row.Kind)
        {
            case TypeKind.Record:
                return new(row.Kind, Members(cursor, offset, () => Labelled(cursor)));
            case TypeKind.Variant:
                return new(row.Kind, Members(cursor, offset, () => Case(cursor)));
            case TypeKind.Tuple:
                return new(row.Kind, Members(cursor, offset, () => new LabelledType("", Reference(cursor))));
            case TypeKind.Flags or TypeKind.Enum:
                var labels = Members(cursor, offset, () => new LabelledType(cursor.Name(), null));
                return row.Kind == TypeKind.Enum || labels.Length <= 32 ? new(row.Kind, labels) : throw cursor.Malformed("flags of more than 32 labels", offset);
            case TypeKind.Option:
                return new(row.Kind, [new("none", null), new("some", Reference(cursor))]);
            case TypeKind.Result:
                var ok = Optional(cursor);
                return new(row.Kind, [new("ok", ok), new("error", Optional(cursor))]);
            case TypeKind.List:
                return new(row.Kind, [], Reference(cursor));
            case TypeKind.Own or TypeKind.Borrow:
                return new(row.Kind, [], Resource: cursor.U32("a type index"));
            case TypeKind.Stream or TypeKind.Future:
                return new(row.Kind, [], Optional(cursor));
            default:
                return row.Kind != TypeKind.ErrorContext ? new(row.Kind, []) : throw cursor.Unsupported("error-context", offset);
        }
    }

    private static ImmutableArray<LabelledType> Members(ComponentCursor cursor, int offset, Func<LabelledType> read)
    {
        var members = cursor.Vector("members", read);
        return members.Count > 0 ? [.. members] : throw cursor.Malformed("a type without members", offset);
    }

    private static LabelledType Labelled(ComponentCursor cursor) => new(cursor.Name(), Reference(cursor));

    private static LabelledType Case(ComponentCursor cursor)
    {
        var label = cursor.Name();
        var type = Optional(cursor);
        cursor.Expect(0x00, "the end of a case");
        return new LabelledType(label, type);
    }

    private static TypeReference? Optional(ComponentCursor cursor) => cursor.U8() switch
    {
        0x00 => null,
        0x01 => Reference(cursor),
        _ => throw cursor.Malformed("an optional type is present or absent", cursor.Position - 1),
    };

    private static TypeReference Reference(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        if (cursor.Peek() is >= 0x40 and < 0x80)
        {
            var code = cursor.U8();
            var row = TypeKinds.FromCode(code) is { } found && found.Kind.IsPrimitive() ? found : throw cursor.Malformed($"0x{code:x2} is not a primitive type", offset);
            return row.Kind != TypeKind.ErrorContext ? new TypeReference(row.Kind, -1) : throw cursor.Unsupported("error-context", offset);
        }

        // Type indices are signed LEB128s, so those from 64 on take a second byte.
        var value = cursor.U32("a type index");
        return new TypeReference(null, value);
    }

    private static int CoreValue(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        var code = cursor.U8();
        return Wasm.ValTypes.FromCode(code) is not null ? code : throw cursor.Unsupported($"core value type 0x{code:x2}", offset);
    }

    private static int CoreDeclaration(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        switch (cursor.U8())
        {
            case 0x00:
                cursor.Name();
                cursor.Name();
                CoreExtern(cursor);
                return 0;
            case 0x01:
                Core(cursor, 1);
                return 0;
            case 0x02:
                cursor.Expect(0x10, "a core alias");
                cursor.Expect(0x01, "a core alias");
                cursor.U32("a scope count");
                cursor.U32("a core type index");
                return 0;
            case 0x03:
                cursor.Name();
                CoreExtern(cursor);
                return 0;
            default:
                throw cursor.Malformed("not a declaration of a core module type", offset);
        }
    }

    private static void CoreExtern(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        switch (cursor.U8())
        {
            case 0x00:
                cursor.U32("a type index");
                break;
            case 0x01:
                cursor.U8();
                CoreLimits(cursor);
                break;
            case 0x02:
                CoreLimits(cursor);
                break;
            case 0x03:
                CoreValue(cursor);
                cursor.U8();
                break;
            default:
                throw cursor.Malformed("not the type of a core import or export", offset);
        }
    }

    private static void CoreLimits(ComponentCursor cursor)
    {
        var flags = cursor.U8();
        cursor.U32("a minimum");
        if ((flags & 1) != 0)
        {
            cursor.U32("a maximum");
        }
    }
}
