using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Engine.Firmware;

/// <summary>
/// What runs before and around the program:
/// <list type="bullet">
/// <item>reset: copies initialised data from flash, zeroes the rest, runs the initialisers and the entry, then sleeps for ever;</item>
/// <item>faults: r0 = exception frame, r1 = address of the instruction, r2 = fault status (CFSR), r3 = kind of a trap (the number
/// of its <c>udf</c>) or 255; then a loop, or the end of the emulation;</item>
/// <item>anything else that has no handler: a loop.</item>
/// </list>
/// The processor loads the stack pointer from the vector table.
/// </summary>
internal static class StartupCode
{
    public const string ResetHandler = "Reset_Handler";
    public const string FaultHandler = "Fault_Handler";
    public const string DefaultHandler = "Default_Handler";

    private const uint ConfigurableFaultStatus = 0xE000_ED28;
    private const int UndefinedInstructionBit = 16;
    private const int StackedPc = 24;
    private const int NoKind = 255;

    private const int SemihostingCall = 0xAB;
    private const int SemihostingExitExtended = 0x20;
    private const uint ApplicationExit = 0x2_0026;

    /// <summary>The object with vector table, start-up and default handlers.</summary>
    public static ElfObject Build(FirmwareOptions options)
    {
        var startup = new ElfObject();
        VectorTable.Add(startup, options);
        AddFunction(startup, ResetHandler, code => EmitReset(code, options));
        AddFunction(startup, FaultHandler, code => EmitFault(code, options.Faults));
        AddFunction(startup, DefaultHandler, EmitHalt);
        return startup;
    }

    private static void EmitReset(Assembler code, FirmwareOptions options)
    {
        EmitCopy(code);
        EmitClear(code);
        foreach (var initializer in options.Initializers)
        {
            code.Call(initializer);
        }

        code.Call(options.Entry);
        var sleep = code.NewLabel();
        code.Bind(sleep);
        code.Emit(Hint(Wfi));
        code.Branch(sleep);
    }

    private static void EmitCopy(Assembler code)
    {
        var (test, copy) = (code.NewLabel(), code.NewLabel());
        code.SymbolAddress(R0, LinkerSymbols.DataLoad);
        code.SymbolAddress(R1, LinkerSymbols.DataStart);
        code.SymbolAddress(R2, LinkerSymbols.DataEnd);
        code.Branch(test);
        code.Bind(copy);
        code.Emit(Memory(Ldr, R3, R0, 4, Form.PostIndexed));
        code.Emit(Memory(Str, R3, R1, 4, Form.PostIndexed));
        code.Bind(test);
        code.Emit(Compare(Cmp, R1, R2));
        code.Branch(copy, Condition.LO);
    }

    private static void EmitClear(Assembler code)
    {
        var (test, clear) = (code.NewLabel(), code.NewLabel());
        code.SymbolAddress(R1, LinkerSymbols.BssStart);
        code.SymbolAddress(R2, LinkerSymbols.BssEnd);
        code.Constant(R3, 0);
        code.Branch(test);
        code.Bind(clear);
        code.Emit(Memory(Str, R3, R1, 4, Form.PostIndexed));
        code.Bind(test);
        code.Emit(Compare(Cmp, R1, R2));
        code.Branch(clear, Condition.LO);
    }

    private static void EmitFault(Assembler code, FaultAction action)
    {
        var known = code.NewLabel();
        code.Emit(ReadSpecial(R0, SpecialRegister.Msp));
        code.Emit(Memory(Ldr, R1, R0, StackedPc));
        code.Constant(R2, ConfigurableFaultStatus);
        code.Emit(Memory(Ldr, R2, R2, 0));

        // Only an undefined instruction has been fetched for certain, so only then is its address safe to read.
        code.Constant(R3, NoKind);
        code.Emit(Instructions.Shift(Lsl, R12, R2, 31 - UndefinedInstructionBit).WithFlags(FlagEffect.Set));
        code.Branch(known, Condition.PL);
        code.Emit(Memory(Ldrb, R3, R1, 0));
        code.Bind(known);
        if (action == FaultAction.SemihostingExit)
        {
            code.Emit(Binary(Add, R3, R3, 128).WithFlags(FlagEffect.Clobbered));
            code.Constant(R2, ApplicationExit);
            code.Emit(Instructions.Push(RegisterList.Of(R2, R3)));
            code.Emit(Instructions.Move(R1, SP));
            code.Constant(R0, SemihostingExitExtended);
            code.Emit(Numbered(Bkpt, SemihostingCall));
        }

        EmitHalt(code);
    }

    private static void EmitHalt(Assembler code)
    {
        var here = code.NewLabel();
        code.Bind(here);
        code.Branch(here);
    }

    private static void AddFunction(ElfObject startup, string name, Action<Assembler> emit)
    {
        var assembler = new Assembler();
        emit(assembler);
        CodeSections.Add(startup, name, assembler.Assemble(), SymbolBinding.Weak);
    }
}
