using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Engine.Firmware;

/// <summary>
/// What runs before and around the program: reset fills RAM from <see cref="InitialValues"/>, enables the faults, sets priorities, runs the
/// initialisers, enables interrupts, runs the entry, then sleeps for ever. The processor loads the stack pointer from the vector table.
/// </summary>
internal static class StartupCode
{
    public const string ResetHandler = "Reset_Handler";

    /// <summary>The object with vector table, start-up and default handlers.</summary>
    /// <param name="options">What the project wants.</param>
    /// <param name="trapsInTables">Whether calls through tables can end in a trap that no function has.</param>
    public static ElfObject Build(FirmwareOptions options, bool trapsInTables)
    {
        var startup = new ElfObject();
        VectorTable.Add(startup, options);
        AddFunction(startup, ResetHandler, code => EmitReset(code, options));
        AddFunction(startup, FaultCode.Handler, code => FaultCode.Emit(code, options, trapsInTables));
        return startup;
    }

    private static void EmitReset(Assembler code, FirmwareOptions options)
    {
        for (var region = 0; region <= options.Board.AddedRam.Length; region++)
        {
            InitialValues.EmitFill(code, LinkerSymbols.InitialValues + RamRegion.SuffixOf(region), LinkerSymbols.DataStart + RamRegion.SuffixOf(region));
        }

        InterruptControl.EmitPriorities(code, options);
        foreach (var initializer in options.Initializers)
        {
            code.Call(initializer);
        }

        InterruptControl.EmitEnables(code, options);
        code.Call(options.Entry);
        var sleep = code.NewLabel();
        code.Bind(sleep);
        code.Emit(Hint(Wfi));
        code.Branch(sleep);
    }

    private static void AddFunction(ElfObject startup, string name, Action<Assembler> emit)
    {
        var assembler = new Assembler();
        emit(assembler);
        CodeSections.Add(startup, name, assembler.Assemble(), SymbolBinding.Weak);
    }
}
