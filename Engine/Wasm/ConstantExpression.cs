using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm;

/// <summary>A constant expression as encoded, the final <c>end</c> included.</summary>
/// <param name="Code">The instructions.</param>
/// <param name="Offset">Byte offset of <paramref name="Code"/> in its file; 0 for an expression made here.</param>
internal sealed record ConstantExpression(ReadOnlyMemory<byte> Code, int Offset = 0)
{
    /// <summary><c>i32.const</c>.</summary>
    public static ConstantExpression I32(int value) => Make(writer => writer.I32Const(value));

    /// <summary><c>i64.const</c>.</summary>
    public static ConstantExpression I64(long value) => Make(writer => writer.I64Const(value));

    /// <summary><c>f32.const</c> by its bits.</summary>
    public static ConstantExpression F32(uint bits) => Make(writer => writer.F32Const(bits));

    /// <summary><c>f64.const</c> by its bits.</summary>
    public static ConstantExpression F64(ulong bits) => Make(writer => writer.F64Const(bits));

    /// <summary><c>global.get</c>.</summary>
    public static ConstantExpression Global(GlobalIndex global) => Make(writer => writer.Op(Opcode.GlobalGet, global.Index));

    /// <summary><c>ref.func</c>.</summary>
    public static ConstantExpression Function(FuncIndex function) => Make(writer => writer.Op(Opcode.RefFunc, function.Index));

    /// <summary><c>ref.null</c>.</summary>
    public static ConstantExpression Null(ValType type) => Make(writer => writer.RefNull(type));

    /// <summary>The expression that <paramref name="value"/> came from.</summary>
    public static ConstantExpression Of(ConstantValue value) => value switch
    {
        { Type: ValType.I32 } => I32(value.Bits.LowSigned()),
        { Type: ValType.I64 } => I64(value.Bits.ToSigned()),
        { Type: ValType.F32 } => F32((uint)value.Bits),
        { Type: ValType.F64 } => F64(value.Bits),
        { Function: { } function } => Function(function),
        _ => Null(value.Type),
    };

    /// <summary>The expression that <paramref name="emit"/> writes, with <c>end</c> added.</summary>
    public static ConstantExpression Make(Action<InstructionWriter> emit)
    {
        var bytes = new ByteWriter();
        var writer = new InstructionWriter(bytes);
        emit(writer);
        writer.End();
        return new ConstantExpression(bytes.ToArray());
    }

    /// <summary>
    /// The value, when it does not depend on a global that <paramref name="globals"/> does not know. The arithmetic of extended constant
    /// expressions is done. False for a <c>global.get</c> of an unknown global and for an expression that is not valid.
    /// </summary>
    public bool TryEvaluate(out ConstantValue value, Func<GlobalIndex, ConstantValue?>? globals = null)
    {
        var stack = new Stack<ConstantValue>();
        var reader = new InstructionReader(Code.Span, Offset, "");
        value = default;
        while (reader.TryRead(out var instruction) && instruction.Opcode != Opcode.End)
        {
            if (!Step(instruction, stack, globals))
            {
                return false;
            }
        }

        return stack.Count == 1 && stack.TryPop(out value);
    }

    /// <summary>The global, when the expression is a <c>global.get</c> and nothing else.</summary>
    public bool TryGlobal(out GlobalIndex global)
    {
        var reader = new InstructionReader(Code.Span, Offset, "");
        var found = reader.TryRead(out var first) && first.Opcode == Opcode.GlobalGet;
        global = new GlobalIndex(first.A);
        return found && reader.TryRead(out var next) && next.Opcode == Opcode.End;
    }

    /// <summary>The sixteen bytes, the first one lowest, when the expression is a <c>v128.const</c>.</summary>
    public bool TryVector(out UInt128 bytes)
    {
        var reader = new InstructionReader(Code.Span, Offset, "");
        var found = reader.TryRead(out var first) && first.Opcode == Opcode.V128Const;
        bytes = new UInt128(first.High, first.Wide);
        return found && reader.TryRead(out var next) && next.Opcode == Opcode.End;
    }

    private static bool Step(in Instruction instruction, Stack<ConstantValue> stack, Func<GlobalIndex, ConstantValue?>? globals)
    {
        switch (instruction.Opcode)
        {
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const:
                stack.Push(new ConstantValue(instruction.Info.Pushes[0], instruction.Wide));
                return true;
            case Opcode.RefNull:
                stack.Push(new ConstantValue((ValType)instruction.A, 0));
                return true;
            case Opcode.RefFunc:
                stack.Push(new ConstantValue(ValType.FuncRef, 0, new FuncIndex(instruction.A)));
                return true;
            case Opcode.GlobalGet when globals?.Invoke(new GlobalIndex(instruction.A)) is { } known:
                stack.Push(known);
                return true;
            case Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul or Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul:
                return Arithmetic(instruction, stack);
            default:
                return false;
        }
    }

    private static bool Arithmetic(in Instruction instruction, Stack<ConstantValue> stack)
    {
        var type = instruction.Info.Pushes[0];
        if (!stack.TryPop(out var right) || !stack.TryPop(out var left) || left.Type != type || right.Type != type)
        {
            return false;
        }

        var bits = instruction.Opcode switch
        {
            Opcode.I32Add or Opcode.I64Add => unchecked(left.Bits + right.Bits),
            Opcode.I32Sub or Opcode.I64Sub => unchecked(left.Bits - right.Bits),
            _ => unchecked(left.Bits * right.Bits),
        };
        stack.Push(new ConstantValue(type, type == ValType.I32 ? (uint)(bits & uint.MaxValue) : bits));
        return true;
    }
}

/// <summary>The value of a constant expression: bits of a number, zero-extended; a function, or null, for a reference.</summary>
internal readonly record struct ConstantValue(ValType Type, ulong Bits, FuncIndex? Function = null)
{
    /// <summary>Whether it is a null reference.</summary>
    public bool IsNull => Type.IsReference() && Function is null;
}
