using System.Collections.Immutable;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>
/// What an immediate refers to; the two sides number these spaces differently. The second line is how literals, or several immediates, are
/// encoded: rows say it, operands as they are read do not. An access is an offset and a memory.
/// </summary>
internal enum OperandKind : byte
{
    Literal, BlockType, Function, Type, Table, Memory, Global, Local, Label, Data, Element, Tag,
    Labels, Types, Byte, I32, I64, F32, F64, Bytes, Access, Lane,
}

/// <summary>What an instruction does besides giving a result.</summary>
[Flags]
internal enum Effects : byte
{
    None = 0,

    /// <summary>May change what its immediates name.</summary>
    Writes = 1,

    /// <summary>May trap, or never end.</summary>
    Partial = 2,

    /// <summary>Depends on the world's history and adds to it.</summary>
    World = 4,

    /// <summary>Computes with floats, or with vectors as if they were: as far as AX-FP says.</summary>
    Float = 8,

    /// <summary>May do anything: there is no model, or other threads see it.</summary>
    Anything = 16,
}

/// <summary>The meaning of an instruction on <paramref name="machine"/>: its result, or null when it has none.</summary>
internal delegate Term? Meaning(IMachine machine, FlowInstruction instruction, Term[] operands);

/// <summary>A value of operands alone.</summary>
internal delegate Term Value(TermFactory factory, Term[] operands);

/// <summary>That an instruction traps, and why, when a condition holds and no earlier one of its causes.</summary>
internal readonly record struct TrapCause(TrapKind Kind, Value Condition);

/// <summary>A result that depends on operands alone, and for what it traps instead, in order.</summary>
internal sealed record PureMeaning(Value Result, params TrapCause[] Traps);

/// <summary>An instruction: how it is encoded, what it takes and gives, and what it means.</summary>
/// <param name="Opcode">The opcode; a prefix byte stands in the third byte.</param>
/// <param name="Name">The mnemonic of the specification.</param>
/// <param name="Immediates">What follows it.</param>
/// <param name="Operands">Bits of each operand, or <see cref="Any"/>.</param>
/// <param name="Result">Bits of the result, <see cref="Any"/>, or <see cref="None"/>.</param>
/// <param name="Effects">What it does besides.</param>
/// <param name="Meaning">What it does.</param>
internal sealed record InstructionRow(
    int Opcode, string Name, ImmutableArray<OperandKind> Immediates, ImmutableArray<int> Operands, int Result, Effects Effects, Meaning Meaning)
{
    /// <summary>As many bits as the module says: of an address, of a choice.</summary>
    public const int Any = -1;

    public const int None = 0;

    /// <summary>The meaning as terms, where there is no state.</summary>
    public PureMeaning? Pure { get; private init; }

    /// <summary>Whether equal operands and an equal state are all that is known of an equal result: an uninterpreted function.</summary>
    public bool IsUninterpreted { get; init; }

    /// <summary>Whether a body's decoder turns it into a graph, so that it is no step of one.</summary>
    public bool IsControl { get; init; }

    /// <summary>Whether the result is 0 or 1.</summary>
    public bool IsTest { get; init; }

    /// <summary>Bytes that it touches at an address and an offset; 0: none.</summary>
    public int AccessBytes { get; init; }

    /// <summary>Bits of the lane that it names; 0: none.</summary>
    public int LaneBits { get; init; }

    /// <summary>Requires that operands are as wide as it takes them.</summary>
    /// <exception cref="UnmodelledException">They are not: the code is not valid.</exception>
    public void Require(Term[] operands)
    {
        if (Operands.Zip(operands).FirstOrDefault(x => x.First != Any && x.First != x.Second.Width) is { Second: { } wrong })
        {
            throw new UnmodelledException($"invalid code: {Name} on {wrong.Width} bits");
        }
    }

    public static InstructionRow Of(int opcode, string name, int[] operands, int result, Value value, params TrapCause[] traps)
        => new(opcode, name, [], [.. operands], result, traps.Length > 0 ? Effects.Partial : Effects.None, (machine, _, x) =>
        {
            foreach (var trap in traps)
            {
                machine.Trap(trap.Kind, trap.Condition(machine.Terms, x));
            }

            return value(machine.Terms, x);
        })
        { Pure = new PureMeaning(value, traps) };
}

/// <summary>Every instruction that the judge can read, with its meaning. Names and opcodes are unlike each other, or the judge does not start.</summary>
internal static class InstructionTable
{
    private static readonly Dictionary<int, InstructionRow> ByOpcode = ControlRows.All.Concat(IntegerRows.All).Concat(FloatRows.All)
        .Concat(StateRows.All).Concat(VectorRows.All).Concat(AtomicRows.All).ToDictionary(row => row.Opcode);

    static InstructionTable()
    {
        InvariantException.Require(ByOpcode.Values.Select(row => row.Name).Distinct(StringComparer.Ordinal).Count() == ByOpcode.Count, "two instructions have one name");
    }

    /// <summary>In the order of the opcodes.</summary>
    public static IEnumerable<InstructionRow> Rows => ByOpcode.Values.OrderBy(row => row.Opcode);

    /// <summary>The row, or null for what the judge does not know.</summary>
    public static InstructionRow? Find(int opcode) => ByOpcode.GetValueOrDefault(opcode);

    /// <summary>A name for messages.</summary>
    public static string NameOf(int opcode) => Find(opcode)?.Name ?? (opcode >> 16) switch
    {
        0 => $"instruction 0x{opcode:x2}",
        0xFD => $"vector instruction 0xfd {opcode & 0xFFFF:x}",
        var prefix => $"instruction 0x{prefix:x2} {opcode & 0xFFFF:x}",
    };
}

/// <summary>Something without a meaning here, named by the message; a function with it can only be compared for identity.</summary>
internal sealed class UnmodelledException(string what) : Exception(what);
