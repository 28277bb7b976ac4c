using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm;

/// <summary>Encodes instructions in their shortest form, driven by <see cref="Opcodes"/>.</summary>
internal readonly struct InstructionWriter(ByteWriter output)
{
    /// <summary>Where the bytes go.</summary>
    public ByteWriter Output => output;

    /// <summary>The inverse of <see cref="InstructionReader.TryRead"/>, up to the length of LEB128 integers.</summary>
    public void Write(in Instruction instruction)
    {
        Code(instruction.Opcode);
        switch (instruction.Info.Immediate)
        {
            case ImmediateKind.None:
                break;
            case ImmediateKind.BlockType:
                output.Sleb(instruction.A);
                break;
            case ImmediateKind.Label or ImmediateKind.Function or ImmediateKind.Local or ImmediateKind.Global or ImmediateKind.Table
                or ImmediateKind.Memory or ImmediateKind.Data or ImmediateKind.Element:
                output.Uleb((ulong)instruction.A);
                break;
            case ImmediateKind.TypeTable or ImmediateKind.MemoryMemory or ImmediateKind.DataMemory or ImmediateKind.ElementTable
                or ImmediateKind.TableTable:
                output.Uleb((ulong)instruction.A);
                output.Uleb((ulong)instruction.B);
                break;
            case ImmediateKind.LabelTable:
                LabelTable(instruction.Labels);
                break;
            case ImmediateKind.SelectTypes:
                SelectTypes(instruction.Labels);
                break;
            case ImmediateKind.MemArg or ImmediateKind.AtomicMemArg:
                MemArgument(instruction.A, instruction.B, instruction.Wide);
                break;
            case ImmediateKind.MemArgLane:
                MemArgument(instruction.A, instruction.B, instruction.Wide);
                output.U8((byte)instruction.High);
                break;
            case ImmediateKind.Const32:
                output.Sleb(instruction.Wide.LowSigned());
                break;
            case ImmediateKind.Const64:
                output.Sleb(instruction.Wide.ToSigned());
                break;
            case ImmediateKind.Float32:
                output.U32((uint)instruction.Wide);
                break;
            case ImmediateKind.Float64:
                output.U64(instruction.Wide);
                break;
            case ImmediateKind.Const128 or ImmediateKind.Shuffle:
                output.U64(instruction.Wide);
                output.U64(instruction.High);
                break;
            case ImmediateKind.Lane:
                output.U8((byte)instruction.A);
                break;
            case ImmediateKind.Fence:
                output.U8(0);
                break;
            case ImmediateKind.HeapType:
                output.U8((byte)instruction.A);
                break;
            default:
                throw new InvariantException($"immediate {instruction.Info.Immediate} cannot be written");
        }
    }

    /// <summary>An instruction without immediates.</summary>
    public void Op(Opcode opcode)
    {
        Expect(opcode, Opcodes.Get(opcode).Immediate == ImmediateKind.None);
        Code(opcode);
    }

    /// <summary>An instruction with one index: a label, function, local, global, table, memory or segment.</summary>
    public void Op(Opcode opcode, int index)
    {
        Expect(opcode, Opcodes.Get(opcode).Immediate is ImmediateKind.Label or ImmediateKind.Function or ImmediateKind.Local
            or ImmediateKind.Global or ImmediateKind.Table or ImmediateKind.Memory or ImmediateKind.Data or ImmediateKind.Element);
        Code(opcode);
        output.Uleb((ulong)index);
    }

    /// <summary>An instruction with two indices, in the order of <see cref="ImmediateKind"/>.</summary>
    public void Op(Opcode opcode, int first, int second)
    {
        Expect(opcode, Opcodes.Get(opcode).Immediate is ImmediateKind.TypeTable or ImmediateKind.MemoryMemory or ImmediateKind.DataMemory
            or ImmediateKind.ElementTable or ImmediateKind.TableTable);
        Code(opcode);
        output.Uleb((ulong)first);
        output.Uleb((ulong)second);
    }

    /// <summary><c>i32.const</c>.</summary>
    public void I32Const(int value)
    {
        Code(Opcode.I32Const);
        output.Sleb(value);
    }

    /// <summary><c>i64.const</c>.</summary>
    public void I64Const(long value)
    {
        Code(Opcode.I64Const);
        output.Sleb(value);
    }

    /// <summary><c>f32.const</c> by its bits.</summary>
    public void F32Const(uint bits)
    {
        Code(Opcode.F32Const);
        output.U32(bits);
    }

    /// <summary><c>f64.const</c> by its bits.</summary>
    public void F64Const(ulong bits)
    {
        Code(Opcode.F64Const);
        output.U64(bits);
    }

    /// <summary>A load or store.</summary>
    public void MemArg(Opcode opcode, int memory, int alignLog2, ulong offset)
    {
        Expect(opcode, Opcodes.Get(opcode).Immediate == ImmediateKind.MemArg);
        Code(opcode);
        MemArgument(memory, alignLog2, offset);
    }

    /// <summary><c>br_table</c>.</summary>
    public void BrTable(ReadOnlySpan<int> labels, int defaultLabel)
    {
        Code(Opcode.BrTable);
        BrTableImmediates(labels, defaultLabel);
    }

    /// <summary><c>block</c>, <c>loop</c> or <c>if</c> with its type as <see cref="ImmediateKind.BlockType"/> keeps it.</summary>
    public void Block(Opcode opcode, int blockType)
    {
        Expect(opcode, Opcodes.Get(opcode).Immediate == ImmediateKind.BlockType);
        Code(opcode);
        output.Sleb(blockType);
    }

    /// <summary><c>select</c> with an explicit type.</summary>
    public void Select(ValType type)
    {
        Code(Opcode.SelectTyped);
        output.Uleb(1);
        output.U8((byte)type);
    }

    /// <summary><c>ref.null</c> of <paramref name="type"/>.</summary>
    public void RefNull(ValType type)
    {
        Code(Opcode.RefNull);
        output.U8((byte)type);
    }

    /// <summary><c>end</c>.</summary>
    public void End() => Code(Opcode.End);

    private static void Expect(Opcode opcode, bool holds) =>
        InvariantException.Require(holds, $"{opcode} has other immediates than it is written with");

    private void Code(Opcode opcode)
    {
        var code = (int)opcode;
        if (code < 0x100)
        {
            output.U8((byte)code);
        }
        else
        {
            output.U8((byte)(code >> 16));
            output.Uleb((ulong)(code & 0xFFFF));
        }
    }

    private void LabelTable(int[]? labels)
    {
        InvariantException.Require(labels is { Length: > 0 }, "a br_table has a default label");
        BrTableImmediates(labels.AsSpan(0, labels!.Length - 1), labels[^1]);
    }

    private void BrTableImmediates(ReadOnlySpan<int> labels, int defaultLabel)
    {
        output.Uleb((ulong)labels.Length);
        foreach (var label in labels)
        {
            output.Uleb((ulong)label);
        }

        output.Uleb((ulong)defaultLabel);
    }

    private void SelectTypes(int[]? types)
    {
        output.Uleb((ulong)(types?.Length ?? 0));
        foreach (var type in types ?? [])
        {
            output.U8((byte)type);
        }
    }

    private void MemArgument(int memory, int alignLog2, ulong offset)
    {
        if (memory == 0)
        {
            output.Uleb((ulong)alignLog2);
        }
        else
        {
            output.Uleb((ulong)alignLog2 | 0x40);
            output.Uleb((ulong)memory);
        }

        output.Uleb(offset);
    }
}
