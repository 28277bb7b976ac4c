using System.Numerics;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>A type use.</summary>
/// <param name="Type">The type.</param>
/// <param name="Index">The index that <c>(type …)</c> names, or null when the type is written out.</param>
internal readonly record struct TypeUse(FuncType Type, int? Index);

/// <summary>The types of the text format.</summary>
/// <remarks>Core 3.0 #text-types</remarks>
internal sealed class WatTypes(Module module, WatSymbols symbols)
{
    private static readonly FuncType Empty = FuncType.Of([], []);

    // Of the signature that is being read.
    private readonly List<ValType> _parameters = [];
    private readonly List<ValType> _results = [];

    /// <summary>The identifiers in the signature that was read last, each with its parameter.</summary>
    public List<(int Parameter, WatToken Id)> ParameterIds { get; } = [];

    /// <summary>A value type.</summary>
    public static ValType ValueType(WatCursor cursor)
    {
        var start = cursor.Peek;
        if (cursor.TryOpen("ref"u8))
        {
            var nullable = cursor.TryAtom("null"u8) ? TryHeapType(cursor.Peek, cursor) : null;
            var type = nullable ?? throw cursor.Unsupported("typed function references", start);
            cursor.Next("a heap type");
            cursor.Close();
            return type;
        }

        var token = cursor.Next("a value type");
        return TryValueType(token, cursor) ?? throw (token.Kind == WatKind.Atom && Proposals.OfTypeName(cursor.Keyword(token)) is { } proposal
            ? cursor.Unsupported(proposal, token)
            : cursor.Unexpected(token, "a value type"));
    }

    /// <summary>The value type that the keyword <paramref name="token"/> names, or null.</summary>
    public static ValType? TryValueType(WatToken token, WatCursor cursor)
    {
        var text = token.Kind == WatKind.Atom ? cursor.Text(token) : default;
        return text.SequenceEqual("i32"u8) ? ValType.I32
            : text.SequenceEqual("i64"u8) ? ValType.I64
            : text.SequenceEqual("f32"u8) ? ValType.F32
            : text.SequenceEqual("f64"u8) ? ValType.F64
            : text.SequenceEqual("v128"u8) ? ValType.V128
            : text.SequenceEqual("funcref"u8) ? ValType.FuncRef
            : text.SequenceEqual("externref"u8) ? ValType.ExternRef
            : null;
    }

    /// <summary>The reference type of the heap type that <paramref name="token"/> names, or null.</summary>
    public static ValType? TryHeapType(WatToken token, WatCursor cursor) =>
        cursor.Is(token, "func"u8) ? ValType.FuncRef : cursor.Is(token, "extern"u8) ? ValType.ExternRef : null;

    /// <summary>Whether a reference type comes next.</summary>
    public static bool IsReferenceType(WatCursor cursor) => cursor.IsList("ref"u8) || (TryValueType(cursor.Peek, cursor)?.IsReference() ?? false);

    /// <summary>A reference type.</summary>
    public static ValType ReferenceType(WatCursor cursor)
    {
        var start = cursor.Peek;
        var type = ValueType(cursor);
        return type.IsReference() ? type : throw cursor.Error("a reference type expected", start);
    }

    /// <summary><c>(param …)* (result …)*</c>.</summary>
    public FuncType Signature(WatCursor cursor, bool allowIds)
    {
        ParameterIds.Clear();
        if (cursor.Peek.Kind != WatKind.Open)
        {
            return Empty;
        }

        _parameters.Clear();
        _results.Clear();
        while (cursor.TryOpen("param"u8))
        {
            Parameters(cursor, allowIds);
            cursor.Close();
        }

        while (cursor.TryOpen("result"u8))
        {
            while (!cursor.AtEnd)
            {
                _results.Add(ValueType(cursor));
            }

            cursor.Close();
        }

        return _parameters.Count + _results.Count == 0 ? Empty : FuncType.Of(_parameters, _results);
    }

    /// <summary><c>(type x)? (param …)* (result …)*</c>; the two forms must agree when both are there.</summary>
    public TypeUse Use(WatCursor cursor, bool allowIds)
    {
        int? index = cursor.TryOpen("type"u8) ? Named(cursor) : null;
        var start = cursor.Peek;
        var type = Signature(cursor, allowIds);
        if (index is not { } known)
        {
            return new TypeUse(type, null);
        }

        var isWritten = type.Parameters.Length + type.Results.Length > 0;
        return !isWritten || type.Equals(module.Types[known])
            ? new TypeUse(module.Types[known], known)
            : throw cursor.Error("inline function type does not match its type use", start);
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
        var is64 = cursor.TryAtom("i64"u8);
        if (!is64)
        {
            cursor.TryAtom("i32"u8);
        }

        return is64;
    }

    /// <summary><c>minimum maximum? shared?</c>.</summary>
    public static Limits Limits(WatCursor cursor, bool is64)
    {
        var bound = is64 ? ulong.MaxValue : uint.MaxValue;
        var minimum = cursor.Natural(bound, "a size");
        ulong? maximum = cursor.Peek.Kind == WatKind.Atom && cursor.IsIndex(cursor.Peek) ? cursor.Natural(bound, "a size") : null;
        return new Limits(minimum, maximum, is64, cursor.TryAtom("shared"u8));
    }

    /// <summary>Limits and an optional page size.</summary>
    public static ModuleMemory MemoryType(WatCursor cursor, bool is64, Import? import)
    {
        var limits = Limits(cursor, is64);
        return new ModuleMemory(limits, import, StatedPageSizeLog2(cursor));
    }

    /// <summary><c>(pagesize n)?</c>, a power of two.</summary>
    public static int? StatedPageSizeLog2(WatCursor cursor)
    {
        if (!cursor.TryOpen("pagesize"u8))
        {
            return null;
        }

        var start = cursor.Peek;
        var bytes = cursor.Natural(ulong.MaxValue, "a page size");
        cursor.Close();
        return BitOperations.IsPow2(bytes) ? BitOperations.Log2(bytes) : throw cursor.Error("invalid custom page size", start);
    }

    /// <summary><c>t</c> or <c>(mut t)</c>.</summary>
    public static (ValType Type, bool IsMutable) GlobalType(WatCursor cursor)
    {
        if (!cursor.TryOpen("mut"u8))
        {
            return (ValueType(cursor), false);
        }

        var type = ValueType(cursor);
        cursor.Close();
        return (type, true);
    }

    private int Named(WatCursor cursor)
    {
        var token = cursor.Index("a type");
        var index = symbols.Resolve(IndexSpace.Type, token, cursor);
        cursor.Close();
        return index < module.Types.Count ? index : throw cursor.Error($"unknown type {index}", token);
    }

    /// <summary>An identifier and its type, or types.</summary>
    private void Parameters(WatCursor cursor, bool allowIds)
    {
        if (cursor.TryId() is { } id)
        {
            ParameterIds.Add((_parameters.Count, allowIds ? id : throw cursor.Unexpected(id, "a value type")));
            _parameters.Add(ValueType(cursor));
            return;
        }

        while (!cursor.AtEnd)
        {
            _parameters.Add(ValueType(cursor));
        }
    }
}
