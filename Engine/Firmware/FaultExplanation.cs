using System.Buffers.Binary;
using System.Globalization;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>Says in a phrase what stopped a firmware and where, from what <see cref="FaultCode"/> printed and ended with.</summary>
internal static class FaultExplanation
{
    /// <summary>The address that is printed when the stack was broken.</summary>
    private const uint BrokenStack = 1;

    private const int RecordBytes = 16;
    private const int LastException = 15;

    /// <summary>A call through a register.</summary>
    private const uint CallBytes = 2;

    /// <summary>The phrase.</summary>
    /// <param name="image">What ran.</param>
    /// <param name="address">As the line prints it; the lowest bit means nothing except for a broken stack.</param>
    /// <param name="status">What the emulation ended with; null or any other number when nobody knows.</param>
    public static string Explain(ElfImage image, uint address, int? status)
    {
        status = status is >= 0 and <= byte.MaxValue ? status : null;
        var exception = ExceptionOf(status);
        if (address == BrokenStack)
        {
            return exception is null ? "the stack left RAM" : $"the stack left RAM ({exception})";
        }

        // The code that calls through tables end in belongs to no function.
        var stub = FunctionAt(image, address)?.Name switch
        {
            ObjectBuilder.NullFunction => Trap(TrapKind.NullFunction),
            ObjectBuilder.WrongType => Trap(TrapKind.SignatureMismatch),
            _ => null,
        };
        var what = TrapOf(status) ?? WithoutHandler(status) ?? exception ?? stub ?? (Guards(image, address) is [var recorded, ..] ? TrapOf(recorded) : null) ?? "a fault";
        return stub is null ? $"{what} in {Place(image, Instruction(address, status))}" : what + " of a call through a table";
    }

    /// <summary>The instruction that is meant: that of the address, or the call that would have returned there.</summary>
    public static uint Instruction(uint address, int? status)
        => status is FaultCode.TrapStatus + (int)TrapKind.NullFunction or FaultCode.TrapStatus + (int)TrapKind.SignatureMismatch
            ? unchecked((address & ~1u) - CallBytes)
            : address & ~1u;

    /// <summary>The statuses of the guards that trap at <paramref name="address"/>; none where no trap is.</summary>
    public static List<int> Guards(ElfImage image, uint address)
    {
        var records = image.Sections.Find(section => section.Name == ObjectBuilder.TrapSection)?.Content ?? [];
        var statuses = new List<int>();
        for (var at = 0; at + RecordBytes <= records.Length; at += RecordBytes)
        {
            if ((BinaryPrimitives.ReadUInt32LittleEndian(records.AsSpan(at)) | 1) == (address | 1))
            {
                statuses.Add(FaultCode.TrapStatus + (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(records.AsSpan(at + 4)), byte.MaxValue));
            }
        }

        return statuses;
    }

    /// <summary>The function that the address is in, as people call it, or the address.</summary>
    private static string Place(ElfImage image, uint address)
    {
        var function = FunctionAt(image, address);
        return function switch
        {
            null => string.Create(CultureInfo.InvariantCulture, $"no function (0x{address & ~1u:x8})"),
            { Binding: SymbolBinding.Local } => WithoutIndex(function.Name),
            _ => function.Name,
        };
    }

    /// <summary>The first instruction of the function that <paramref name="address"/> is in; null where it is in none.</summary>
    public static uint? StartOfFunction(ElfImage image, uint address) => FunctionAt(image, address)?.Value & ~1u;

    // Of the symbols of an exported function the local one says the component.
    private static ElfSymbol? FunctionAt(ElfImage image, uint address) => image.Symbols
        .Where(symbol => symbol.Type == SymbolType.Function && unchecked((address & ~1u) - (symbol.Value & ~1u)) < symbol.Size).MinBy(symbol => symbol.Binding);

    // Names of functions that are not exported end with the index, to be different.
    private static string WithoutIndex(string name)
    {
        var letters = name.TrimEnd("0123456789".ToCharArray());
        return letters.Length < name.Length && letters.Length > 1 && letters[^1] == '.' ? letters[..^1] : name;
    }

    private static string? TrapOf(int? status)
        => status - FaultCode.TrapStatus is { } kind and > 0 && Enum.IsDefined((TrapKind)kind) ? Trap((TrapKind)kind) : null;

    private static string Trap(TrapKind kind)
        => $"trap \"{string.Concat(kind.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString()))}\"";

    private static string? ExceptionOf(int? status)
        => status - FaultCode.ExceptionStatus is { } number and > InterruptVectors.Reset and <= LastException && !InterruptVectors.IsReserved(number)
            ? InterruptVectors.ExceptionName(number)
            : null;

    // The status of SysTick is that of every interrupt too.
    private static string? WithoutHandler(int? status) => (status - FaultCode.ExceptionStatus) switch
    {
        LastException => "an interrupt without a handler",
        > 6 and < LastException => ExceptionOf(status) is { } exception ? exception + " without a handler" : null,
        _ => null,
    };
}
