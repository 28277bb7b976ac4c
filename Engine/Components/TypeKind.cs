namespace Pulse.Build.Engine.Components;

/// <summary>The constructors of value types.</summary>
internal enum TypeKind
{
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    ErrorContext,
    Record,
    Variant,
    List,
    Tuple,
    Flags,
    Enum,
    Option,
    Result,
    Own,
    Borrow,
    Stream,
    Future,
}

/// <summary>One row of the table of value types.</summary>
/// <param name="Kind">The constructor.</param>
/// <param name="Code">Its byte in the binary.</param>
/// <param name="Name">Its word in WIT.</param>
/// <param name="Bytes">Size and alignment in memory; 0 where the members decide.</param>
/// <param name="Flat">The core type of a scalar; null where the members decide.</param>
internal sealed record TypeKindRow(TypeKind Kind, byte Code, string Name, int Bytes, Wasm.ValType? Flat);

/// <summary>The table of value types.</summary>
/// <remarks>Binary.md <c>defvaltype</c>; CanonicalABI.md #alignment, #element-size, #flattening</remarks>
internal static class TypeKinds
{
    /// <summary>The rows, in the order of <see cref="TypeKind"/>.</summary>
    public static System.Collections.Immutable.ImmutableArray<TypeKindRow> Rows { get; } =
    [
        //  kind                    code  name             bytes flat
        new(TypeKind.Bool,          0x7F, "bool",          1,    Wasm.ValType.I32),
        new(TypeKind.S8,            0x7E, "s8",            1,    Wasm.ValType.I32),
        new(TypeKind.U8,            0x7D, "u8",            1,    Wasm.ValType.I32),
        new(TypeKind.S16,           0x7C, "s16",           2,    Wasm.ValType.I32),
        new(TypeKind.U16,           0x7B, "u16",           2,    Wasm.ValType.I32),
        new(TypeKind.S32,           0x7A, "s32",           4,    Wasm.ValType.I32),
        new(TypeKind.U32,           0x79, "u32",           4,    Wasm.ValType.I32),
        new(TypeKind.S64,           0x78, "s64",           8,    Wasm.ValType.I64),
        new(TypeKind.U64,           0x77, "u64",           8,    Wasm.ValType.I64),
        new(TypeKind.F32,           0x76, "f32",           4,    Wasm.ValType.F32),
        new(TypeKind.F64,           0x75, "f64",           8,    Wasm.ValType.F64),
        new(TypeKind.Char,          0x74, "char",          4,    Wasm.ValType.I32),
        new(TypeKind.String,        0x73, "string",        0,    null),
        new(TypeKind.ErrorContext,  0x64, "error-context", 4,    Wasm.ValType.I32),
        new(TypeKind.Record,        0x72, "record",        0,    null),
        new(TypeKind.Variant,       0x71, "variant",       0,    null),
        new(TypeKind.List,          0x70, "list",          0,    null),
        new(TypeKind.Tuple,         0x6F, "tuple",         0,    null),
        new(TypeKind.Flags,         0x6E, "flags",         0,    null),
        new(TypeKind.Enum,          0x6D, "enum",          0,    null),
        new(TypeKind.Option,        0x6B, "option",        0,    null),
        new(TypeKind.Result,        0x6A, "result",        0,    null),
        new(TypeKind.Own,           0x69, "own",           4,    Wasm.ValType.I32),
        new(TypeKind.Borrow,        0x68, "borrow",        4,    Wasm.ValType.I32),
        new(TypeKind.Stream,        0x66, "stream",        4,    Wasm.ValType.I32),
        new(TypeKind.Future,        0x65, "future",        4,    Wasm.ValType.I32),
    ];

    /// <summary>The row of <paramref name="kind"/>.</summary>
    public static TypeKindRow Row(this TypeKind kind) => Rows[(int)kind];

    /// <summary>Whether a value of the kind can be written without a definition of its own.</summary>
    public static bool IsPrimitive(this TypeKind kind) => kind <= TypeKind.ErrorContext;

    /// <summary>The row with binary code <paramref name="code"/>, or null.</summary>
    public static TypeKindRow? FromCode(byte code) => Rows.FirstOrDefault(row => row.Code == code);
}
