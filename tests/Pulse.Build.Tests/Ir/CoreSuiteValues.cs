using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Ir;

/// <summary>Values and trap messages of the core suite's lines.</summary>
internal static class CoreSuiteValues
{
    /// <summary>The value of an argument or an expected result.</summary>
    public static RuntimeValue Parse(JsonElement value) => value[0].GetString() switch
    {
        "i32" => new RuntimeValue(ValType.I32, value[1].GetUInt32()),
        "f32" => new RuntimeValue(ValType.F32, value[1].GetUInt32()),
        "i64" => new RuntimeValue(ValType.I64, Long(value[1])),
        "f64" => new RuntimeValue(ValType.F64, Long(value[1])),
        "v128" => RuntimeValue.V128(BinaryPrimitives.ReadUInt128LittleEndian(Convert.FromHexString(value[1].GetString()!))),
        "ref.null" => new RuntimeValue(ValType.ExternRef, 0),
        "ref.extern" or "ref.host" => new RuntimeValue(ValType.ExternRef, 0, "host " + value[1].GetInt32().ToString(CultureInfo.InvariantCulture)),
        var other => throw new NotSupportedException(other),
    };

    private static ulong Long(JsonElement text) => ulong.Parse(text.GetString()!, CultureInfo.InvariantCulture);

    /// <summary>Whether a result is what a line expects; patterns of NaN stand for many values.</summary>
    public static bool Same(JsonElement expected, RuntimeValue actual)
    {
        var kind = expected[0].GetString();
        switch (kind)
        {
            case "either":
                return expected[1].EnumerateArray().Any(choice => Same(choice, actual));
            case "f32" or "f64" when expected[1].ValueKind == JsonValueKind.String && expected[1].GetString()!.StartsWith("nan", StringComparison.Ordinal):
                return IsNan(expected[1].GetString()!, kind == "f32" ? 32 : 64, actual.Bits);
            case "v128" when expected.GetArrayLength() == 3:
                return SameLanes(expected[1].GetString()!, [.. expected[2].EnumerateArray().Select(lane => lane.GetString()!)], actual);
            case "ref.null":
                return actual.Type.IsReference() && actual.Reference is null;
            case "ref.func":
                return actual.Reference is FunctionInstance;
            case "ref.extern" when expected.GetArrayLength() == 1:
                return actual.Reference is not null;
            default:
                var value = Parse(expected);
                return value.Type == actual.Type && value.AsV128 == actual.AsV128 && Equals(value.Reference, actual.Reference);
        }
    }

    private static bool IsNan(string pattern, int width, ulong bits)
    {
        var (quiet, rest) = width == 32 ? (0x7FC0_0000UL, 0x7FFF_FFFFUL) : (0x7FF8_0000_0000_0000UL, 0x7FFF_FFFF_FFFF_FFFFUL);
        return pattern == "nan:canonical" ? (bits & rest) == quiet : (bits & quiet) == quiet;
    }

    /// <summary>Lanes are patterns, or their bytes in hexadecimal, the first byte first.</summary>
    private static bool SameLanes(string shape, string[] lanes, RuntimeValue actual)
    {
        var width = shape is "f32x4" ? 32 : 64;
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, actual.AsV128);
        return actual.Type == ValType.V128 && lanes.Length == 128 / width && lanes.Select((lane, i) =>
        {
            var part = bytes.AsSpan(i * width / 8, width / 8);
            return lane.StartsWith("nan", StringComparison.Ordinal)
                ? IsNan(lane, width, width == 32 ? BinaryPrimitives.ReadUInt32LittleEndian(part) : BinaryPrimitives.ReadUInt64LittleEndian(part))
                : lane == Convert.ToHexStringLower(part);
        }).All(same => same);
    }

    /// <summary>Whether a trap is the one that a line names.</summary>
    public static bool Matches(JsonElement command, TrapKind trap)
    {
        var message = command.TryGetProperty("msg", out var text) ? text.GetString()! : "";
        return trap switch
        {
            TrapKind.None => false,
            TrapKind.Unreachable => message.StartsWith("unreachable", StringComparison.Ordinal),
            TrapKind.IntegerDivideByZero => message.StartsWith("integer divide by zero", StringComparison.Ordinal),
            TrapKind.IntegerOverflow => message.StartsWith("integer overflow", StringComparison.Ordinal),
            TrapKind.InvalidConversion => message.StartsWith("invalid conversion", StringComparison.Ordinal),
            TrapKind.OutOfBoundsMemory => message.StartsWith("out of bounds memory", StringComparison.Ordinal),
            TrapKind.OutOfBoundsTable => message.StartsWith("out of bounds table", StringComparison.Ordinal)
                || message.StartsWith("undefined element", StringComparison.Ordinal) || message.StartsWith("undefined", StringComparison.Ordinal),
            TrapKind.UninitialisedElement => message.StartsWith("uninitialized", StringComparison.Ordinal)
                || message.StartsWith("undefined element", StringComparison.Ordinal),
            TrapKind.UnalignedAtomic => message.StartsWith("unaligned atomic", StringComparison.Ordinal),
            TrapKind.MemoryNotShared => message.StartsWith("expected shared memory", StringComparison.Ordinal),
            TrapKind.IndirectCallTypeMismatch => message.StartsWith("indirect call type mismatch", StringComparison.Ordinal),
            _ => false,
        };
    }
}
