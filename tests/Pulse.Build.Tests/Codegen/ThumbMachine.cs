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
    /// <summary>Bytes of the largest object that is loaded, code and data each.</summary>
    public const uint Room = 0x800_0000;

    private const uint CodeBase = 0x1_0000, DataBase = 0x2000_0000, StackBase = 0x3000_0000, StackTop = 0x3001_0000, LogPointer = 0x3002_0000, ReturnAddress = 0x4000_0000;
    private const uint Painted = 4096;
    private readonly Dictionary<string, uint?> _depths = new(StringComparer.Ordinal);
    private readonly nint _engine;
    private readonly ElfObject _object;

    /// <summary>Loads <paramref name="source"/>; undefined symbols that <paramref name="variables"/> has are variables with that content.</summary>
    public ThumbMachine(ElfObject source, IReadOnlyDictionary<string, byte[]>? variables = null)
    {
        _object = source;
        Assert.AreEqual(0, Unicorn.Open(Unicorn.ArchArm, Unicorn.ModeThumbM, out _engine));
        source.Sections.RemoveAll(section => section.Name == ".text.observer");
        var observer = source.AddCode("observer", [.. Observer().Bytes]);
        foreach (var symbol in source.Symbols.Where(symbol => symbol.IsUndefined).ToList())
        {
            if (variables?.GetValueOrDefault(symbol.Name) is { } content)
            {
                source.DefineObject(symbol.Name, source.AddData("host." + symbol.Name, content, 8), 0, (uint)content.Length);
            }
            else
            {
                source.DefineFunction(symbol.Name, observer, 0, observer.Size);
            }
        }

        var (code, data) = Place();
        foreach (var (address, size) in new[] { (CodeBase, code), (DataBase, data), (StackBase, 0x4_0000u), (ReturnAddress, 0x1000u) })
        {
            Assert.AreEqual(0, Unicorn.Map(_engine, address, (size + 0xFFFu) & ~0xFFFu, Unicorn.ProtectAll));
        }

        Load();
    }

    /// <summary>The emulator, to watch what runs.</summary>
    public nint Emulator => _engine;

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
        var end = Run(name, registers, stack, 4);
        Assert.AreNotEqual(MachineEndKind.Faulted, end.Kind, $"{name} stops with error {end.Status} at {end.Pc:x}, not at a udf");
        (results, ended) = (end.Words, end.Kind != MachineEndKind.Running);
        return end.Kind == MachineEndKind.Trapped ? end.Trap : null;
    }

    /// <summary>Calls a function; result words beyond four are those after the stack arguments.</summary>
    public MachineEnd Run(string name, IReadOnlyList<uint?> registers, IReadOnlyList<uint> stack, int resultWords, int mostInstructions = 3_000_000)
    {
        Write(LogPointer, BitConverter.GetBytes(LogPointer + 4));
        var argumentBytes = (uint)(stack.Count * 4 + 7 & ~7);
        var sp = StackTop - 4096 - argumentBytes;
        for (var i = 0; i < stack.Count; i++)
        {
            Write(sp + (uint)i * 4, BitConverter.GetBytes(stack[i]));
        }

        for (var i = 0; i < 13; i++)
        {
            var value = i < registers.Count && registers[i] is { } word ? word : 0xDEAD_0000u + (uint)i;
            Assert.AreEqual(0, Unicorn.WriteRegister(_engine, Unicorn.R0 + i, value));
        }

        var paint = new byte[Painted];
        paint.AsSpan().Fill(0xA5);
        Write(sp - Painted, paint);
        Unicorn.WriteRegister(_engine, Unicorn.Sp, sp);
        Unicorn.WriteRegister(_engine, Unicorn.Lr, ReturnAddress | 1);
        var status = Unicorn.Start(_engine, AddressOf(name) | 1, ReturnAddress, 0, (nuint)mostInstructions);
        var pc = Register(Unicorn.Pc);
        var kind = pc == ReturnAddress ? MachineEndKind.Returned : status == 0 ? MachineEndKind.Running : MachineEndKind.Faulted;
        var trap = 0;
        if (kind == MachineEndKind.Faulted && IsCode(pc) && BinaryPrimitives.ReadUInt16LittleEndian(Read(pc, 2)) is var code && (code & 0xFF00) == 0xDE00)
        {
            (kind, trap) = (MachineEndKind.Trapped, code & 0xFF);
        }

        StackUsed = Painted - (uint)Read(sp - Painted, (int)Painted).AsSpan().CommonPrefixLength(paint);
        Assert.IsTrue(DepthOf(name) is not { } depth || StackUsed <= depth, $"{name} uses {StackUsed} bytes of stack, more than was computed");
        CheckKept(kind == MachineEndKind.Returned, sp);
        var words = Enumerable.Range(0, resultWords).Select(i => i < 4 ? Register(Unicorn.R0 + i) : BinaryPrimitives.ReadUInt32LittleEndian(Read(sp + argumentBytes + (uint)(i - 4) * 4, 4)));
        return new(kind, trap, status, pc, kind == MachineEndKind.Returned ? [.. words] : [], Register(Unicorn.Sp) < StackBase + 1024);
    }

    /// <summary>Bytes of stack that the last run wrote.</summary>
    public uint StackUsed { get; private set; }

    /// <summary>Bytes of stack that a function takes as the firmware linker sees it; null where it may call itself.</summary>
    public uint? DepthOf(string name)
    {
        if (!_depths.TryGetValue(name, out var depth))
        {
            var graph = new StackGraph([_object], [.. _object.Sections.Where(section => section.IsAllocated)], new SymbolResolver([(_object, "object")]));
            var root = graph.Of(_object.Symbols.First(symbol => symbol.Name == name && !symbol.IsUndefined).Section!);
            var depths = new StackDepths([root]);
            _depths.Add(name, depth = depths.Cycles.Count == 0 ? depths.Of(root) : null);
        }

        return depth;
    }

    /// <summary>Address of a symbol, without the bit that says Thumb.</summary>
    public uint AddressOf(string name)
    {
        var symbol = _object.Symbols.First(symbol => symbol.Name == name && !symbol.IsUndefined);
        return AddressOf(symbol) & ~1u;
    }

    /// <summary>Address of a symbol as relocations see it.</summary>
    public static uint AddressOf(ElfSymbol symbol) => symbol.Section!.Address + symbol.Value;

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

    private bool IsCode(uint address) => _object.Sections.Exists(section => (section.Flags & SectionFlags.Execute) != 0 && address - section.Address < section.Size);

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

    private (uint Code, uint Data) Place()
    {
        var (code, data) = (CodeBase, DataBase);
        foreach (var section in _object.Sections.Where(section => section.IsAllocated))
        {
            ref var next = ref (section.Flags & SectionFlags.Write) != 0 ? ref data : ref code;
            section.Address = (next + 15) & ~15u;
            next = section.Address + section.Size;
            Assert.IsTrue(code - CodeBase < Room && data - DataBase < Room, "the object has room in the machine");
        }

        return (code - CodeBase + 1, data - DataBase + 1);
    }

    private void Load()
    {
        foreach (var section in _object.Sections.Where(section => section.IsAllocated && section.Type != SectionType.NoBits))
        {
            var content = section.Content.ToArray();
            foreach (var relocation in section.Relocations)
            {
                RelocationPatcher.Apply(content, section, relocation, relocation.Symbol.Section is null
                    ? AddressOf(relocation.Symbol.Name) | 1
                    : AddressOf(relocation.Symbol));
            }

            Write(section.Address, content);
        }
    }
}
