using System.Collections.Immutable;
using System.Numerics;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Firmware;

/// <summary>A range of memory.</summary>
internal readonly record struct MemoryRange(uint Origin, uint Size)
{
    /// <summary>The first address behind it.</summary>
    public uint End => Origin + Size;
}

/// <summary>What the linker must know of a board.</summary>
/// <param name="Name">Name as projects and QEMU write it.</param>
/// <param name="Chip">The microcontroller.</param>
/// <param name="Core">Target that its code is lowered to.</param>
/// <param name="Flash">Where code and constants are.</param>
/// <param name="Ram">Where variables and the stack are.</param>
/// <param name="Uart">The UART that a terminal is attached to, for documentation and templates.</param>
/// <param name="PriorityBits">Bits of a priority that the chip has; an emulator may have more.</param>
/// <param name="Interrupts">Names of the external interrupts from 0 on, one string, <c>-</c> where the chip has none.</param>
internal sealed record Board(string Name, string Chip, string Core, MemoryRange Flash, MemoryRange Ram, string Uart, int PriorityBits, string[] Interrupts)
{
    /// <summary>Entries of the vector table: the stack pointer, 15 exceptions, the external interrupts.</summary>
    public int VectorCount => InterruptVectors.FirstExternal + Interrupts.Length;

    /// <summary>RAM that a project adds to the board's.</summary>
    public ImmutableArray<MemoryRange> AddedRam { get; init; } = [];

    /// <summary>The board without the last <paramref name="bytes"/> of RAM, whole words.</summary>
    public Board WithoutRam(uint bytes) => this with { Ram = Ram with { Size = Ram.Size - Math.Min((uint)Math.Min((bytes + 3L) & ~3L, uint.MaxValue), Ram.Size) } };

    /// <summary>The board with what is left of its flash behind <paramref name="offset"/> bytes; PULSE4062 where no vector table can stand.</summary>
    public Board From(uint offset)
    {
        // VTOR holds no lower bits, and those that number a vector may not carry.
        var alignment = BitOperations.RoundUpToPowerOf2((uint)Math.Max(VectorCount * 4, 128));
        return offset % alignment == 0 && offset < Flash.Size
            ? this with { Flash = new(Flash.Origin + offset, Flash.Size - offset) }
            : throw new DiagnosticException(DiagnosticId.PULSE4062, Location.None, offset, Name, alignment, Flash.Size);
    }
}
