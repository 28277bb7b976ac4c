using System.Globalization;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Firmware;

/// <summary>Names and numbers of vectors: the exceptions of ARMv7-M, a board's interrupts by name, or any by number (<c>IRQ7</c>).</summary>
internal static class InterruptVectors
{
    /// <summary>Number of the first external interrupt.</summary>
    public const int FirstExternal = 16;

    /// <summary>Number of the reset vector.</summary>
    public const int Reset = 1;

    private static readonly string[] System =
        ["", "Reset", "NMI", "HardFault", "MemManage", "BusFault", "UsageFault", "", "", "", "", "SVCall", "DebugMonitor", "", "PendSV", "SysTick"];

    /// <summary>The number of the vector <paramref name="name"/> of <paramref name="board"/>; PULSE4041 when there is none.</summary>
    public static int Find(Board board, string name)
    {
        var number = Array.FindIndex(System, known => known.Length > 0 && known.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (number == Reset)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4052, Location.None, name, "set the entry instead; the start-up code calls it");
        }

        if (number > 0)
        {
            return number;
        }

        var external = Array.FindIndex(board.Interrupts, known => known != "-" && known.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (external < 0 && name.StartsWith("IRQ", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(name.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < board.Interrupts.Length)
        {
            external = index;
        }

        return external >= 0
            ? FirstExternal + external
            : throw new DiagnosticException(DiagnosticId.PULSE4041, Location.None, name, board.Name, string.Join(", ", Known(board)), board.Interrupts.Length - 1);
    }

    /// <summary>The name of vector <paramref name="number"/>.</summary>
    public static string Name(Board board, int number) => number < FirstExternal
        ? System[number]
        : board.Interrupts[number - FirstExternal] is not "-" and var name ? name : string.Create(CultureInfo.InvariantCulture, $"IRQ{number - FirstExternal}");

    /// <summary>The name of an exception that every chip has; empty when reserved.</summary>
    public static string ExceptionName(int number) => System[number];

    /// <summary>Whether the exception is a fault.</summary>
    public static bool IsFault(int number) => number is >= 3 and <= 6;

    /// <summary>Whether nothing is ever taken through the entry.</summary>
    public static bool IsReserved(int number) => number < FirstExternal && System[number].Length == 0;

    private static IEnumerable<string> Known(Board board)
        => System.Where((name, number) => name.Length > 0 && number != Reset).Concat(board.Interrupts.Where(name => name != "-"));
}
