using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Operand and result types of an instruction.</summary>
internal readonly record struct InstSignature(ImmutableArray<ValType> Operands, ImmutableArray<ValType> Results)
{
    /// <summary>
    /// The types of <paramref name="opcode"/> in <paramref name="module"/>: from the table where the row is fixed, from the module where the
    /// immediates decide. Null for <c>select</c>, <c>ref.is_null</c> and terminators with targets, whose types are their operands'.
    /// </summary>
    public static InstSignature? Of(Module module, Opcode opcode, Immediates immediates)
    {
        var row = Opcodes.Get(opcode);
        if (!row.IsCustom)
        {
            return OfTables(module, opcode, immediates) ?? Fixed(module, row, immediates);
        }

        return opcode switch
        {
            Opcode.Call or Opcode.ReturnCall => OfCall(module.TypeOf(new FuncIndex(immediates.A)), opcode == Opcode.ReturnCall),
            Opcode.CallIndirect => Indirect(module, immediates, isTail: false),
            Opcode.ReturnCallIndirect => Indirect(module, immediates, isTail: true),
            Opcode.GlobalGet => new([], [module.Globals[immediates.A].Type]),
            Opcode.GlobalSet => new([module.Globals[immediates.A].Type], []),
            Opcode.TableGet => new([Index(module, immediates.A)], [module.Tables[immediates.A].ElementType]),
            Opcode.TableSet => new([Index(module, immediates.A), module.Tables[immediates.A].ElementType], []),
            Opcode.TableGrow => new([module.Tables[immediates.A].ElementType, Index(module, immediates.A)], [Index(module, immediates.A)]),
            Opcode.TableFill => new([Index(module, immediates.A), module.Tables[immediates.A].ElementType, Index(module, immediates.A)], []),
            Opcode.RefNull => new([], [(ValType)immediates.A]),
            _ => null,
        };
    }

    /// <summary>The operations of tables whose row is written for 32-bit indices.</summary>
    private static InstSignature? OfTables(Module module, Opcode opcode, Immediates immediates)
    {
        switch (opcode)
        {
            case Opcode.TableSize:
                return new([], [Index(module, immediates.A)]);
            case Opcode.TableInit:
                return new([Index(module, immediates.B), ValType.I32, ValType.I32], []);
            case Opcode.TableCopy:
                var (to, from) = (Index(module, immediates.A), Index(module, immediates.B));
                return new([to, from, to == ValType.I64 ? from : to], []);
            default:
                return null;
        }
    }

    private static InstSignature OfCall(FuncType type, bool isTail) => new(type.Parameters, isTail ? [] : type.Results);

    private static InstSignature Indirect(Module module, Immediates immediates, bool isTail)
    {
        var type = module.Types[immediates.A];
        return new(type.Parameters.Add(Index(module, immediates.B)), isTail ? [] : type.Results);
    }

    private static InstSignature Fixed(Module module, OpcodeInfo row, Immediates immediates)
    {
        if (!row.Pops.Contains(ValType.Address) && !row.Pushes.Contains(ValType.Address))
        {
            return new(row.Pops, row.Pushes);
        }

        var first = Address(module, row.Immediate == ImmediateKind.DataMemory ? immediates.B : immediates.A);
        if (row.Opcode != Opcode.MemoryCopy)
        {
            return new(Replace(row.Pops, first), Replace(row.Pushes, first));
        }

        // The length has the narrower of the two address types.
        var second = Address(module, immediates.B);
        return new([first, second, first == ValType.I64 ? second : first], []);
    }

    private static ImmutableArray<ValType> Replace(ImmutableArray<ValType> types, ValType address) =>
        types.Contains(ValType.Address) ? [.. types.Select(type => type == ValType.Address ? address : type)] : types;

    private static ValType Address(Module module, int memory) => module.Memories[memory].Limits.Is64 ? ValType.I64 : ValType.I32;

    private static ValType Index(Module module, int table) => module.Tables[table].Limits.Is64 ? ValType.I64 : ValType.I32;
}
