using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// What lifting and lowering a scalar does to its core value: which load and store it takes, and how a core value that its type does not
/// have is wrapped, or trapped on.
/// </summary>
/// <remarks>CanonicalABI.md #flat-lifting: integers wrap, a bool is "not zero", unknown flags vanish, a char outside the scalar values traps</remarks>
internal static class ScalarRules
{
    /// <summary>Whether <paramref name="type"/> is one core value that no pointer and no discriminant stands behind.</summary>
    public static bool IsScalar(ComponentType type) => type.Kind.Row().Flat is not null || type.Kind == TypeKind.Flags;

    /// <summary>Whether every core value is a value of the type: lifting and lowering do nothing.</summary>
    public static bool IsTotal(ComponentType type) => type.Kind switch
    {
        TypeKind.U32 or TypeKind.S32 or TypeKind.U64 or TypeKind.S64 or TypeKind.F32 or TypeKind.F64 => true,
        TypeKind.Flags => type.Members.Length == 32,
        _ => (type.IsRecord && type.Members.All(m => IsTotal(m.Type!))) || (type.IsFixedList && IsTotal(type.Element!)),
    };

    /// <summary>Whether every byte sequence in memory is a value of the type, so that it is copied as bytes.</summary>
    public static bool IsBytes(ComponentType type) => type.Kind switch
    {
        TypeKind.U8 or TypeKind.S8 or TypeKind.U16 or TypeKind.S16 => true,
        TypeKind.Flags => type.Members.Length == 8 * type.Layout.Size,
        _ => IsTotal(type) || (type.IsRecord && type.Members.All(m => IsBytes(m.Type!))) || (type.IsFixedList && IsBytes(type.Element!)),
    };

    /// <summary>The load of a scalar of <paramref name="bytes"/> bytes.</summary>
    public static Opcode Load(ComponentType type, long bytes) => (type.Kind, bytes) switch
    {
        (TypeKind.F32, _) => Opcode.F32Load,
        (TypeKind.F64, _) => Opcode.F64Load,
        (TypeKind.S8, _) => Opcode.I32Load8S,
        (TypeKind.S16, _) => Opcode.I32Load16S,
        (_, 1) => Opcode.I32Load8U,
        (_, 2) => Opcode.I32Load16U,
        (_, 4) => Opcode.I32Load,
        _ => Opcode.I64Load,
    };

    /// <summary>The store of a scalar of <paramref name="bytes"/> bytes.</summary>
    public static Opcode Store(ComponentType type, long bytes) => (type.Kind, bytes) switch
    {
        (TypeKind.F32, _) => Opcode.F32Store,
        (TypeKind.F64, _) => Opcode.F64Store,
        (_, 1) => Opcode.I32Store8,
        (_, 2) => Opcode.I32Store16,
        (_, 4) => Opcode.I32Store,
        _ => Opcode.I64Store,
    };

    /// <summary>Brings the core value on the stack into the type's range, or traps.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="type">The scalar's type.</param>
    /// <param name="loaded">Whether the value was loaded with the type's own width and sign.</param>
    public static void Normalise(CodeBuilder code, ComponentType type, bool loaded)
    {
        switch (type.Kind)
        {
            case TypeKind.Bool:
                code.I32(0).Op(Opcode.I32Ne);
                break;
            case TypeKind.U8 or TypeKind.U16 when !loaded:
                code.I32(type.Kind == TypeKind.U8 ? 0xFF : 0xFFFF).Op(Opcode.I32And);
                break;
            case TypeKind.S8 when !loaded:
                code.Op(Opcode.I32Extend8S);
                break;
            case TypeKind.S16 when !loaded:
                code.Op(Opcode.I32Extend16S);
                break;
            case TypeKind.Char:
                var value = code.Local();
                code.Tee(value).I32(0x110000).Op(Opcode.I32GeU)
                    .Get(value).I32(11).Op(Opcode.I32ShrU).I32(0xD800 >> 11).Op(Opcode.I32Eq).Op(Opcode.I32Or).TrapIf().Get(value);
                break;
            case TypeKind.Flags when type.Members.Length < (loaded ? 8 * type.Layout.Size : 32):
                code.I32((1L << type.Members.Length) - 1).Op(Opcode.I32And);
                break;
        }
    }

    /// <summary>Turns the core value on the stack into one of another type with the same bits, zero-extended or wrapped.</summary>
    /// <remarks>CanonicalABI.md #flat-lifting <c>CoerceValueIter</c>, #flat-lowering <c>lower_flat_variant</c></remarks>
    public static void Coerce(CodeBuilder code, ValType have, ValType want)
    {
        switch (have, want)
        {
            case (ValType.I32, ValType.F32):
                code.Op(Opcode.F32ReinterpretI32);
                break;
            case (ValType.I64, ValType.I32):
                code.Op(Opcode.I32WrapI64);
                break;
            case (ValType.I64, ValType.F32):
                code.Op(Opcode.I32WrapI64).Op(Opcode.F32ReinterpretI32);
                break;
            case (ValType.I64, ValType.F64):
                code.Op(Opcode.F64ReinterpretI64);
                break;
            case (ValType.F32, ValType.I32):
                code.Op(Opcode.I32ReinterpretF32);
                break;
            case (ValType.I32, ValType.I64):
                code.Op(Opcode.I64ExtendI32U);
                break;
            case (ValType.F32, ValType.I64):
                code.Op(Opcode.I32ReinterpretF32).Op(Opcode.I64ExtendI32U);
                break;
            case (ValType.F64, ValType.I64):
                code.Op(Opcode.I64ReinterpretF64);
                break;
            default:
                Support.InvariantException.Require(have == want, $"a flat form never joins {have.Name()} and {want.Name()}");
                break;
        }
    }
}
