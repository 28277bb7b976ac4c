using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Instructions;

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
