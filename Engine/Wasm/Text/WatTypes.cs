using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>A type use: the function type, and the identifiers of its parameters.</summary>
/// <param name="Type">The type.</param>
/// <param name="Index">The index that <c>(type …)</c> names, or null when the type is written out.</param>
/// <param name="ParameterIds">An entry for each parameter written out.</param>
internal readonly record struct TypeUse(FuncType Type, int? Index, List<WatNode?> ParameterIds);

/// <summary>The types of the text format.</summary>
/// <remarks>Core 3.0 #text-types</remarks>
internal sealed class WatTypes(Module module, WatSymbols symbols)
{
    /// <summary>A value type.</summary>
    public static ValType ValueType(WatCursor cursor)
    {
        var node = cursor.Next("a value type");
        if (node.IsList("ref") && node.Items.Count == 3 && node.Items[1].IsAtom("null") && TryHeapType(node.Items[2]) is { } nullable)
        {
            return nullable;
        }

        if (node.IsList("ref"))
        {
            throw cursor.Unsupported("typed function references", node);
        }

        return TryValueType(node) ?? throw (node.Kind == WatKind.Atom && Proposals.OfTypeName(node.Text) is { } proposal
            ? cursor.Unsupported(proposal, node)
            : cursor.Error($"unexpected token '{node.Text}': a value type expected", node));
    }

    /// <summary>The value type that the keyword <paramref name="node"/> names, or null.</summary>
    public static ValType? TryValueType(WatNode? node) => node is not { Kind: WatKind.Atom } ? null : node.Text switch
    {
        "i32" => ValType.I32,
        "i64" => ValType.I64,
        "f32" => ValType.F32,
        "f64" => ValType.F64,
        "v128" => ValType.V128,
        "funcref" => ValType.FuncRef,
        "externref" => ValType.ExternRef,
        _ => null,
    };

    /// <summary>The reference type of the heap type that <paramref name="node"/> names, or null.</summary>
    public static ValType? TryHeapType(WatNode node) => node.IsAtom("func") ? ValType.FuncRef : node.IsAtom("extern") ? ValType.ExternRef : null;

    /// <summary>Whether a reference type comes next.</summary>
    public static bool IsReferenceType(WatNode? node) => node is not null && (node.IsList("ref") || (TryValueType(node)?.IsReference() ?? false));

    /// <summary>A reference type.</summary>
    public static ValType ReferenceType(WatCursor cursor)
    {
        var node = cursor.Peek;
        var type = ValueType(cursor);
        return type.IsReference() ? type : throw cursor.Error("a reference type expected", node);
    }

    /// <summary><c>(func (param …)* (result …)*)</c>.</summary>
    public static FuncType FunctionType(WatCursor cursor)
    {
        var type = Signature(cursor, [], allowIds: true);
        cursor.ExpectEnd();
        return type;
    }

    /// <summary><c>(type x)? (param …)* (result …)*</c>; the two forms must agree when both are there.</summary>
    public TypeUse Use(WatCursor cursor, bool allowIds)
    {
        int? index = null;
        if (cursor.TryList("type") is { } use)
        {
            index = symbols.Resolve(IndexSpace.Type, use.Index("a type"), use);
            use.ExpectEnd();
            if (index >= module.Types.Count)
            {
                throw use.Error($"unknown type {index}");
            }
        }

        var start = cursor.Peek;
        List<WatNode?> ids = [];
        var type = Signature(cursor, ids, allowIds);
        if (index is { } known)
        {
            var isWritten = type.Parameters.Length + type.Results.Length > 0;
            if (isWritten && !type.Equals(module.Types[known]))
            {
                throw cursor.Error("inline function type does not match its type use", start);
            }

            type = module.Types[known];
        }

        return new TypeUse(type, index, ids);
    }

    /// <summary>The index of a type use; a type written out is added when the module does not have it.</summary>
    public TypeIndex IndexOf(TypeUse use) => use.Index is { } index ? new TypeIndex(index) : module.AddType(use.Type);

    /// <summary>A block type as <see cref="ImmediateKind.BlockType"/> keeps it.</summary>
    public int BlockType(WatCursor cursor)
    {
        var use = Use(cursor, allowIds: false);
        if (use.Index is null && use.Type is { Parameters.IsEmpty: true, Results.Length: <= 1 })
        {
            return use.Type.Results.IsEmpty ? -0x40 : (int)use.Type.Results[0] - 0x80;
        }

        return IndexOf(use).Index;
    }

    /// <summary>The address type in front of limits: whether it is i64.</summary>
    public static bool Is64(WatCursor cursor)
    {
        var is64 = cursor.TryAtom("i64");
        if (!is64)
        {
            cursor.TryAtom("i32");
        }

        return is64;
    }

    /// <summary><c>minimum maximum? shared?</c>.</summary>
    public static Limits Limits(WatCursor cursor, bool is64)
    {
        var bound = is64 ? ulong.MaxValue : uint.MaxValue;
        var minimum = cursor.Natural(bound, "a size");
        ulong? maximum = cursor.Peek is { IsIndex: true, Kind: WatKind.Atom } ? cursor.Natural(bound, "a size") : null;
        return new Limits(minimum, maximum, is64, cursor.TryAtom("shared"));
    }

    /// <summary>Limits and an optional page size.</summary>
    public static ModuleMemory MemoryType(WatCursor cursor, bool is64, Import? import)
    {
        var limits = Limits(cursor, is64);
        return new ModuleMemory(limits, import, PageSizeLog2(cursor));
    }

    /// <summary><c>(pagesize n)?</c>, a power of two.</summary>
    public static int PageSizeLog2(WatCursor cursor)
    {
        if (cursor.TryList("pagesize") is not { } page)
        {
            return 16;
        }

        var bytes = page.Natural(ulong.MaxValue, "a page size");
        return System.Numerics.BitOperations.IsPow2(bytes) ? System.Numerics.BitOperations.Log2(bytes) : throw page.Error("invalid custom page size");
    }

    /// <summary><c>t</c> or <c>(mut t)</c>.</summary>
    public static (ValType Type, bool IsMutable) GlobalType(WatCursor cursor)
    {
        if (cursor.TryList("mut") is not { } mutable)
        {
            return (ValueType(cursor), false);
        }

        var type = ValueType(mutable);
        mutable.ExpectEnd();
        return (type, true);
    }

    private static FuncType Signature(WatCursor cursor, List<WatNode?> ids, bool allowIds)
    {
        List<ValType> parameters = [];
        List<ValType> results = [];
        while (cursor.TryList("param") is { } group)
        {
            if (group.TryId() is { } id)
            {
                if (!allowIds)
                {
                    throw group.Error($"unexpected token '${id.Text}'", id);
                }

                ids.Add(id);
                parameters.Add(ValueType(group));
                group.ExpectEnd();
            }

            for (; !group.AtEnd; ids.Add(null))
            {
                parameters.Add(ValueType(group));
            }
        }

        while (cursor.TryList("result") is { } group)
        {
            while (!group.AtEnd)
            {
                results.Add(ValueType(group));
            }
        }

        return FuncType.Of(parameters, results);
    }
}
