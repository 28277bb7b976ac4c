using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Engine.Firmware;

/// <summary>
/// What runs on a fault, a trap (a fault too: its <c>udf</c> holds the kind), an NMI and an interrupt that has no handler. It works
/// without a stack: the stack pointer starts anew, and the frame is read only where it lies in RAM. <c>docs/on-the-chip.md</c> has the
/// record, the line and the statuses.
/// </summary>
internal static class FaultCode
{
    /// <summary>The handler; an object that exports it replaces it.</summary>
    public const string Handler = "Fault_Handler";

    /// <summary>What <see cref="FaultAction.OnFault"/> calls.</summary>
    public const string Export = "on-fault";

    /// <summary>Bytes of <see cref="LinkerSymbols.FaultRecord"/>.</summary>
    public const int RecordBytes = 40;

    /// <summary>Status of a trap less its kind.</summary>
    public const int TrapStatus = 64;

    /// <summary>Status of any other exception less its number.</summary>
    public const int ExceptionStatus = 90;

    /// <summary>Where the start of the line stands among the vectors: entries 7 to 10, which the processor never reads.</summary>
    public const int TextOffset = 28;

    private const uint ConfigurableFaultStatus = 0xE000_ED28;
    private const int UndefinedInstructionBit = 16;
    private const int StackedLr = 20;
    private const int StackedPc = 24;

    private const uint ResetControl = 0xE000_ED0C;
    private const uint RequestReset = 0x05FA_0004;

    private const int SemihostingCall = 0xAB;
    private const int WriteCharacter = 3;
    private const int WriteText = 4;
    private const int ExitExtended = 0x20;
    private const uint ApplicationExit = 0x2_0026;

    /// <summary>The start of the line: 15 characters and the zero that ends them.</summary>
    public static ReadOnlySpan<byte> Text => "\nPULSE fault 0x\0"u8;

    /// <summary>Emits the handler. From the registers it takes only the stack pointer; none is restored, because nothing returns.</summary>
    public static void Emit(Assembler code, FirmwareOptions options, bool trapsInTables)
    {
        var halt = code.NewLabel();
        EmitStack(code, options);
        if (options.Faults == FaultAction.SemihostingExit)
        {
            EmitSemihosting(code, halt, trapsInTables);
        }
        else
        {
            EmitRecord(code);
        }

        if (options.Faults == FaultAction.Reset)
        {
            code.Constant(R0, ResetControl);
            code.Constant(R1, RequestReset);
            code.Emit(Memory(Str, R1, R0, 0));
        }

        if (options.Faults == FaultAction.OnFault)
        {
            EmitExportCall(code, options);
        }

        code.Bind(halt);
        code.Branch(halt);
    }

    // What was interrupted never goes on, so its stacks are free.
    private static void EmitExportCall(Assembler code, FirmwareOptions options)
    {
        foreach (var (symbol, value) in options.FaultResets)
        {
            code.SymbolAddress(R0, symbol);
            code.Constant(R6, value);
            code.Emit(Memory(Str, R6, R0, 0));
        }

        code.Emit(Move(R0, R1));
        code.Emit(Move(R1, R4));
        code.Emit(Move(R6, R2));
        code.Emit(Move(R2, R3));
        code.Emit(Move(R3, R6));
        code.Call(Export);
    }

    // The stack gets a record's room at its top, which the smallest of all has: a frame and the rest of eight bytes. Nothing is pushed.
    // R1 = start of flash, R3 R4 R5 = LR, PC, xPSR of what was interrupted, or zeros. No code raises the stack pointer above where it
    // started, so only its lower bound is in question.
    private static void EmitStack(Assembler code, FirmwareOptions options)
    {
        var broken = code.NewLabel();
        code.Emit(ReadSpecial(R0, SpecialRegister.Msp));
        code.Constant(R1, options.Board.Flash.Origin);
        code.Emit(Memory(Ldr, R2, R1, 0));
        code.Emit(Binary(Sub, R2, R2, RecordBytes).WithFlags(FlagEffect.Clobbered));
        code.Emit(Move(SP, R2));
        code.Constant(R4, 0);
        if (options.Faults != FaultAction.SemihostingExit)
        {
            code.Constant(R3, 0);
            code.Constant(R5, 0);
        }

        code.Constant(R2, options.Board.Ram.Origin);
        code.Emit(Compare(Cmp, R0, R2));
        code.Branch(broken, Condition.LO);
        if (options.Faults == FaultAction.SemihostingExit)
        {
            code.Emit(Memory(Ldr, R4, R0, StackedPc));
        }
        else
        {
            code.Emit(Binary(Add, R0, R0, StackedLr).WithFlags(FlagEffect.Clobbered));
            code.Emit(MemoryBlock(Ldm, R0, RegisterList.Of(R3, R4, R5), writeBack: false));
        }

        code.Bind(broken);
    }

    // Kind, exception, LR, PC, xPSR, CFSR, HFSR, DFSR, MMFAR, BFAR.
    private static void EmitRecord(Assembler code)
    {
        var noTrap = code.NewLabel();
        code.Emit(ReadSpecial(R2, SpecialRegister.Ipsr));
        code.Constant(R1, 0);
        code.Constant(R6, ConfigurableFaultStatus);
        code.Emit(MemoryBlock(Ldm, R6, RegisterList.Of(R6, R7, R8, R9, R10), writeBack: false));
        EmitUnlessTrap(code, R6, R0, noTrap);
        code.Emit(Memory(Ldrb, R1, R4, 0));
        code.Bind(noTrap);
        code.Emit(MemoryBlock(Stm, SP, RegisterList.Of(R1, R2, R3, R4, R5, R6, R7, R8, R9, R10), writeBack: false));
    }

    private static void EmitSemihosting(Assembler code, Label halt, bool trapsInTables)
    {
        var (noTrap, digit, decimalDigit) = (code.NewLabel(), code.NewLabel(), code.NewLabel());
        code.Emit(ReadSpecial(R5, SpecialRegister.Ipsr));
        code.Emit(Saturate(Usat, R5, 4, R5));
        code.Emit(Binary(Add, R5, R5, ExceptionStatus).WithFlags(FlagEffect.Clobbered));
        code.Constant(R2, ConfigurableFaultStatus);
        code.Emit(MemoryBlock(Ldm, R2, RegisterList.Of(R2, R3), writeBack: false));

        // Without a debugger a semihosting call is a fault itself, and would be one again in here.
        code.Emit(Compare(Cmp, R3, 0));
        code.Branch(halt, Condition.MI);
        EmitUnlessTrap(code, R2, R3, noTrap);
        code.Emit(Memory(Ldrb, R5, R4, 0));
        if (trapsInTables)
        {
            EmitCaller(code);
        }

        code.Emit(Binary(Add, R5, R5, TrapStatus).WithFlags(FlagEffect.Clobbered));
        code.Bind(noTrap);

        code.Emit(Binary(Add, R1, R1, TextOffset).WithFlags(FlagEffect.Clobbered));
        EmitCall(code, WriteText);

        // The lowest bit of a code address is free: set, it ends the loop behind the eighth digit.
        code.Emit(Binary(Add, R4, R4, 1).WithFlags(FlagEffect.Clobbered));
        code.Emit(Memory(Str, R5, SP, 4));
        code.Bind(digit);
        code.Emit(Instructions.Shift(Lsr, R2, R4, 28).WithFlags(FlagEffect.Clobbered));
        code.Emit(Compare(Cmp, R2, 9));
        code.Branch(decimalDigit, Condition.LS);
        code.Emit(Binary(Add, R2, R2, 'a' - '9' - 1).WithFlags(FlagEffect.Clobbered));
        code.Bind(decimalDigit);
        code.Emit(Binary(Add, R2, R2, '0').WithFlags(FlagEffect.Clobbered));
        code.Emit(Memory(Str, R2, SP, 0));
        code.Emit(Move(R1, SP));
        EmitCall(code, WriteCharacter);
        code.Emit(Instructions.Shift(Lsl, R4, R4, 4).WithFlags(FlagEffect.Set));
        code.Branch(digit, Condition.NE);

        code.Constant(R4, ApplicationExit);
        code.Emit(Memory(Str, R4, SP, 0));
        code.Emit(Move(R1, SP));
        EmitCall(code, ExitExtended);
    }

    // Calls through tables share their traps, whose addresses say nothing: the line has the place to return to instead.
    private static void EmitCaller(Assembler code)
    {
        var ofFunction = code.NewLabel();
        code.Emit(Instructions.Shift(Lsr, R3, R5, 1).WithFlags(FlagEffect.Clobbered));
        code.Emit(Compare(Cmp, R3, (int)TrapKind.NullFunction >> 1));
        code.Branch(ofFunction, Condition.NE);
        code.Emit(Memory(Ldr, R4, R0, StackedLr));
        code.Emit(Binary(Sub, R4, R4, 1).WithFlags(FlagEffect.Clobbered));
        code.Bind(ofFunction);
    }

    // Only an undefined instruction has been fetched for certain, so only then is its address safe to read.
    private static void EmitUnlessTrap(Assembler code, Register status, Register scratch, Label target)
    {
        code.Emit(Instructions.Shift(Lsl, scratch, status, 31 - UndefinedInstructionBit).WithFlags(FlagEffect.Set));
        code.Branch(target, Condition.PL);
    }

    private static void EmitCall(Assembler code, int operation)
    {
        code.Constant(R0, (uint)operation);
        code.Emit(Numbered(Bkpt, SemihostingCall));
    }
}
