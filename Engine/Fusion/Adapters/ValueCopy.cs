using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// The one rule by which a value crosses from one component to another: <c>copy(T, from, to)</c>, by recursion over the type. It lifts
/// and lowers in one go, with the specification's traps; what a value points to is copied into memory of the callee's allocator.
/// </summary>
internal sealed class ValueCopy(CodeBuilder code, AdapterRuntime parts, CanonicalContext source, CanonicalContext target)
{
    /// <summary>Copies a value of <paramref name="type"/>.</summary>
    public void Copy(ComponentType type, Operand from, Operand to)
    {
        if (target.IsInPlace && !type.HasHandles)
        {
            PassThrough(from, to);
            return;
        }

        if (ScalarRules.IsScalar(type))
        {
            Scalar(type, from, to);
        }
        else if (from is MemoryOperand && to is MemoryOperand && ScalarRules.IsBytes(type) && type.Layout.Size > 16)
        {
            Bytes(type.Layout.Size, (MemoryOperand)from, (MemoryOperand)to);
        }
        else if (type.IsRecord)
        {
            for (var i = 0; i < type.Members.Length; i++)
            {
                Copy(type.Members[i].Type!, from.Field(type, i), to.Field(type, i));
            }
        }
        else if (type.IsVariant)
        {
            Variant(type, from, to);
        }
        else if (type.IsFixedList)
        {
            FixedList(type, from, to);
        }
        else
        {
            CopyIndirect(type, from, to);
        }
    }

    /// <summary>What has no handles stays as it is; only core values beside one have to move with it.</summary>
    private void PassThrough(Operand from, Operand to)
    {
        if (from is FlatOperand values && to is FlatOperand target)
        {
            for (var i = 0; i < values.Locals.Length; i++)
            {
                code.Get(values.Locals[i]).Set(target.Locals[i]);
            }
        }
    }

    /// <summary>Pushes the scalar of <paramref name="type"/>, as a value of its own flat type and in its range.</summary>
    public void Push(ComponentType type, Operand from) => Push(type, from, false);

    private void Push(ComponentType type, Operand from, bool truncated)
    {
        Load(type, type.Layout.Size, type.Layout.Flat[0], from);
        if (type.HasHandles)
        {
            parts.Resources.Cross(code, type, source, target);
            return;
        }

        if (!truncated || type.Kind is not (TypeKind.U8 or TypeKind.S8 or TypeKind.U16 or TypeKind.S16))
        {
            ScalarRules.Normalise(code, type, from is MemoryOperand);
        }
    }

    private void Scalar(ComponentType type, Operand from, Operand to) =>
        Store(type, type.Layout.Size, type.Layout.Flat[0], to, () => Push(type, from, to is MemoryOperand));

    private void Load(ComponentType type, long bytes, ValType flat, Operand from)
    {
        if (from is MemoryOperand memory)
        {
            code.Get(memory.Address).Access(ScalarRules.Load(type, bytes), memory.Memory, memory.Offset);
            return;
        }

        var local = ((FlatOperand)from).Locals[0];
        code.Get(local);
        ScalarRules.Coerce(code, code.TypeOf(local), flat);
    }

    private void Store(ComponentType type, long bytes, ValType flat, Operand to, Action push)
    {
        if (to is MemoryOperand memory)
        {
            code.Get(memory.Address);
            push();
            code.Access(ScalarRules.Store(type, bytes), memory.Memory, memory.Offset);
            return;
        }

        var local = ((FlatOperand)to).Locals[0];
        push();
        ScalarRules.Coerce(code, flat, code.TypeOf(local));
        code.Set(local);
    }

    private void Bytes(long size, MemoryOperand from, MemoryOperand to)
    {
        Address(to);
        Address(from);
        code.I32(size).Copy(to.Memory, from.Memory);
    }

    private void Address(MemoryOperand place)
    {
        code.Get(place.Address);
        if (place.Offset > 0)
        {
            code.I32(place.Offset).Op(Opcode.I32Add);
        }
    }

    private void Variant(ComponentType type, Operand from, Operand to)
    {
        var tag = code.Local();
        var bytes = type.Layout.TagBytes;
        Load(type, bytes, ValType.I32, from);
        code.Set(tag);
        if (from is FlatOperand || type.Members.Length < 1L << (8 * bytes))
        {
            code.Get(tag).I32(type.Members.Length).Op(Opcode.I32GeU).TrapIf();
        }

        Store(type, bytes, ValType.I32, to, () => code.Get(tag));
        for (var i = 0; i < type.Members.Length; i++)
        {
            if (type.Members[i].Type is { } payload)
            {
                code.Get(tag).I32(i).Op(Opcode.I32Eq).If(() => Copy(payload, from.Payload(type), to.Payload(type)));
            }
        }
    }

    private void FixedList(ComponentType type, Operand from, Operand to)
    {
        if (from is not MemoryOperand source || to is not MemoryOperand target || type.Length <= 4)
        {
            for (var i = 0; i < type.Length; i++)
            {
                Copy(type.Element!, from.Element(type, i), to.Element(type, i));
            }

            return;
        }

        var (read, write, end) = (code.Local(), code.Local(), code.Local());
        Address(source);
        code.Tee(read).I32(type.Layout.Size).Op(Opcode.I32Add).Set(end);
        Address(target);
        code.Set(write);
        Elements(type.Element!, read, write, end);
    }

    /// <summary>Copies elements from the address in <paramref name="read"/> up to the one in <paramref name="end"/>, which is not the same.</summary>
    public void Elements(ComponentType element, int read, int write, int end)
    {
        code.Loop(() =>
        {
            Copy(element, new MemoryOperand(source.Memory!.Value, read, 0), new MemoryOperand(target.Memory!.Value, write, 0));
            code.Add(write, element.Layout.Size);
            code.Get(read).I32(element.Layout.Size).Op(Opcode.I32Add).Tee(read).Get(end).Op(Opcode.I32Ne).BranchIf(0);
        });
    }

    /// <summary>A string or a list: the pair of address and length is replaced by that of a copy.</summary>
    private void CopyIndirect(ComponentType type, Operand from, Operand to)
    {
        var (address, length) = (code.Local(), -1);
        foreach (var (half, isLength) in Halves(from))
        {
            Load(Word, 4, ValType.I32, half);
            if (isLength)
            {
                length = code.Local();
                code.Tee(length);
            }
        }

        if (type.Kind == TypeKind.List)
        {
            code.Call(parts.List(type.Element!, source, target)).Set(address);
        }
        else if (source.Encoding == target.Encoding && source.Encoding != StringEncoding.Latin1Utf16)
        {
            code.Call(parts.SameString(source, target)).Set(address);
        }
        else
        {
            var packed = code.Local(ValType.I64);
            code.Call(parts.Transcoded(source, target)).Tee(packed).Op(Opcode.I32WrapI64).Set(address);
            code.Get(packed).I64(32).Op(Opcode.I64ShrU).Op(Opcode.I32WrapI64).Set(length);
        }

        foreach (var (half, isLength) in Halves(to))
        {
            Store(Word, 4, ValType.I32, half, () => code.Get(isLength ? length : address));
        }
    }

    private static ComponentType Word { get; } = ComponentType.Primitive(TypeKind.U32);

    /// <summary>Where the address and the length of a string or list are.</summary>
    private static (Operand Operand, bool IsLength)[] Halves(Operand place) => place switch
    {
        MemoryOperand memory => [(memory, false), (memory with { Offset = memory.Offset + 4 }, true)],
        _ => [(new FlatOperand(((FlatOperand)place).Locals[..1]), false), (new FlatOperand(((FlatOperand)place).Locals[1..2]), true)],
    };

    /// <summary>New locals for a value of <paramref name="type"/>.</summary>
    public FlatOperand NewFlat(ComponentType type) => new([.. type.Layout.Flat.Select(code.Local)]);
}
