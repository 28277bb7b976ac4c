using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Engine.Firmware;

/// <summary>
/// Priorities and enable bits of the vectors that a project binds. All bits of a priority preempt (the grouping of reset), so handlers of
/// different priorities nest and those of one do not: <see cref="StackPlan"/> counts on it.
/// </summary>
internal static class InterruptControl
{
    private const int NonMaskable = 2;
    private const int HardFault = 3;

    // Of the system control space.
    private const uint Base = 0xE000_E000;
    private const int SetEnable = 0x100;
    private const int InterruptPriority = 0x400;
    private const int SystemPriority = 0xD18;
    private const int FirstSystemPriority = 4;
    private const int VectorTableOffset = 0xD08;
    private const int SystemHandlerControl = 0xD24;
    private const uint EnableFaults = 0x7_0000;

    /// <summary>Whether the vector's priority is above all that a project can give.</summary>
    public static bool IsFixed(int number) => number is NonMaskable or HardFault;

    /// <summary>Refuses priorities that the board does not have (PULSE4060) and what a vector cannot be given (PULSE4061).</summary>
    public static void Check(Board board, int number, in InterruptBinding handler)
    {
        void Refuse(string what, string why) => throw new DiagnosticException(DiagnosticId.PULSE4061, Location.None, InterruptVectors.Name(board, number), what, why);
        if (handler.Priority is { } priority)
        {
            if (IsFixed(number))
            {
                Refuse("Priority", "its priority is fixed, above all others");
            }

            var highest = (1 << board.PriorityBits) - 1;
            if (priority > highest)
            {
                throw new DiagnosticException(DiagnosticId.PULSE4060, Location.None, InterruptVectors.Name(board, number), priority, board.Name, highest);
            }
        }

        if (handler.Enabled && number < InterruptVectors.FirstExternal && !InterruptVectors.IsFault(number))
        {
            Refuse("Enabled", "it has no enable bit; what causes it is started by the program");
        }
    }

    /// <summary>Says where the vectors are unless reset found them, enables the faults and sets the priorities that are not that of reset, 0: a byte each.</summary>
    public static void EmitPriorities(Assembler code, FirmwareOptions options)
    {
        code.Constant(R0, Base);
        if (options.FlashOffset > 0)
        {
            code.Constant(R1, options.Board.Flash.Origin);
            code.Emit(Memory(Str, R1, R0, VectorTableOffset));
        }

        // A fault that is not enabled becomes a HardFault, and that one locks the processor up when it cannot stack its frame.
        code.Constant(R1, EnableFaults);
        code.Emit(Memory(Str, R1, R0, SystemHandlerControl));
        var urgent = options.Handlers.Select(handler => (Number: InterruptVectors.Find(options.Board, handler.Vector), Priority: handler.Priority ?? 0));
        foreach (var level in urgent.Where(vector => vector.Priority > 0).GroupBy(vector => vector.Priority).OrderBy(group => group.Key))
        {
            code.Constant(R1, (uint)level.Key << (8 - options.Board.PriorityBits));
            foreach (var (number, _) in level.Order())
            {
                code.Emit(Memory(Strb, R1, R0, number < InterruptVectors.FirstExternal
                    ? SystemPriority + number - FirstSystemPriority
                    : InterruptPriority + number - InterruptVectors.FirstExternal));
            }
        }
    }

    /// <summary>Enables the interrupts that the project wants enabled: a word for 32 of them.</summary>
    public static void EmitEnables(Assembler code, FirmwareOptions options)
    {
        var enabled = options.Handlers.Where(handler => handler.Enabled).Select(handler => InterruptVectors.Find(options.Board, handler.Vector) - InterruptVectors.FirstExternal);
        foreach (var group in enabled.Where(interrupt => interrupt >= 0).GroupBy(interrupt => interrupt / 32).OrderBy(group => group.Key))
        {
            code.Constant(R0, Base + SetEnable + (uint)group.Key * 4);
            code.Constant(R1, group.Aggregate(0u, (bits, interrupt) => bits | 1u << (interrupt % 32)));
            code.Emit(Memory(Str, R1, R0, 0));
        }
    }
}
