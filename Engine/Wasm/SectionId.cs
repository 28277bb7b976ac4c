namespace Pulse.Build.Engine.Wasm;

/// <summary>Ids of the sections, as in the binary format.</summary>
/// <remarks>Core 3.0 #binary-section</remarks>
internal static class SectionId
{
    public const int Custom = 0;
    public const int Type = 1;
    public const int Import = 2;
    public const int Function = 3;
    public const int Table = 4;
    public const int Memory = 5;
    public const int Global = 6;
    public const int Export = 7;
    public const int Start = 8;
    public const int Element = 9;
    public const int Code = 10;
    public const int Data = 11;
    public const int DataCount = 12;
    public const int Tag = 13;

    /// <summary>The order in which sections stand in a module.</summary>
    public static ReadOnlySpan<byte> Order => [Type, Import, Function, Table, Memory, Tag, Global, Export, Start, Element, DataCount, Code, Data];

    private static readonly (int Id, string Name)[] Names =
    [
        (Type, "type"), (Import, "import"), (Function, "func"), (Table, "table"), (Memory, "memory"), (Tag, "tag"), (Global, "global"),
        (Export, "export"), (Start, "start"), (Element, "elem"), (DataCount, "datacount"), (Code, "code"), (Data, "data"),
    ];

    /// <summary>The name that annotations of the text format use.</summary>
    public static string NameOf(int id) => id == Custom ? "first" : Array.Find(Names, row => row.Id == id).Name;

    /// <summary>The section with that name, or null.</summary>
    public static int? FromName(string name) => Array.Find(Names, row => row.Name == name) is { Id: > 0 } row ? row.Id : null;
}
