using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Components;

[TestClass]
public class CanonicalAbiTests
{
    private static readonly ComponentType U8 = ComponentType.Primitive(TypeKind.U8);
    private static readonly ComponentType U32 = ComponentType.Primitive(TypeKind.U32);
    private static readonly ComponentType U64 = ComponentType.Primitive(TypeKind.U64);
    private static readonly ComponentType F32 = ComponentType.Primitive(TypeKind.F32);
    private static readonly ComponentType F64 = ComponentType.Primitive(TypeKind.F64);
    private static readonly ComponentType Text = ComponentType.Primitive(TypeKind.String);

    [TestMethod]
    public void Every_kind_has_its_row()
    {
        foreach (var kind in Enum.GetValues<TypeKind>())
        {
            Assert.AreEqual(kind, kind.Row().Kind);
        }
    }

    [TestMethod]
    public void A_record_pads_its_fields_and_its_end()
    {
        var layout = Tuple(U8, U32, U8).Layout;
        CollectionAssert.AreEqual(new long[] { 0, 4, 8 }, layout.Offsets.ToArray());
        Assert.AreEqual((12L, 4), (layout.Size, layout.Alignment));
    }

    [TestMethod]
    public void A_tuple_of_two_bytes_takes_two_bytes() => Assert.AreEqual((2L, 1), (Tuple(U8, U8).Layout.Size, Tuple(U8, U8).Layout.Alignment));

    [TestMethod]
    public void A_variant_joins_the_flat_types_of_its_cases()
    {
        var variant = new ComponentType(TypeKind.Variant, [new("a", F32), new("b", U64), new("c", Tuple(U32, F64)), new("d", null)]);
        CollectionAssert.AreEqual(new[] { ValType.I32, ValType.I64, ValType.F64 }, variant.Layout.Flat.ToArray());
        Assert.AreEqual((24L, 8, 8L), (variant.Layout.Size, variant.Layout.Alignment, variant.Layout.Offsets[0]));
    }

    [TestMethod]
    public void A_float_and_an_integer_join_to_an_integer()
    {
        var result = new ComponentType(TypeKind.Result, [new("ok", F32), new("error", U32)]);
        CollectionAssert.AreEqual(new[] { ValType.I32, ValType.I32 }, result.Layout.Flat.ToArray());
    }

    [TestMethod]
    [DataRow(8, 1)]
    [DataRow(9, 2)]
    [DataRow(17, 4)]
    public void Flags_take_the_smallest_integer(int labels, int bytes) =>
        Assert.AreEqual(bytes, new ComponentType(TypeKind.Flags, [.. Enumerable.Range(0, labels).Select(i => new Member($"f{i}", null))]).Layout.Size);

    [TestMethod]
    [DataRow(256, 1)]
    [DataRow(257, 2)]
    public void An_enum_takes_the_smallest_integer(int labels, int bytes) =>
        Assert.AreEqual(bytes, new ComponentType(TypeKind.Enum, [.. Enumerable.Range(0, labels).Select(i => new Member($"e{i}", null))]).Layout.Size);

    [TestMethod]
    public void Sixteen_flat_parameters_stay_flat_and_seventeen_spill()
    {
        Assert.AreEqual(16, CanonicalAbi.LowerSignature(Func(16)).Parameters.Length);
        var spilled = CanonicalAbi.LowerSignature(Func(17));
        Assert.AreEqual(FuncType.Of([ValType.I32], []), spilled);
    }

    [TestMethod]
    public void A_string_result_is_an_address_on_one_side_and_a_parameter_on_the_other()
    {
        var type = new ComponentFuncType([new("x", U32)], Text, false);
        Assert.AreEqual(FuncType.Of([ValType.I32], [ValType.I32]), CanonicalAbi.LiftSignature(type));
        Assert.AreEqual(FuncType.Of([ValType.I32, ValType.I32], []), CanonicalAbi.LowerSignature(type));
    }

    private static ComponentFuncType Func(int parameters) =>
        new([.. Enumerable.Range(0, parameters).Select(i => new Member($"p{i}", U32))], null, false);

    private static ComponentType Tuple(params ComponentType[] types) => new(TypeKind.Tuple, [.. types.Select(t => new Member("", t))]);
}
