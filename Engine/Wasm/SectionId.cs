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
}
