namespace Pulse.Build.Engine.Thumb;

/// <summary>Finds the narrowest encoding of an instruction, equivalent instructions included (<see cref="Equivalents"/>).</summary>
internal static class Encoder
{
    private static readonly ILookup<(Operation, Form), Encoding> Index = Encodings.Table.ToLookup(row => (row.Operation, row.Form));

    /// <summary>The first of the narrowest encodings of <paramref name="asked"/> or of an equivalent.</summary>
    /// <param name="asked">What is wanted; with <see cref="FlagEffect.Clobbered"/> flags the choice is widest.</param>
    /// <param name="insideIt">Whether it stands in an IT block.</param>
    /// <param name="word">The bits, first halfword on top.</param>
    /// <returns>The row, or null when no single instruction does it.</returns>
    public static Encoding? Find(in Instruction asked, bool insideIt, out uint word)
    {
        Encoding? best = null;
        word = 0;
        foreach (var candidate in Equivalents.Of(asked))
        {
            foreach (var row in Index[(candidate.Operation, candidate.Form)])
            {
                if ((best is null || row.Size < best.Size) && row.TryEncode(candidate, insideIt, out var bits))
                {
                    (best, word) = (row, bits);
                }
            }
        }

        return best;
    }

    /// <summary>Bytes of the narrowest encoding: 2, 4, or 0 when no single instruction does it. A condition counts as inside an IT block.</summary>
    public static int SizeOf(in Instruction asked) => Find(asked, InsideIt(asked), out _)?.Size ?? 0;

    /// <summary>Whether a single instruction does it.</summary>
    public static bool CanEncode(in Instruction asked) => SizeOf(asked) != 0;

    /// <summary>Whether one instruction puts <paramref name="value"/> into a register (MOVS, MOV.W, MVN.W or MOVW).</summary>
    public static bool CanMove(uint value) => value <= 0xFFFF || ModifiedImmediate.CanEncode(value) || ModifiedImmediate.CanEncode(~value);

    /// <summary>Bytes that <see cref="Assembler.Constant"/> takes for <paramref name="value"/>, a literal that nothing shares included.</summary>
    public static int SizeOfConstant(Register rd, uint value, FlagEffect flags = FlagEffect.Clobbered, bool literal = true)
        => CanMove(value) ? SizeOf(Instructions.Move(rd, unchecked((int)value)).WithFlags(flags)) : literal && rd.IsLow() ? 6 : 8;

    /// <summary>The row with that mnemonic and label whose form is <paramref name="form"/>.</summary>
    public static Encoding Row(Operation operation, Form form, string label)
        => Index[(operation, form)].FirstOrDefault(row => row.Label == label)
            ?? throw new Support.InvariantException($"no encoding {label} of {operation} {form}");

    /// <summary>Whether the condition of <paramref name="instruction"/> needs an IT block.</summary>
    public static bool InsideIt(in Instruction instruction)
        => instruction.Condition != Condition.AL && instruction.Operation != Operation.It && (instruction.Operation, instruction.Form) != (Operation.B, Form.PcRelative);
}
