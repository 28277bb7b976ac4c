namespace Pulse.Build.Engine.Elf;

/// <summary>Numbers of the ELF format, 32-bit little-endian, and of its Arm supplement.</summary>
/// <remarks>"ELF for the Arm Architecture" (AAELF32), "Addenda to, and Errata in, the ABI for the Arm Architecture" for the build attributes.</remarks>
internal static class ElfNative
{
    public const int HeaderSize = 52;
    public const int ProgramHeaderSize = 32;
    public const int SectionHeaderSize = 40;
    public const int SymbolSize = 16;
    public const int RelocationSize = 8;

    public const ushort MachineArm = 40;
    public const uint FlagsEabi5 = 0x0500_0000;
    public const uint FlagsSoftFloat = 0x200;
    public const ushort TypeRelocatable = 1;
    public const ushort TypeExecutable = 2;

    public const uint SegmentLoad = 1;

    public const ushort SectionUndefined = 0;
    public const ushort SectionReservedFirst = 0xFF00;
    public const ushort SectionAbsolute = 0xFFF1;
    public const ushort SectionCommon = 0xFFF2;

    /// <summary>Bytes 0x7F, E, L, F; class 32; little-endian; version 1.</summary>
    public static ReadOnlySpan<byte> Identification => [0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}

/// <summary>Section types (SHT_).</summary>
internal enum SectionType : uint
{
    Null = 0, ProgBits = 1, SymbolTable = 2, StringTable = 3, RelA = 4, Note = 7, NoBits = 8, Rel = 9, Group = 17, ArmExceptionIndex = 0x7000_0001, ArmAttributes = 0x7000_0003,
}

/// <summary>Section flags (SHF_).</summary>
[Flags]
internal enum SectionFlags : uint
{
    None = 0, Write = 1, Allocate = 2, Execute = 4, Merge = 0x10, Strings = 0x20, InfoLink = 0x40, Group = 0x200,
}

/// <summary>Segment permissions (PF_).</summary>
[Flags]
internal enum SegmentFlags : uint { None = 0, Execute = 1, Write = 2, Read = 4 }

/// <summary>Symbol bindings (STB_).</summary>
internal enum SymbolBinding : byte { Local = 0, Global = 1, Weak = 2 }

/// <summary>Symbol types (STT_).</summary>
internal enum SymbolType : byte { None = 0, Object = 1, Function = 2, Section = 3, File = 4 }

/// <summary>Relocations of Arm (R_ARM_), those that Thumb code and its data need. S symbol, A addend in place, P place, T Thumb bit.</summary>
internal enum RelocationType : byte
{
    None = 0,

    /// <summary>(S + A) | T in a word.</summary>
    Abs32 = 2,

    /// <summary>((S + A) | T) - P in a word.</summary>
    Rel32 = 3,

    /// <summary>((S + A) | T) - P in BL.</summary>
    ThumbCall = 10,

    /// <summary>((S + A) | T) - P in B.W.</summary>
    ThumbJump24 = 30,

    /// <summary>Abs32 or Rel32 as the platform says; here Abs32.</summary>
    Target1 = 38,

    /// <summary>((S + A) | T) in the immediate of MOVW, no overflow check.</summary>
    ThumbMovwAbs = 47,

    /// <summary>(S + A) &gt;&gt; 16 in the immediate of MOVT.</summary>
    ThumbMovtAbs = 48,
}
