using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Tests.Codegen;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// A linked image on an emulated Cortex-M3 that can be stopped between any two instructions, those of an IT block too, and entered by an
/// exception there as the processor does it: eight words and the alignment on the stack, and the same back.
/// </summary>
/// <remarks>
/// A load or store of several registers is not interrupted in its middle, which the processor may do: it begins such an instruction anew, and
/// that shows only where it accesses devices. The emulator's exclusive monitor knows nothing of our exceptions and snapshots: they clear it, or
/// load again. The value in LR is an address of ours instead of 0xFFFFFFF9: a handler can only go there.
/// </remarks>
internal sealed unsafe class CortexM : IDisposable
{
    /// <summary>Where the entry and handlers return to: always the same, as the emulator does not look for a new end in code that it has translated.</summary>
    public const uint End = 0x6000_0000;

    /// <summary>Instructions after which a run is endless.</summary>
    private const int MostInstructions = 200_000;

    private const uint Devices = 0x4000_0000, DevicesSize = 0x4_0000, SystemSpace = 0xE000_E000, Page = 0x1000;
    private const byte Paint = 0xA5;
    private const int Sp = 13, Lr = 14, Pc = 15;

    /// <summary>Where a <c>clrex</c> is for us to run.</summary>
    private const uint ClearMonitor = End + Page;
    private static readonly int[] Numbers = [.. Enumerable.Range(Unicorn.R0, 13), Unicorn.Sp, Unicorn.Lr, Unicorn.Pc];

    private readonly nint _engine;
    private readonly byte* _ram;
    private readonly uint _ramSize;
    private readonly Board _board;
    private readonly ElfImage _image;
    private readonly int _used;

    /// <summary>Address of the exclusive load that the monitor knows of and that a store of the same pass has not ended.</summary>
    private uint? _exclusive;

    /// <summary>Loads <paramref name="elf"/> and runs it up to its export <paramref name="entry"/>.</summary>
    public CortexM(ReadOnlyMemory<byte> elf, Board board, string entry)
    {
        (_board, _image) = (board, ElfReader.ReadImage(elf, "image.elf"));
        Assert.AreEqual(0, Unicorn.Open(Unicorn.ArchArm, Unicorn.ModeThumbM, out _engine));
        _ramSize = (board.Ram.Size + Page - 1) & ~(Page - 1);
        _ram = (byte*)NativeMemory.AlignedAlloc(_ramSize, Page);
        Assert.AreEqual(0, Unicorn.MapOwn(_engine, board.Ram.Origin, _ramSize, Unicorn.ProtectAll, (nint)_ram));
        foreach (var (address, size) in new[] { (board.Flash.Origin, board.Flash.Size), (Devices, DevicesSize), (SystemSpace, Page), (ClearMonitor, Page) })
        {
            Assert.AreEqual(0, Unicorn.Map(_engine, address, (size + Page - 1) & ~(Page - 1), Unicorn.ProtectAll));
        }

        foreach (var segment in _image.Segments.Where(segment => segment.Content.Length > 0))
        {
            Assert.AreEqual(0, Unicorn.Write(_engine, segment.LoadAddress, segment.Content.Span, (nuint)segment.Content.Length));
        }

        Assert.AreEqual(0, Unicorn.Write(_engine, ClearMonitor, [0xBF, 0xF3, 0x2F, 0x8F], 4));
        new Span<byte>(_ram, (int)_ramSize).Fill(Paint);
        Span<byte> vectors = stackalloc byte[8];
        _ = Unicorn.Read(_engine, board.Flash.Origin, vectors, 8);
        StackTop = BinaryPrimitives.ReadUInt32LittleEndian(vectors);
        _used = (int)(AddressOf(LinkerSymbols.BssEnd) - board.Ram.Origin);
        Registers = new uint[16];
        for (var i = 0; i < 13; i++)
        {
            Registers[i] = 0xDEAD_0000u + (uint)i;
        }

        (Registers[Sp], Registers[Lr], Registers[Pc]) = (StackTop, uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(vectors[4..]) & ~1u);
        Continue(AddressOf(entry), MostInstructions);
        Assert.AreEqual(AddressOf(entry), Registers[Pc], "start-up reaches the entry");
        Registers[Lr] = End | 1;
    }

    /// <summary>R0 to R12, SP, LR, PC.</summary>
    public uint[] Registers { get; private set; }

    /// <summary>Flags in the upper five bits, as in xPSR; what is left of an IT block is <see cref="Block"/>.</summary>
    public uint Flags { get; private set; }

    /// <summary>The state of the IT block that the next instruction is in; 0 outside.</summary>
    public byte Block { get; private set; }

    /// <summary>The word xPSR: flags, Thumb, IT block.</summary>
    private uint Status => Flags | 1u << 24 | (Block & 3u) << 25 | ((uint)Block >> 2) << 10;

    /// <summary>Whether interrupts are disabled.</summary>
    public bool IsMasked { get; private set; }

    /// <summary>Address of the next instruction.</summary>
    public uint At => Registers[Pc];

    /// <summary>Bytes of the machine stack that were ever written.</summary>
    public uint StackUsed
    {
        get
        {
            var stack = new ReadOnlySpan<byte>(_ram, (int)(StackTop - _board.Ram.Origin));
            var unused = stack.IndexOfAnyExcept(Paint);
            return (uint)(unused < 0 ? 0 : stack.Length - unused);
        }
    }

    /// <summary>The stack pointer's first value.</summary>
    public uint StackTop { get; }

    /// <summary>Address of a symbol, without the bit that says Thumb.</summary>
    public uint AddressOf(string symbol) => (_image.Symbols.FirstOrDefault(s => s.Name == symbol) ?? throw new AssertFailedException($"the image has no {symbol}")).Value & ~1u;

    /// <summary>Whether the image has a symbol.</summary>
    public bool Has(string symbol) => _image.Symbols.Exists(s => s.Name == symbol);

    /// <summary>Bytes of RAM.</summary>
    public ReadOnlySpan<byte> Ram(uint address, int size) => new(_ram + (address - _board.Ram.Origin), size);

    /// <summary>Writes bytes of RAM.</summary>
    public void Fill(uint address, int size, byte value) => new Span<byte>(_ram + (address - _board.Ram.Origin), size).Fill(value);

    /// <summary>Everything that a run changes.</summary>
    public Snapshot Save() => new([.. Registers], Flags, Block, IsMasked, _exclusive, new Span<byte>(_ram, _used).ToArray());

    /// <summary>The state of a moment before.</summary>
    public void Restore(Snapshot snapshot)
    {
        snapshot.Registers.CopyTo(Registers.AsSpan());
        (Flags, Block, IsMasked) = (snapshot.Flags, snapshot.Block, snapshot.IsMasked);
        snapshot.Ram.CopyTo(new Span<byte>(_ram, _used));
        Monitor(snapshot.Exclusive);
    }

    /// <summary>Runs to <see cref="End"/>; fails when a trap or something endless comes before.</summary>
    public void RunToEnd()
    {
        for (var guard = 0; Block != 0 && guard < 4; guard++)
        {
            Step();
        }

        Continue(End, MostInstructions);
        _exclusive = null;
        Assert.AreEqual(End, At, $"the run stops at {At:x}");
    }

    /// <summary>Runs some instructions; false at the end, at a trap, and where the program leaves through semihosting, whose other calls are answered by 0.</summary>
    public bool Advance(int instructions)
    {
        const ushort Semihosting = 0xBEAB;
        const uint Exit = 0x18, ExitExtended = 0x20;
        Run(End, instructions, out var status);
        if (status == 0 || At == End)
        {
            return At != End;
        }

        if (CodeAt(At) != Semihosting || Registers[0] is Exit or ExitExtended)
        {
            return false;
        }

        (Registers[0], Registers[Pc]) = (0, At + 2);
        return true;
    }

    /// <summary>Puts a word into what is a device on the chip and plain memory here.</summary>
    public void Preset(uint address, uint value) => Assert.AreEqual(0, Unicorn.Write(_engine, address, BitConverter.GetBytes(value), 4));

    /// <summary>One instruction; those of an IT block that do nothing count too.</summary>
    public void Step()
    {
        var code = CodeAt(At);
        var isIt = (code & 0xFF00) == 0xBF00 && (code & 0xF) != 0;
        if (Block == 0 && isIt)
        {
            (Block, Registers[Pc]) = ((byte)code, At + 2);
            return;
        }

        if (Block != 0 && !Holds(Block >> 4))
        {
            Registers[Pc] += code >> 11 >= 0b11101 ? 4u : 2;
            Block = Advance(Block);
            return;
        }

        if (Decoder.TryDecode(((uint)code << 16) | CodeAt(At + 2), wide: true, Block != 0, out var instruction, out _))
        {
            _exclusive = instruction.Operation switch
            {
                Operation.Ldrex or Operation.Ldrexb or Operation.Ldrexh => At,
                Operation.Strex or Operation.Strexb or Operation.Strexh or Operation.Clrex => null,
                _ => _exclusive,
            };
        }

        var rest = Advance(Block);
        Block = (byte)(Block == 0 ? 0 : (Block & 0xF0) | 8);
        Continue(End, 1);
        Block = rest;
    }

    /// <summary>
    /// Exception entry here, and the handler at <paramref name="handler"/>; <paramref name="inside"/> runs it (by default to its end). What the
    /// processor does not save has to be as it was, and what it does save comes back from the stack.
    /// </summary>
    public void Interrupt(uint handler, Action? inside = null)
    {
        Assert.IsFalse(IsMasked, "interrupts are enabled");
        var before = Save();
        var padding = Registers[Sp] & 4;
        var frame = Registers[Sp] - padding - 32;
        Assert.IsTrue(frame >= _board.Ram.Origin && frame <= StackTop, $"the frame of an exception at {At:x} would lie outside of RAM");
        var status = Status | (padding << 7);
        uint[] words = [Registers[0], Registers[1], Registers[2], Registers[3], Registers[12], Registers[Lr], Registers[Pc], status];
        var stacked = MemoryMarshal.AsBytes(words.AsSpan());
        var place = new Span<byte>(_ram + (frame - _board.Ram.Origin), stacked.Length);
        stacked.CopyTo(place);
        (Registers[Sp], Registers[Lr], Registers[Pc], Block) = (frame, End | 1, handler, 0);
        Monitor(null);
        if (inside is null)
        {
            RunToEnd();
        }
        else
        {
            inside();
        }

        Assert.AreEqual(frame, Registers[Sp], "the handler keeps the stack pointer");
        Assert.IsTrue(place.SequenceEqual(stacked), "the handler keeps the frame of the exception");
        Assert.IsFalse(IsMasked, "the handler leaves interrupts enabled");
        for (var i = 4; i < 12; i++)
        {
            Assert.AreEqual(before.Registers[i], Registers[i], $"the handler keeps r{i}");
        }

        before.Registers.CopyTo(Registers.AsSpan());
        (Flags, Block) = (before.Flags, before.Block);
        Monitor(null);
    }

    public void Dispose()
    {
        _ = Unicorn.Close(_engine);
        NativeMemory.AlignedFree(_ram);
    }

    /// <summary>Clears the emulator's exclusive monitor, or makes it what it is after the load at <paramref name="exclusive"/>, whose base register still is what it was.</summary>
    private void Monitor(uint? exclusive)
    {
        uint[] registers = [.. Registers];
        var (flags, block) = (Flags, Block);
        (Registers[Pc], Block, _exclusive) = (exclusive ?? ClearMonitor, 0, exclusive);
        Continue(End, 1);
        (Registers, Flags, Block) = (registers, flags, block);
    }

    private static byte Advance(byte block) => (byte)((block & 7) == 0 ? 0 : (block & 0xE0) | ((block << 1) & 0x1F));

    private bool Holds(int condition)
    {
        var (n, z, c, v) = ((Flags & 1u << 31) != 0, (Flags & 1 << 30) != 0, (Flags & 1 << 29) != 0, (Flags & 1 << 28) != 0);
        var holds = (condition >> 1) switch
        {
            0 => z,
            1 => c,
            2 => n,
            3 => v,
            4 => c && !z,
            5 => n == v,
            6 => n == v && !z,
            _ => true,
        };
        return condition >= 14 || holds == ((condition & 1) == 0);
    }

    private ushort CodeAt(uint address)
    {
        Span<byte> bytes = stackalloc byte[2];
        Assert.AreEqual(0, Unicorn.Read(_engine, address, bytes, 2), $"nothing is at {address:x}");
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    private void Continue(uint until, int most)
    {
        Run(until, most, out var status);
        Assert.IsTrue(status == 0 || At == End, $"error {status} at {At:x}");
    }

    private void Run(uint until, int most, out int status)
    {
        for (var i = 0; i < 16; i++)
        {
            _ = Unicorn.WriteRegister(_engine, Numbers[i], i == Pc ? Registers[i] | 1 : Registers[i]);
        }

        _ = Unicorn.WriteRegister(_engine, Unicorn.Xpsr, Status);
        _ = Unicorn.WriteRegister(_engine, Unicorn.PriMask, IsMasked ? 1u : 0);
        status = Unicorn.Start(_engine, Registers[Pc] | 1, until, 0, (nuint)most);
        for (var i = 0; i < 16; i++)
        {
            _ = Unicorn.ReadRegister(_engine, Numbers[i], out Registers[i]);
        }

        Registers[Pc] &= ~1u;
        _ = Unicorn.ReadRegister(_engine, Unicorn.Xpsr, out var xpsr);
        _ = Unicorn.ReadRegister(_engine, Unicorn.PriMask, out var mask);
        (Flags, IsMasked, Block) = (xpsr & 0xF800_0000, (mask & 1) != 0, 0);
    }
}

/// <summary>Registers, memory and the exclusive monitor of a moment.</summary>
internal sealed record Snapshot(uint[] Registers, uint Flags, byte Block, bool IsMasked, uint? Exclusive, byte[] Ram);
