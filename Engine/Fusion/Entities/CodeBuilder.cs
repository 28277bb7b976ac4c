using System.Collections.Immutable;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Entities;

/// <summary>Writes one generated function. Functions and memories are named by node, not by index.</summary>
internal sealed class CodeBuilder
{
    /// <summary>Block type of a block without results.</summary>
    private const int Empty = -0x40;

    private readonly InstructionWriter _writer = new(new ByteWriter());
    private readonly List<ValType> _locals = [];
    private readonly int _parameters;

    /// <summary>A function of type <paramref name="type"/>: its parameters are the first locals.</summary>
    public CodeBuilder(FuncType type) => (Type, _parameters) = (type, type.Parameters.Length);

    /// <summary>The function's type.</summary>
    public FuncType Type { get; }

    /// <summary>A new local, zero at first.</summary>
    public int Local(ValType type = ValType.I32)
    {
        _locals.Add(type);
        return _parameters + _locals.Count - 1;
    }

    /// <summary>The type of <paramref name="local"/>.</summary>
    public ValType TypeOf(int local) => local < _parameters ? Type.Parameters[local] : _locals[local - _parameters];

    public CodeBuilder Get(int local)
    {
        _writer.Op(Opcode.LocalGet, local);
        return this;
    }

    public CodeBuilder Set(int local)
    {
        _writer.Op(Opcode.LocalSet, local);
        return this;
    }

    public CodeBuilder Tee(int local)
    {
        _writer.Op(Opcode.LocalTee, local);
        return this;
    }

    public CodeBuilder I32(long value)
    {
        _writer.I32Const(unchecked((int)value));
        return this;
    }

    public CodeBuilder I64(long value)
    {
        _writer.I64Const(value);
        return this;
    }

    public CodeBuilder Op(Opcode opcode)
    {
        _writer.Op(opcode);
        return this;
    }

    public CodeBuilder Call(FunctionId function)
    {
        _writer.Op(Opcode.Call, function.Index);
        return this;
    }

    /// <summary>Calls <paramref name="function"/>, of the same type, with the parameters.</summary>
    public CodeBuilder Forward(FunctionId function)
    {
        for (var i = 0; i < _parameters; i++)
        {
            Get(i);
        }

        return Call(function);
    }

    public CodeBuilder GetFlag(FlagId flag)
    {
        _writer.Op(Opcode.GlobalGet, flag.Index);
        return this;
    }

    public CodeBuilder SetFlag(FlagId flag, bool value)
    {
        I32(value ? 1 : 0);
        _writer.Op(Opcode.GlobalSet, flag.Index);
        return this;
    }

    public CodeBuilder Branch(int depth)
    {
        _writer.Op(Opcode.Br, depth);
        return this;
    }

    public CodeBuilder BranchIf(int depth)
    {
        _writer.Op(Opcode.BrIf, depth);
        return this;
    }

    /// <summary>A load or store, aligned as its width says.</summary>
    public CodeBuilder Access(Opcode opcode, MemoryId memory, long offset)
    {
        _writer.MemArg(opcode, memory.Index, System.Numerics.BitOperations.Log2((uint)Opcodes.Get(opcode).AccessBytes), (ulong)offset);
        return this;
    }

    /// <summary><c>memory.copy</c>.</summary>
    public CodeBuilder Copy(MemoryId to, MemoryId from)
    {
        _writer.Op(Opcode.MemoryCopy, to.Index, from.Index);
        return this;
    }

    /// <summary><c>memory.size</c>.</summary>
    public CodeBuilder Size(MemoryId memory)
    {
        _writer.Op(Opcode.MemorySize, memory.Index);
        return this;
    }

    /// <summary><c>memory.grow</c>.</summary>
    public CodeBuilder Grow(MemoryId memory)
    {
        _writer.Op(Opcode.MemoryGrow, memory.Index);
        return this;
    }

    /// <summary>Traps when the condition on the stack holds.</summary>
    public CodeBuilder TrapIf() => If(() => Op(Opcode.Unreachable));

    /// <summary>Runs <paramref name="then"/> when the condition on the stack holds.</summary>
    public CodeBuilder If(Action then, Action? otherwise = null)
    {
        _writer.Block(Opcode.If, Empty);
        then();
        if (otherwise is not null)
        {
            Op(Opcode.Else);
            otherwise();
        }

        return Op(Opcode.End);
    }

    /// <summary>A loop around <paramref name="body"/>; a branch of depth 0 in it repeats, one of depth 1 leaves.</summary>
    public CodeBuilder Loop(Action body)
    {
        _writer.Block(Opcode.Block, Empty);
        _writer.Block(Opcode.Loop, Empty);
        body();
        return Op(Opcode.End).Op(Opcode.End);
    }

    /// <summary>Local plus constant, into the local.</summary>
    public CodeBuilder Add(int local, long value) => Get(local).I32(value).Op(Opcode.I32Add).Set(local);

    /// <summary>Traps when the address in <paramref name="local"/> is not a multiple of <paramref name="alignment"/>.</summary>
    public CodeBuilder RequireAlignment(int local, int alignment) =>
        alignment > 1 ? Get(local).I32(alignment - 1).Op(Opcode.I32And).TrapIf() : this;

    /// <summary>Traps when <paramref name="bytes"/> bytes from <paramref name="address"/> on do not lie in <paramref name="memory"/>; both are locals.</summary>
    public CodeBuilder RequireRange(MemoryId memory, int address, int bytes) =>
        Get(address).Op(Opcode.I64ExtendI32U).Get(bytes).Op(Opcode.I64ExtendI32U).Op(Opcode.I64Add)
            .Size(memory).Op(Opcode.I64ExtendI32U).I64(16).Op(Opcode.I64Shl).Op(Opcode.I64GtU).TrapIf();

    /// <summary>Traps when <paramref name="size"/> bytes from the address on do not lie in <paramref name="memory"/>: touches the last one.</summary>
    public CodeBuilder RequireRange(MemoryId memory, int address, long size) =>
        Get(address).Access(Opcode.I32Load8U, memory, size - 1).Op(Opcode.Drop);

    /// <summary>The body.</summary>
    public FunctionBody Finish()
    {
        _writer.End();
        var groups = ImmutableArray.CreateBuilder<LocalGroup>();
        foreach (var type in _locals)
        {
            if (groups.Count > 0 && groups[^1].Type == type)
            {
                groups[^1] = groups[^1] with { Count = groups[^1].Count + 1 };
            }
            else
            {
                groups.Add(new LocalGroup(1, type));
            }
        }

        return new FunctionBody(groups.ToImmutable(), _writer.Output.ToArray());
    }
}
