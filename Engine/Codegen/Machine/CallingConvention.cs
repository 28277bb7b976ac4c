using System.Collections.Immutable;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Machine;

/// <summary>Where one 32-bit word of an argument or a result is: in a register, or at an offset of the stack area.</summary>
internal readonly record struct WordLocation(Register? Register, int Offset);

/// <summary>
/// AAPCS without floating-point registers, f32 and f64 as i32 and i64: arguments in r0 to r3, pairs from an even register, the rest on the stack with pairs aligned to 8. Results of up to four words
/// come back in r0 to r3; further words stand on the stack after the arguments, in an area that the caller reserves.
/// </summary>
/// <remarks>IHI 0042 "Parameter passing". More than two result words is our own extension, as wasm has multiple results and C has not.</remarks>
internal static class CallingConvention
{
    /// <summary>Registers that a call may change: r0 to r3, r12, lr.</summary>
    public static RegisterList CallerSaved => RegisterList.Of(Register.R0, Register.R1, Register.R2, Register.R3, Register.R12, Register.LR);

    /// <summary>Where the target of a tail call is that goes through a table: the one register that is neither an argument nor restored before.</summary>
    public static Register TailTarget => Register.R12;

    /// <summary>Where the words of the arguments are, low words first, and the bytes of stack they take.</summary>
    public static (ImmutableArray<WordLocation> Words, int StackBytes) Arguments(IEnumerable<ValType> types)
    {
        var words = ImmutableArray.CreateBuilder<WordLocation>();
        var (next, offset) = (0, 0);
        foreach (var type in types)
        {
            var isPair = type.Bits() == 64;
            if (isPair)
            {
                next = (next + 1) & ~1;
            }

            if (next + (isPair ? 2 : 1) <= 4)
            {
                words.Add(new((Register)next++, 0));
                if (isPair)
                {
                    words.Add(new((Register)next++, 0));
                }
            }
            else
            {
                next = 4;
                offset = isPair ? (offset + 7) & ~7 : offset;
                for (var word = 0; word < (isPair ? 2 : 1); word++, offset += 4)
                {
                    words.Add(new(null, offset));
                }
            }
        }

        return (words.ToImmutable(), (offset + 7) & ~7);
    }

    /// <summary>Where the words of the results are; offsets count from the end of the stack arguments.</summary>
    public static (ImmutableArray<WordLocation> Words, int StackBytes) Results(IEnumerable<ValType> types)
    {
        var count = types.Sum(type => type.Bits() == 64 ? 2 : 1);
        var words = Enumerable.Range(0, count).Select(word => word < 4 ? new WordLocation((Register)word, 0) : new WordLocation(null, (word - 4) * 4));
        return ([.. words], (Math.Max(0, count - 4) * 4 + 7) & ~7);
    }
}
