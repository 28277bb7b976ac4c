using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Handles;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// Gives back what a call lent: walks the arguments, which were checked when they were lifted, once more. The caller did not run
/// in between, so they are what they were.
/// </summary>
/// <remarks>CanonicalABI.md <c>Subtask.deliver_resolve</c></remarks>
internal sealed class Lends(CodeBuilder code, HandleTable table, MemoryId? memory)
{
    /// <summary>Gives back the borrows in a value of <paramref name="type"/>.</summary>
    public void EndLend(ComponentType type, Operand from)
    {
        if (!type.Any(part => part.Kind == TypeKind.Borrow))
        {
            return;
        }

        if (type.Kind == TypeKind.Borrow)
        {
            Load(from, Opcode.I32Load);
            code.Call(table.EndLend());
        }
        else if (type.IsRecord)
        {
            for (var i = 0; i < type.Members.Length; i++)
            {
                EndLend(type.Members[i].Type!, from.Field(type, i));
            }
        }
        else if (type.IsVariant)
        {
            for (var i = 0; i < type.Members.Length; i++)
            {
                if (type.Members[i].Type is { } payload)
                {
                    Load(from, type.Layout.TagBytes == 1 ? Opcode.I32Load8U : type.Layout.TagBytes == 2 ? Opcode.I32Load16U : Opcode.I32Load);
                    code.I32(i).Op(Opcode.I32Eq).If(() => EndLend(payload, from.Payload(type)));
                }
            }
        }
        else if (type.IsFixedList)
        {
            for (var i = 0; i < type.Length; i++)
            {
                EndLend(type.Element!, from.Element(type, i));
            }
        }
        else
        {
            List(type.Element!, from);
        }
    }

    private void List(ComponentType element, Operand from)
    {
        var (read, left) = (code.Local(), code.Local());
        Load(from, Opcode.I32Load);
        code.Set(read);
        Load(from is MemoryOperand at ? at with { Offset = at.Offset + 4 } : new FlatOperand(((FlatOperand)from).Locals[1..]), Opcode.I32Load);
        code.Set(left).Loop(() =>
        {
            code.Get(left).Op(Opcode.I32Eqz).BranchIf(1);
            EndLend(element, new MemoryOperand(memory!.Value, read, 0));
            code.Add(read, element.Layout.Size).Add(left, -1).Branch(0);
        });
    }

    private void Load(Operand from, Opcode load)
    {
        if (from is MemoryOperand place)
        {
            code.Get(place.Address).Access(load, place.Memory, place.Offset);
            return;
        }

        var local = ((FlatOperand)from).Locals[0];
        code.Get(local);
        ScalarRules.Coerce(code, code.TypeOf(local), ValType.I32);
    }
}
