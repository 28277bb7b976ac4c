using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>
/// Binary modules of a given size that are all of one small thing, the smallest that the format has of each kind: what costs the reader and
/// the validator most for a byte. Some are invalid, all are well-formed.
/// </summary>
internal static class DenseModules
{
    private static readonly byte[] EmptyType = [0x60, 0, 0];

    /// <summary>An arity that is just allowed: two bytes of code can call for so many operands.</summary>
    private const int Wide = 1000;

    /// <summary>Every shape by name, with what makes one of about so many bytes.</summary>
    public static IReadOnlyDictionary<string, Func<int, byte[]>> Shapes { get; } = new Dictionary<string, Func<int, byte[]>>
    {
        ["types"] = size => Module(Repeated(SectionId.Type, EmptyType, size)),
        ["types of one value"] = size => Module(Repeated(SectionId.Type, [0x60, 0, 1, 0x7F], size)),
        ["a type of many values"] = size => Module(Section(SectionId.Type, [1, 0x60, .. Vector([0x7F], size), 0])),
        ["imported functions"] = size => Module(Types(EmptyType), Repeated(SectionId.Import, [0, 0, 0, 0], size)),
        ["imported tables"] = size => Module(Repeated(SectionId.Import, [0, 0, 1, 0x70, 0, 0], size)),
        ["imported memories"] = size => Module(Repeated(SectionId.Import, [0, 0, 2, 0, 0], size)),
        ["imported globals"] = size => Module(Repeated(SectionId.Import, [0, 0, 3, 0x7F, 0], size)),
        ["functions"] = size => Functions(EmptyType, [0, 0x0B], size / 4),
        ["functions with a local"] = size => Functions(EmptyType, [1, 1, 0x7F, 0x0B], size / 6),
        ["functions of fifty thousand locals"] = size => Functions(EmptyType, [1, 0xD0, 0x86, 3, 0x7F, 0x0B], size / 8),
        ["functions of a wide type"] = size => Functions(WideType(0), [0, 0x0B], size / 4),
        ["functions of many results"] = size => Functions([0x60, 0, .. Vector([0x7F], Wide)], [0, 0x00, 0x0B], size / 5),
        ["groups of locals"] = size => Code(EmptyType, [.. Vector([1, 0x7F, 1, 0x7E], size, unit: 2), 0x0B]),
        ["empty groups of locals"] = size => Code(EmptyType, [.. Vector([0, 0x7F], size), 0x0B]),
        ["tables"] = size => Module(Repeated(SectionId.Table, [0x70, 0, 0], size)),
        ["tables with an initial value"] = size => Module(Repeated(SectionId.Table, [0x40, 0, 0x70, 0, 0, 0xD0, 0x70, 0x0B], size)),
        ["memories"] = size => Module(Repeated(SectionId.Memory, [0, 0], size)),
        ["globals"] = size => Module(Repeated(SectionId.Global, [0x7F, 0, 0x41, 0, 0x0B], size)),
        ["globals without a value"] = size => Module(Repeated(SectionId.Global, [0x7F, 0, 0x0B], size)),
        ["a global of many constants"] = size => Module(Section(SectionId.Global, [1, 0x7F, 0, .. Many([0x41, 0], size), 0x0B])),
        ["exports of no name"] = size => Module(Types(EmptyType), Repeated(SectionId.Export, [0, 0, 0], size)),
        ["exports by number"] = Exports,
        ["passive element segments"] = size => Module(Repeated(SectionId.Element, [1, 0, 0], size)),
        ["declarative element segments"] = size => Module(Repeated(SectionId.Element, [3, 0, 0], size)),
        ["active element segments"] = size => Module(Section(SectionId.Table, [1, 0x70, 0, 0]), Repeated(SectionId.Element, [0, 0x41, 0, 0x0B, 0], size)),
        ["function indices"] = size => Module(Section(SectionId.Element, [1, 1, 0, .. Vector([0], size)])),
        ["element expressions"] = size => Module(Section(SectionId.Element, [1, 5, 0x70, .. Vector([0xD0, 0x70, 0x0B], size)])),
        ["passive data segments"] = size => Module(Repeated(SectionId.Data, [1, 0], size)),
        ["active data segments"] = size => Module(Section(SectionId.Memory, [1, 0, 1]), Repeated(SectionId.Data, [0, 0x41, 0, 0x0B, 0], size)),
        ["custom sections"] = size => Module(Many([0, 1, 0], size)),
        ["a custom section"] = size => Module(Section(SectionId.Custom, [1, (byte)'x', .. Many([0], size)])),
        ["constants"] = size => Body([.. Many([0x41, 0], size), 0]),
        ["dropped constants"] = size => Body(Many([0x41, 0, 0x1A], size)),
        ["vector constants"] = size => Body([.. Many([0xFD, 0x0C, .. new byte[16], 0x1A], size)]),
        ["labels of a br_table"] = size => Body([0x41, 0, 0x0E, .. Vector([0], size), 0]),
        ["two labels of a br_table by turns"] = size => Code(WideType(Wide),
            [0, 0x00, 0x03, 0, 0x41, 0, 0x0E, .. Vector([0, 1], size, unit: 1), 0, 0x0B, 0x0B]),
        ["small br_tables"] = size => Body([0x00, .. Many([0x0E, 0, 0], size)]),
        ["types of a select"] = size => Body([0x00, 0x1C, .. Vector([0x7F], size), 0x1A]),
        ["small typed selects"] = size => Body([0x00, .. Many([0x1C, 1, 0x7F], size)]),
        ["blocks"] = size => Body(Many([0x02, 0x40, 0x0B], size)),
        ["nested blocks"] = size => Body([.. Many([0x02, 0x40], size * 2 / 3), .. Many([0x0B], size / 3)]),
        ["nested blocks of a wide type"] = size => Code(WideType(Wide), [0, 0x00, .. Many([0x02, 0], size * 2 / 3), .. Many([0x0B], size / 3), 0x0B]),
        ["calls of a wide type"] = size => Code(WideType(Wide), [0, 0x00, .. Many([0x10, 0], size), 0x0B]),
        ["unreachable calls of a wide type"] = size => Code(WideType(Wide), [0, .. Many([0x00, 0x10, 0], size), 0x0B]),
    };

    /// <summary>Once in a while one of them, of at most a megabyte; sometimes with a byte damaged, which may close it or spoil its end.</summary>
    public static byte[]? Now(FuzzRandom random) => DenseInput.Now(Shapes.Values, random);

    private static byte[] Module(params byte[][] sections) => [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, .. sections.SelectMany(bytes => bytes)];

    private static byte[] Section(int id, byte[] content) => [(byte)id, .. SizedRegions.Leb((ulong)content.Length), .. content];

    private static byte[] Types(byte[] type) => Section(SectionId.Type, [1, .. type]);

    private static byte[] WideType(int results) => [0x60, .. Vector([0x7F], Wide), .. Vector([0x7F], results)];

    private static byte[] Many(byte[] bytes, int size) => [.. Enumerable.Repeat(bytes, Math.Max(1, size / bytes.Length)).SelectMany(part => part)];

    /// <summary>A count, and so many elements as <paramref name="size"/> bytes hold; <paramref name="bytes"/> may be several of them.</summary>
    private static byte[] Vector(byte[] bytes, int size, int unit = 0)
    {
        var content = size == 0 ? [] : Many(bytes, size);
        return [.. SizedRegions.Leb((ulong)(content.Length / (unit == 0 ? bytes.Length : unit))), .. content];
    }

    private static byte[] Repeated(int id, byte[] entity, int size) => Section(id, Vector(entity, size));

    private static byte[] Functions(byte[] type, byte[] body, int count)
    {
        byte[] sized = [.. SizedRegions.Leb((ulong)body.Length), .. body];
        return Module(Types(type), Repeated(SectionId.Function, [0], count), Repeated(SectionId.Code, sized, count * sized.Length));
    }

    private static byte[] Code(byte[] type, byte[] body) => Functions(type, body, 1);

    private static byte[] Body(byte[] instructions) => Code(EmptyType, [0, .. instructions, 0x0B]);

    private static byte[] Exports(int size)
    {
        var content = new List<byte>();
        var count = size / 8;
        for (var i = 0; i < count; i++)
        {
            content.AddRange([5, .. i.ToString("x5", System.Globalization.CultureInfo.InvariantCulture).Select(c => (byte)c), 0, 0]);
        }

        return Module(Types(EmptyType), Section(SectionId.Import, [1, 0, 0, 0, 0]), Section(SectionId.Export, [.. SizedRegions.Leb((ulong)count), .. content]));
    }
}
