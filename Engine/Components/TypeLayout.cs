using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Components;

/// <summary>How a value type is represented in a 32-bit memory and in core values.</summary>
/// <param name="Size">Bytes in memory.</param>
/// <param name="Alignment">Alignment in memory.</param>
/// <param name="Flat">Core types of the flat form; exact up to <see cref="CanonicalAbi.MaxFlatParams"/> entries, longer forms are cut behind that.</param>
/// <param name="Offsets">Offset of each field of a record; of a variant one entry, the payload's.</param>
/// <param name="TagBytes">Bytes of a variant's discriminant, else 0.</param>
/// <remarks>CanonicalABI.md #alignment, #element-size, #flattening</remarks>
internal sealed record TypeLayout(long Size, int Alignment, ImmutableArray<ValType> Flat, ImmutableArray<long> Offsets, int TagBytes)
{
    /// <summary>Larger types are invalid: no list could hold one.</summary>
    public const long MaxSize = 1L << 28;

    private const int FlatCut = CanonicalAbi.MaxFlatParams + 1;

    /// <summary>The layout of <paramref name="type"/>, whose parts have theirs.</summary>
    public static TypeLayout Of(ComponentType type)
    {
        if (type.IsRecord)
        {
            return Record(type);
        }

        if (type.IsVariant)
        {
            return Variant(type);
        }

        if (type.IsFixedList)
        {
            var element = type.Element!.Layout;
            var copies = Math.Min(type.Length, FlatCut);
            var flat = Enumerable.Repeat(element.Flat, copies).SelectMany(types => types).Take(FlatCut);
            return new(Math.Min(element.Size * type.Length, MaxSize), element.Alignment, [.. flat], [], 0);
        }

        switch (type.Kind)
        {
            case TypeKind.String or TypeKind.List:
                return new(8, 4, [ValType.I32, ValType.I32], [], 0);
            case TypeKind.Flags:
                var bytes = type.Members.Length <= 8 ? 1 : type.Members.Length <= 16 ? 2 : 4;
                return new(bytes, bytes, [ValType.I32], [], 0);
            default:
                var row = type.Kind.Row();
                return new(row.Bytes, row.Bytes, [row.Flat!.Value], [], 0);
        }
    }

    /// <summary>The least multiple of <paramref name="alignment"/> from <paramref name="offset"/> on.</summary>
    public static long AlignTo(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private static TypeLayout Record(ComponentType type)
    {
        long size = 0;
        var alignment = 1;
        var offsets = ImmutableArray.CreateBuilder<long>(type.Members.Length);
        foreach (var member in type.Members)
        {
            var field = member.Type!.Layout;
            size = AlignTo(size, field.Alignment);
            offsets.Add(size);
            size = Math.Min(size + field.Size, MaxSize);
            alignment = Math.Max(alignment, field.Alignment);
        }

        var flat = type.Members.SelectMany(member => member.Type!.Layout.Flat).Take(FlatCut);
        return new(AlignTo(size, alignment), alignment, [.. flat], offsets.ToImmutable(), 0);
    }

    private static TypeLayout Variant(ComponentType type)
    {
        var tag = type.Members.Length <= 1 << 8 ? 1 : type.Members.Length <= 1 << 16 ? 2 : 4;
        var payload = 1;
        long largest = 0;
        var flat = new List<ValType>();
        foreach (var member in type.Members)
        {
            if (member.Type?.Layout is not { } layout)
            {
                continue;
            }

            payload = Math.Max(payload, layout.Alignment);
            largest = Math.Max(largest, layout.Size);
            for (var i = 0; i < layout.Flat.Length; i++)
            {
                if (i < flat.Count)
                {
                    flat[i] = Join(flat[i], layout.Flat[i]);
                }
                else
                {
                    flat.Add(layout.Flat[i]);
                }
            }
        }

        var start = AlignTo(tag, payload);
        var alignment = Math.Max(tag, payload);
        return new(AlignTo(Math.Min(start + largest, MaxSize), alignment), alignment, [.. flat.Prepend(ValType.I32).Take(FlatCut)], [start], tag);
    }

    private static ValType Join(ValType a, ValType b) =>
        a == b ? a : a is ValType.I32 or ValType.F32 && b is ValType.I32 or ValType.F32 ? ValType.I32 : ValType.I64;
}
