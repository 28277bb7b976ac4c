namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="ThumbCompiler"/> made.</summary>
/// <param name="Object">Relocatable ELF, one section a function.</param>
/// <param name="Listing">Disassembly with sizes, wasm functions and offsets.</param>
/// <param name="Header">C declarations of the exports.</param>
/// <param name="Image">The linked image; null for <see cref="OutputKind.Object"/>.</param>
/// <param name="FlashBytes">Bytes of flash: code, constants and the initial image of data.</param>
/// <param name="RamBytes">Bytes of RAM that are laid out: linear memory, globals, tables and the stack reserve.</param>
/// <param name="Stack">The machine stack; null for <see cref="OutputKind.Object"/>.</param>
public sealed record LowerResult(
    ReadOnlyMemory<byte> Object, string Listing, string Header, FirmwareImage? Image, long FlashBytes, long RamBytes, StackUse? Stack = null);

/// <summary>The machine stack of an image.</summary>
/// <param name="Depth">Bytes in the worst case; with recursion, of one round of it.</param>
/// <param name="Reserve">Bytes that are laid out.</param>
public sealed record StackUse(uint Depth, uint Reserve);

/// <summary>A linked image in the formats that debuggers and programmers read.</summary>
/// <param name="Elf">Executable ELF with symbols.</param>
/// <param name="Bin">Flash content from its first byte.</param>
/// <param name="Hex">The same as Intel HEX.</param>
/// <param name="Map">Memory map: regions, sections, symbols, sizes.</param>
public sealed record FirmwareImage(ReadOnlyMemory<byte> Elf, ReadOnlyMemory<byte> Bin, string Hex, string Map);
