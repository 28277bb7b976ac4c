using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Appends instructions to one block of a function, or before one instruction of it.</summary>
internal sealed class IrBuilder(Function function)
{
    private Inst _before = Inst.None;

    /// <summary>The function being built.</summary>
    public Function Function { get; } = function;

    /// <summary>Where the next instruction goes, unless <see cref="InsertBefore"/> said otherwise.</summary>
    public Block Block { get; private set; } = function.Entry;

    /// <summary>Byte offset in the source module that new instructions carry, or -1.</summary>
    public int Source { get; set; } = -1;

    /// <summary>Goes on at the end of <paramref name="block"/>.</summary>
    public IrBuilder AtEnd(Block block)
    {
        (Block, _before) = (block, Inst.None);
        return this;
    }

    /// <summary>Goes on before <paramref name="inst"/>.</summary>
    public IrBuilder InsertBefore(Inst inst)
    {
        (Block, _before) = (Function.BlockOf(inst), inst);
        return this;
    }

    /// <summary>Adds any instruction.</summary>
    public Inst Add(in InstSpec spec) => _before.Exists ? Function.InsertBefore(_before, spec) : Function.Append(Block, spec);

    /// <summary>Adds an instruction of a row with fixed operands; its result types come from the table.</summary>
    public Inst Add(Opcode opcode, Immediates immediates, params ReadOnlySpan<Value> arguments) => Add(new InstSpec
    {
        Opcode = opcode,
        Immediates = immediates,
        Arguments = arguments,
        Results = Opcodes.Get(opcode).Pushes.AsSpan(),
        Source = Source,
    });

    /// <summary>The value of a one-result instruction without immediates.</summary>
    public Value Op(Opcode opcode, params ReadOnlySpan<Value> arguments) => Function.Result(Add(opcode, default, arguments));

    /// <summary>An i32 constant.</summary>
    public Value I32(int value) => Function.Result(Add(Opcode.I32Const, new Immediates(Wide: unchecked((uint)value))));

    /// <summary>An i64 constant.</summary>
    public Value I64(long value) => Function.Result(Add(Opcode.I64Const, new Immediates(Wide: unchecked((ulong)value))));

    /// <summary>The zero of <paramref name="type"/>: the initial value of a local.</summary>
    public Value Zero(ValType type) => type switch
    {
        ValType.I32 => I32(0),
        ValType.I64 => I64(0),
        ValType.F32 => Op(Opcode.F32Const),
        ValType.F64 => Op(Opcode.F64Const),
        ValType.V128 => Op(Opcode.V128Const),
        ValType.FuncRef or ValType.ExternRef => Function.Result(Add(new InstSpec
        {
            Opcode = Opcode.RefNull,
            Immediates = new Immediates((int)type),
            Results = [type],
            Source = Source,
        })),
        _ => throw new Support.InvariantException($"a value of type {type} has no zero in the IR"),
    };

    /// <summary>One of two values.</summary>
    public Value Select(Value whenTrue, Value whenFalse, Value condition) => Function.Result(Add(new InstSpec
    {
        Opcode = Opcode.Select,
        Arguments = [whenTrue, whenFalse, condition],
        Results = [Function.TypeOf(whenTrue)],
        Source = Source,
    }));

    /// <summary>A jump.</summary>
    public Inst Jump(Block target, params Value[] arguments) => Add(new InstSpec
    {
        Opcode = Opcode.Br,
        Targets = [new Edge(target, arguments)],
        Source = Source,
    });

    /// <summary>A two-way branch: <paramref name="then"/> when the condition is not zero.</summary>
    public Inst Branch(Value condition, Edge then, Edge otherwise) => Add(new InstSpec
    {
        Opcode = Opcode.BrIf,
        Arguments = [condition],
        Targets = [then, otherwise],
        Source = Source,
    });

    /// <summary>A return.</summary>
    public Inst Return(params ReadOnlySpan<Value> results) => Add(new InstSpec { Opcode = Opcode.Return, Arguments = results, Source = Source });

    /// <summary>A trap.</summary>
    public Inst Unreachable() => Add(new InstSpec { Opcode = Opcode.Unreachable, Source = Source });
}
