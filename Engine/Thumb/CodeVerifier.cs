using System.Buffers.Binary;
using System.Globalization;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// Decodes finished code and compares it with what was asked for: operation, operands, effect on the flags, condition, the labels that
/// branches lead to and the literals that loads read. It sees bytes only through the decoder; a difference is our own defect.
/// </summary>
internal static class CodeVerifier
{
    /// <summary>Throws unless the code does what <paramref name="expectations"/> say, in that order and without gaps in the code regions.</summary>
    public static void Verify(AssembledCode code, IReadOnlyList<Expectation> expectations, EntityMap<Label, int> labels)
    {
        var bytes = code.Bytes.AsSpan();
        var it = ItState.Outside;
        foreach (var expected in expectations)
        {
            var (word, size) = Decoder.Fetch(bytes, expected.Offset);
            if (size == 0 || !Decoder.TryDecode(word, size == 4, it.IsInside, out var decoded, out _))
            {
                throw Mismatch(expected, "does not decode");
            }

            if (it.IsInside)
            {
                decoded = decoded with { Condition = it.Condition };
            }

            CheckInstruction(expected, decoded);
            CheckReference(expected, decoded, code, labels);
            it = decoded.Operation == Operation.It ? ItState.After(decoded) : it.Next();
        }

        InvariantException.Require(!it.IsInside, "an IT block is complete");
    }

    private static void CheckInstruction(in Expectation expected, Instruction decoded)
    {
        var asked = expected.Asked;
        if (asked.Flags == FlagEffect.Clobbered)
        {
            decoded = decoded with { Flags = FlagEffect.Clobbered };
        }

        if (expected.Target is not null || expected.Literal is not null)
        {
            asked = asked with { Immediate = decoded.Immediate };
        }

        if (Equivalents.Canonical(asked) != Equivalents.Canonical(decoded))
        {
            throw Mismatch(expected, "decodes as " + Disassembler.Text(decoded));
        }
    }

    private static void CheckReference(in Expectation expected, in Instruction decoded, AssembledCode code, EntityMap<Label, int> labels)
    {
        if (expected.Target is null && expected.Literal is null)
        {
            return;
        }

        var target = unchecked((int)Disassembler.Target(decoded, (uint)expected.Offset));
        if (expected.Target is { } label && labels[label] != target)
        {
            throw Mismatch(expected, string.Create(CultureInfo.InvariantCulture, $"leads to 0x{target:x}, not to 0x{labels[label]:x}"));
        }

        if (expected.Literal is { } literal)
        {
            var holds = BinaryPrimitives.ReadInt32LittleEndian(code.Bytes.AsSpan()[target..]) == literal.Value
                && (literal.Symbol is null || code.Relocations.Contains(new(target, RelocationKind.Abs32, literal.Symbol, literal.Value)));
            if (!holds)
            {
                throw Mismatch(expected, "does not load its literal");
            }
        }
    }

    private static InvariantException Mismatch(in Expectation expected, string what)
        => new(string.Create(CultureInfo.InvariantCulture, $"the code at 0x{expected.Offset:x}, '{Disassembler.Text(expected.Asked)}', {what}"));
}
