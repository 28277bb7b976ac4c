using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;
using CallingConvention = Pulse.Build.Engine.Codegen.Machine.CallingConvention;
using MachineTrap = Pulse.Build.Engine.Codegen.Machine.TrapKind;

namespace Pulse.Build.Tests.Codegen;

/// <summary>Values as the words that the calling convention passes, and traps of the machine as those of the evaluator.</summary>
internal static class MachineWords
{
    /// <summary>The words of values, low words first.</summary>
    public static uint[] Flatten(IEnumerable<RuntimeValue> values) => [.. values.SelectMany(value => value.Type.Bits() == 64
        ? [unchecked((uint)value.Bits), (uint)(value.Bits >> 32)]
        : new[] { value.Reference is string host ? Handle(host) : unchecked((uint)value.Bits) })];

    /// <summary>The word that stands for a reference of the host's; null is zero.</summary>
    private static uint Handle(string host) => uint.Parse(host[Host.Length..], CultureInfo.InvariantCulture) + 1;

    private const string Host = "host ";

    private static string? OfHandle(uint word) => word == 0 ? null : Host + (word - 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>How many words values of the given types take; a reference is a word that only the host knows.</summary>
    public static int CountOf(IEnumerable<ValType> types) => types.Sum(type => type.Bits() == 64 ? 2 : 1);

    /// <summary>Arguments in r0 to r3 and on the stack.</summary>
    public static (uint?[] Registers, uint[] Stack) Of(IReadOnlyList<RuntimeValue> arguments)
    {
        var (places, bytes) = CallingConvention.Arguments(arguments.Select(value => value.Type));
        var words = Flatten(arguments);
        var (registers, stack) = (new uint?[4], new uint[bytes / 4]);
        for (var i = 0; i < words.Length; i++)
        {
            if (places[i].Register is { } register)
            {
                registers[(int)register] = words[i];
            }
            else
            {
                stack[places[i].Offset / 4] = words[i];
            }
        }

        return (registers, stack);
    }

    /// <summary>Values of result words.</summary>
    public static ImmutableArray<RuntimeValue> Read(IEnumerable<ValType> types, IReadOnlyList<uint> words)
    {
        var next = 0;
        return [.. types.Select(type => type.IsReference()
            ? new RuntimeValue(type, 0, OfHandle(words[next++]))
            : new RuntimeValue(type, type.Bits() == 64 ? words[next++] | (ulong)words[next++] << 32 : words[next++]))];
    }

    /// <summary>The evaluator's trap for the number of a <c>udf</c>.</summary>
    public static TrapKind TrapOf(MachineTrap trap) => trap switch
    {
        MachineTrap.Unreachable => TrapKind.Unreachable,
        MachineTrap.DivideByZero => TrapKind.IntegerDivideByZero,
        MachineTrap.IntegerOverflow => TrapKind.IntegerOverflow,
        MachineTrap.MemoryBounds => TrapKind.OutOfBoundsMemory,
        MachineTrap.TableBounds => TrapKind.OutOfBoundsTable,
        MachineTrap.NullFunction => TrapKind.UninitialisedElement,
        MachineTrap.SignatureMismatch => TrapKind.IndirectCallTypeMismatch,
        MachineTrap.UnalignedAtomic => TrapKind.UnalignedAtomic,
        _ => throw new ArgumentOutOfRangeException(nameof(trap), trap, "a udf has the number of a trap"),
    };
}
