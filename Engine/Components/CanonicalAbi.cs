using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Components;

/// <summary>How a component function type becomes core signatures, with 32-bit memories.</summary>
/// <remarks>CanonicalABI.md #flattening</remarks>
internal static class CanonicalAbi
{
    /// <summary>More flat parameters than this are passed through memory.</summary>
    public const int MaxFlatParams = 16;

    /// <summary>More flat results than this are returned through memory.</summary>
    public const int MaxFlatResults = 1;

    /// <summary>Longest string or list in bytes.</summary>
    public const int MaxByteLength = (1 << 28) - 1;

    /// <summary>The flat parameters, cut behind <see cref="MaxFlatParams"/>.</summary>
    public static ImmutableArray<ValType> FlatParameters(ComponentFuncType type) =>
        [.. type.Parameters.SelectMany(p => p.Type!.Layout.Flat).Take(MaxFlatParams + 1)];

    /// <summary>Whether the parameters are passed through memory.</summary>
    public static bool SpillsParameters(ComponentFuncType type) => FlatParameters(type).Length > MaxFlatParams;

    /// <summary>Whether the result is returned through memory.</summary>
    public static bool SpillsResult(ComponentFuncType type) => type.Result?.Layout.Flat.Length > MaxFlatResults;

    /// <summary>The signature of a core function that is lifted: it returns the address of a spilled result.</summary>
    public static FuncType LiftSignature(ComponentFuncType type) =>
        FuncType.Of(CoreParameters(type), SpillsResult(type) ? [ValType.I32] : type.Result?.Layout.Flat ?? []);

    /// <summary>The signature of a lowered function: its caller passes the address for a spilled result.</summary>
    public static FuncType LowerSignature(ComponentFuncType type) => SpillsResult(type)
        ? FuncType.Of(CoreParameters(type).Append(ValType.I32), [])
        : FuncType.Of(CoreParameters(type), type.Result?.Layout.Flat ?? []);

    /// <summary>The parameters as one tuple, in which form they are spilled.</summary>
    public static ComponentType ParameterTuple(ComponentFuncType type) =>
        new(TypeKind.Tuple, [.. type.Parameters.Select(p => new Member("", p.Type))]);

    private static IEnumerable<ValType> CoreParameters(ComponentFuncType type) =>
        SpillsParameters(type) ? [ValType.I32] : FlatParameters(type);
}
