namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>Tags that are looked at.</summary>
/// <remarks>DWARF 5, table 7.3</remarks>
internal enum DwarfTag : uint
{
    CompileUnit = 0x11,
    Subprogram = 0x2E,
    PartialUnit = 0x3C,
}

/// <summary>Attributes that are looked at.</summary>
/// <remarks>DWARF 5, table 7.5</remarks>
internal enum DwarfAttribute : uint
{
    Name = 0x03,
    StatementList = 0x10,
    LowPc = 0x11,
    CompilationDirectory = 0x1B,
    Inline = 0x20,
    AbstractOrigin = 0x31,
    Specification = 0x47,
    LinkageName = 0x6E,
    StringOffsetsBase = 0x72,
    AddressBase = 0x73,
}

/// <summary>How an attribute is encoded.</summary>
/// <remarks>DWARF 5, table 7.6</remarks>
internal enum DwarfForm : uint
{
    Address = 0x01,
    Block2 = 0x03,
    Block4 = 0x04,
    Data2 = 0x05,
    Data4 = 0x06,
    Data8 = 0x07,
    String = 0x08,
    Block = 0x09,
    Block1 = 0x0A,
    Data1 = 0x0B,
    Flag = 0x0C,
    SData = 0x0D,
    StringOffset = 0x0E,
    UData = 0x0F,
    ReferenceSection = 0x10,
    Reference1 = 0x11,
    Reference2 = 0x12,
    Reference4 = 0x13,
    Reference8 = 0x14,
    ReferenceUData = 0x15,
    Indirect = 0x16,
    SectionOffset = 0x17,
    ExpressionLocation = 0x18,
    FlagPresent = 0x19,
    StringIndex = 0x1A,
    AddressIndex = 0x1B,
    ReferenceSupplement4 = 0x1C,
    StringSupplement = 0x1D,
    Data16 = 0x1E,
    LineStringOffset = 0x1F,
    ReferenceSignature = 0x20,
    ImplicitConstant = 0x21,
    LocationListIndex = 0x22,
    RangeListIndex = 0x23,
    ReferenceSupplement8 = 0x24,
    StringIndex1 = 0x25,
    StringIndex2 = 0x26,
    StringIndex3 = 0x27,
    StringIndex4 = 0x28,
    AddressIndex1 = 0x29,
    AddressIndex2 = 0x2A,
    AddressIndex3 = 0x2B,
    AddressIndex4 = 0x2C,
}

/// <summary>What a producer says about inlining a subprogram.</summary>
/// <remarks>DWARF 5, table 7.20</remarks>
internal enum DwarfInline
{
    /// <summary>No attribute, or neither declared nor inlined.</summary>
    None = 0,

    /// <summary>Not declared inline, but the compiler inlined it somewhere. LLVM says this of declared ones too.</summary>
    Inlined = 1,

    /// <summary>Declared inline, not inlined by the compiler.</summary>
    Declared = 2,

    /// <summary>Declared inline and inlined.</summary>
    DeclaredInlined = 3,
}

/// <summary>Opcodes of the line-number program; those from the header's opcode base are special.</summary>
/// <remarks>DWARF 5, tables 7.25 and 7.26</remarks>
internal static class DwarfLineOpcode
{
    public const int Extended = 0;
    public const int Copy = 1;
    public const int AdvancePc = 2;
    public const int AdvanceLine = 3;
    public const int SetFile = 4;
    public const int SetColumn = 5;
    public const int AddConstantPc = 8;
    public const int FixedAdvancePc = 9;

    public const int EndSequence = 1;
    public const int SetAddress = 2;
    public const int DefineFile = 3;

    /// <summary>Content of a version-5 file entry: the path.</summary>
    public const int ContentPath = 1;

    /// <summary>Content of a version-5 file entry: the directory's index.</summary>
    public const int ContentDirectoryIndex = 2;
}
