using System.Buffers.Binary;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Tests.Codegen;

/// <summary>
/// An object in the memory of an emulated Cortex-M. Undefined functions log their first argument, return it times three, and leave
/// rubbish in every register that a call may change.
/// </summary>
internal sealed class ThumbMachine : IDisposable
{
    private const uint CodeBase = 0x1_0000, DataBase = 0x2000_0000, StackTop = 0x3001_0000, LogPointer = 0x3002_0000, ReturnAddress = 0x4000_0000;
    private readonly nint _engine;
    private readonly ElfObject _object;

    /// <summary>Loads <paramref name="source"/>.</summary>
    public ThumbMachine(ElfObject source)
    {
        _object = source;
        Assert.AreEqual(0, Unicorn.Open(Unicorn.ArchArm, Unicorn.ModeThumbM, out _engine));
        foreach (var (address, size) in new[] { (CodeBase, 0x10_0000u), (DataBase, 0x40_0000u), (0x3000_0000u, 0x4_0000u), (ReturnAddress, 0x1000u) })
        {
            Assert.AreEqual(0, Unicorn.Map(_engine, address, size, Unicorn.ProtectAll));
        }

        source.Sections.RemoveAll(section => section.Name == ".text.observer");
        var observer = source.AddCode("observer", [.. Observer().Bytes]);
        foreach (var symbol in source.Symbols.Where(symbol => symbol.IsUndefined).ToList())
        {
            source.DefineFunction(symbol.Name, observer, 0, observer.Size);
        }

        Place();
    }

    /// <summary>What undefined functions were called with since the last call.</summary>
    public IEnumerable<int> Log
    {
        get
        {
            var end = BinaryPrimitives.ReadUInt32LittleEndian(Read(LogPointer, 4));
            for (var at = LogPointer + 4; at < end; at += 4)
            {
                yield return BinaryPrimitives.ReadInt32LittleEndian(Read(at, 4));
            }
        }
    }

    /// <summary>Calls a function with words in r0 to r3 and on the stack; the trap's number, or null when it returned.</summary>
    public int? Call(string name, IReadOnlyList<uint?> registers, IReadOnlyList<uint> stack, out uint[] results, out bool ended)
    {
        Write(LogPointer, BitConverter.GetBytes(LogPointer + 4));
        var sp = StackTop - 4096 - (uint)(stack.Count * 4 + 7 & ~7);
        for (var i = 0; i < stack.Count; i++)
        {
            Write(sp + (uint)i * 4, BitConverter.GetBytes(stack[i]));
        }

        for (var i = 0; i < 13; i++)
        {
            var value = i < registers.Count && registers[i] is { } word ? word : 0xDEAD_0000u + (uint)i;
            Assert.AreEqual(0, Unicorn.WriteRegister(_engine, Unicorn.R0 + i, value));
        }

        Unicorn.WriteRegister(_engine, Unicorn.Sp, sp);
        Unicorn.WriteRegister(_engine, Unicorn.Lr, ReturnAddress | 1);
        var status = Unicorn.Start(_engine, AddressOf(name) | 1, ReturnAddress, 0, 3_000_000);
        Unicorn.ReadRegister(_engine, Unicorn.Pc, out var pc);
        results = [.. Enumerable.Range(0, 4).Select(i => Register(Unicorn.R0 + i))];
        ended = status != 0 || pc == ReturnAddress;
        if (status == 0 || pc == ReturnAddress)
        {
            CheckKept(ended, sp);
            return null;
        }

        var code = BinaryPrimitives.ReadUInt16LittleEndian(Read(pc, 2));
        Assert.AreEqual(0xDE00, code & 0xFF00, $"{name} stops with error {status} at {pc:x}, not at a udf");
        return code & 0xFF;
    }

    /// <summary>Bytes of a variable of the object.</summary>
    public byte[] Variable(string symbol, int size) => Read(AddressOf(symbol), size);

    public void Dispose() => _ = Unicorn.Close(_engine);

    private void CheckKept(bool ended, uint sp)
    {
        for (var i = 4; i < 12 && ended; i++)
        {
            Assert.AreEqual(0xDEAD_0000u + (uint)i, Register(Unicorn.R0 + i), $"r{i} is kept");
        }

        Assert.IsTrue(!ended || Register(Unicorn.Sp) == sp, "the stack pointer is kept");
    }

    private uint Register(int register)
    {
        Unicorn.ReadRegister(_engine, register, out var value);
        return value;
    }

    private uint AddressOf(string name)
    {
        var symbol = _object.Symbols.First(symbol => symbol.Name == name && !symbol.IsUndefined);
        return symbol.Section!.Address + (symbol.Value & ~1u);
    }

    private byte[] Read(ulong address, int size)
    {
        var bytes = new byte[size];
        Assert.AreEqual(0, Unicorn.Read(_engine, address, bytes, (nuint)size), $"{address:x} can be read");
        return bytes;
    }

    private void Write(ulong address, ReadOnlySpan<byte> bytes) => Assert.AreEqual(0, Unicorn.Write(_engine, address, bytes, (nuint)bytes.Length));

    private static AssembledCode Observer()
    {
        var assembler = new Assembler();
        assembler.Constant(Engine.Thumb.Register.R1, LogPointer);
        assembler.Emit(Instructions.Memory(Operation.Ldr, Engine.Thumb.Register.R2, Engine.Thumb.Register.R1, 0));
        assembler.Emit(Instructions.Memory(Operation.Str, Engine.Thumb.Register.R0, Engine.Thumb.Register.R2, 4, Form.PostIndexed));
        assembler.Emit(Instructions.Memory(Operation.Str, Engine.Thumb.Register.R2, Engine.Thumb.Register.R1, 0));
        assembler.Emit(Instructions.Binary(Operation.Add, Engine.Thumb.Register.R0, Engine.Thumb.Register.R0, Engine.Thumb.Register.R0, ShiftKind.Lsl, 1));
        assembler.Constant(Engine.Thumb.Register.R3, 0xBAD0_BAD0);
        assembler.Emit(Instructions.Move(Engine.Thumb.Register.R12, Engine.Thumb.Register.R3));
        assembler.Emit(Instructions.BranchTo(Operation.Bx, Engine.Thumb.Register.LR));
        return assembler.Assemble();
    }

    private void Place()
    {
        var (code, data) = (CodeBase, DataBase);
        foreach (var section in _object.Sections.Where(section => section.IsAllocated))
        {
            ref var next = ref (section.Flags & SectionFlags.Write) != 0 ? ref data : ref code;
            section.Address = (next + 15) & ~15u;
            next = section.Address + section.Size;
        }

        foreach (var section in _object.Sections.Where(section => section.IsAllocated && section.Type != SectionType.NoBits))
        {
            var content = section.Content.ToArray();
            foreach (var relocation in section.Relocations)
            {
                RelocationPatcher.Apply(content, section, relocation, relocation.Symbol.Section is null
                    ? AddressOf(relocation.Symbol.Name) | 1
                    : relocation.Symbol.Section.Address + relocation.Symbol.Value);
            }

            Write(section.Address, content);
        }
    }
}
