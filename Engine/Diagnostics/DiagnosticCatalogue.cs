using System.Collections.Frozen;
using System.Collections.Immutable;
using static Pulse.Build.Engine.Diagnostics.DiagnosticId;
using static Pulse.Build.Engine.Diagnostics.Severity;

namespace Pulse.Build.Engine.Diagnostics;

/// <summary>One row of the catalogue.</summary>
/// <param name="Id">The code.</param>
/// <param name="Severity">Severity unless the project says otherwise.</param>
/// <param name="Format">Composite format of the message: what is wrong, then what to do.</param>
/// <param name="Explanation">The paragraph of <c>docs/diagnostics.md</c>.</param>
public sealed record DiagnosticRow(DiagnosticId Id, Severity Severity, string Format, string Explanation);

/// <summary>Every diagnostic the engine and the tasks can give. <c>docs/diagnostics.md</c> is generated from it, and a test compares them.</summary>
public static class DiagnosticCatalogue
{
    /// <summary>The rows by rising code.</summary>
    public static ImmutableArray<DiagnosticRow> Rows { get; } =
    [
        // 0xxx: project and SDK
        new(PULSE0001, Error, "Pulse.Build.Sdk needs MSBuild 18.6 or newer (.NET SDK 10.0.300); this is {0}. Install a newer SDK or adjust global.json.", "The tasks use an MSBuild interface that older hosts do not have."),
        new(PULSE0002, Error, "The file '{0}' does not exist. Check the item's Include.", "An input item names a file that is not there."),
        new(PULSE0003, Error, "A file cannot be read or written: {0}", "The operating system refused access to an input or an output."),
        new(PULSE0004, Error, "'{0}' is not a value of {1}; use {2}.", "A property or an item's metadata has a value outside its list."),
        new(PULSE0005, Error, "The project has no WasmComponent items. Put components into components/, or name them: <WasmComponent Include=\"app.wasm\" />.", "There is nothing to make firmware from."),
        new(PULSE0006, Error, "InterruptHandler '{0}' names no export. Write <InterruptHandler Include=\"{0}\" Export=\"on-tick\" />.", "The Export metadata says which function handles the interrupt."),
        new(PULSE0007, Error, "No emulator is known for board '{0}'. Set PulseRunCommand (and PulseRunArguments) to what 'dotnet run' starts: an emulator, or a tool that flashes the board.", "'dotnet run' needs a command."),
        new(PULSE0008, Error, "PulseOutput={0} makes no image that 'dotnet run' could start. Build firmware, or set PulseRunCommand (and PulseRunArguments).", "An object has to be linked into something before it runs."),

        // 1xxx: wasm and WAT
        new(PULSE1001, Error, "Malformed WebAssembly: {0}", "The binary breaks the grammar of the binary format."),
        new(PULSE1002, Error, "Invalid WebAssembly: {0}", "The binary is well-formed but does not validate."),
        new(PULSE1003, Error, "WebAssembly feature '{0}' is not supported.", "The module uses a proposal that this version refuses by name."),
        new(PULSE1004, Error, "WebAssembly text: {0}", "The text breaks the grammar of the text format."),
        new(PULSE1005, Error, "The module cannot be run: {0}.", "The evaluator was asked for an export that is not there, with arguments that do not fit, or for a module whose imports it cannot stand in for."),
        new(PULSE1006, Error, "The module uses WebAssembly feature '{0}', which is switched off. Add it to PulseFeatures, or build the module without it.", "PulseFeatures says which proposals the project's modules may use; the module is valid with that one."),
        new(PULSE1020, Message, "The debug information is not used: {0}", "A DWARF section is malformed, or does not describe the code beside it. Positions are given as byte offsets, and marks in it do not count."),
        new(PULSE1021, Message, "The inlining marks are not used: {0}", "The section metadata.code.inline or metadata.code.instr_freq is malformed; none of its marks counts."),

        // 2xxx: components and fusion
        new(PULSE2001, Error, "Malformed component: {0}", "The binary breaks the grammar of the component binary format."),
        new(PULSE2002, Error, "Component feature '{0}' is not supported.", "The component uses a part of the Component Model that this version refuses by name."),
        new(PULSE2003, Error, "Invalid component: {0}", "The binary is well-formed, but one of its definitions refers to something that is not there or is of another kind."),
        new(PULSE2004, Error, "The composition names something that is not there: '{0}' does not {1} '{2}'.", "An explicit composition refers to an import or export that the component does not have, or to an instance that it does not define."),
        new(PULSE2005, Error, "Import '{0}' of '{1}' is exported by '{2}' and by '{3}'. Remove one, or wire them with an explicit composition.", "More than one component could satisfy an import, and which one is meant must not depend on their order."),
        new(PULSE2006, Error, "Import '{0}' of '{1}' does not fit what '{2}' exports: {3}.", "The two components were built against different versions of the interface."),
        new(PULSE2007, Error, "Components import each other in a circle: {0}.", "Components are instantiated one after another, so their imports must not form a cycle."),
        new(PULSE2008, Error, "'{0}' and '{1}' both export '{2}' to the world. Remove one, or wire them with an explicit composition.", "Two exports of the fused module would have the same name."),
        new(PULSE2009, Error, "'{0}', which is to be kept as an export, {1}.", "A kept export names a function that no component exports, or that several do."),
        new(PULSE2010, Error, "'{0}' cannot be fused: {1} is not supported.", "The component uses a part of the Component Model that is read but not yet fused."),
        new(PULSE2011, Error, "Component '{0}' cannot share a memory: {1}. Set PulseMemory to multi, or build it without that.", "In a shared memory a component must not grow the memory, and must not assume that what follows its heap is its own."),
        new(PULSE2012, Error, "Component '{0}' cannot be moved in memory: {1}. Link it with --emit-relocs, and keep later tools from rewriting it.", "Only relocations say which constants of a module are addresses. Without them, or with ones that do not describe the code, it would be corrupted."),
        new(PULSE2013, Error, "The host passes data through the memory of '{0}', which has no allocator for the data of '{1}'. Set PulseMemory to multi, or give '{0}' a cabi_realloc.", "In a shared memory, strings and lists pass to and from the host as one component passes them; those of other components, or in another encoding, are copied into memory from that component's allocator."),
        new(PULSE2014, Error, "There is nothing to fuse: {0}.", "No component was given, or a core module stands where only a component can be linked."),
        new(PULSE2015, Error, "'{0}' and '{1}' import '{2}' from the host with different types: {3}, and {4}.", "The components were built against different versions of an interface, of which the host has one."),
        new(PULSE2016, Error, "'{0}' is a core module: Reentrant=false guards instances of components only. Make it a component, or leave the metadata out.", "Where calls enter and leave an instance is known of components: their types say so. A core module has no such border."),

        // 3xxx: optimisation and proof
        new(PULSE3001, Error, "No Z3 solver was found ({0}). Install libz3 ('apt-get install libz3-4', 'brew install z3'), or set PulseZ3Path to the library or to the z3 program.", "Every change of the optimiser is proved by Z3; without it nothing can be vouched for."),
        new(PULSE3002, Error, "The optimised function '{0}' does not refine the original: {1}. This is a defect of Pulse.Build.Sdk; please report it with the two modules.", "The judge found inputs for which the two functions differ, and the evaluator confirmed it."),
        new(PULSE3003, Error, "The optimised function '{0}' could not be proved equal to the original: {1}. Set PulseUnproved=keep-original to optimise such functions with less.", "PulseUnproved=error is in force, and the judge ran out of budget, or lacks a model for something that the function does."),
        new(PULSE3004, Warning, "{0} is {1}, because more could not be proved: {2}.", "The optimiser goes on with less until all is proved: without inlining certain callees, without inlining, not at all. The result is right; it is only larger or slower than it could be."),
        new(PULSE3005, Warning, "InlineFunction '{0}' names no function. Use a name that obj/…/optimized.report.json or the hot-path report gives, with or without the component in front.", "A misspelt name would otherwise change nothing without a word."),
        new(PULSE3006, Warning, "'{0}' keeps values more than 128 bytes below the stack pointer (global {1}), where the interrupt handler '{2}' has its frame: an interrupt would overwrite them. Lower the stack pointer in '{0}' before it uses what is below.", "The entry of a handler leaves the 128 bytes below the stack pointer alone that compilers use in functions that call nothing. What lies deeper is the handler's."),
        new(PULSE3007, Warning, "'{0}' waits in a loop for memory that nothing changes: no interrupt handler of the project writes there, so the loop never ends. Bind the handler that does (InterruptHandler), or read devices through pulse:hal/mmio.", "Each round of the loop reads the same memory or global and does nothing else. Only what is bound as a handler interrupts the program; what devices write is read through pulse:hal, or behind a barrier of pulse:hal/cpu."),

        // 4xxx: lowering and link
        new(PULSE4001, Error, "'{0}' is not a known target; set PulseTarget to one of: {1}.", "PulseTarget names a processor that this version does not lower to."),
        new(PULSE4002, Error, "Function '{0}' uses {1}, which cannot be lowered to {2}.", "The function uses an instruction or a type without lowering rules for the target."),
        new(PULSE4003, Error, "Memory {0} of {1} bytes cannot be laid out; use a 32-bit memory of at most 1 GiB, or let the fusion plan it.", "The module declares a memory that no microcontroller holds, or a 64-bit one."),
        new(PULSE4004, Error, "Table {0} cannot be laid out: it is {1}.", "Indirect calls go through tables of code addresses that are complete when the object is made."),
        new(PULSE4005, Error, "Data segment {0} does not lie at a constant place inside the {1} bytes of its memory.", "Active data segments become the initial content of the memory; one that is out of bounds would trap at the start."),
        new(PULSE4006, Error, "Global {0} is imported or has an initial value that is not a constant; give it a value when the components are fused.", "Globals are variables of the object, with their initial value in its data."),
        new(PULSE4007, Error, "'{0}' cannot be a symbol: {1}. Name the import or the export differently.", "Imports and exports are symbols of the object; two that mean different things cannot have one name."),
        new(PULSE4030, Error, "Malformed ELF file: {0}", "An object or an image breaks the ELF format, or is not 32-bit little-endian Arm."),
        new(PULSE4040, Error, "'{0}' is not a known board; set PulseBoard to one of: {1}.", "PulseBoard names a board whose memory map and vectors this version does not know."),
        new(PULSE4041, Error, "'{0}' is not a vector of board '{1}'; use one of: {2}, or IRQ0 to IRQ{3}.", "An InterruptHandler item names a vector that the board does not have."),
        new(PULSE4042, Error, "The entry '{0}' (PulseEntry) is not exported. The exports are: {1}.", "The reset code calls an export that the object does not define as a function."),
        new(PULSE4043, Error, "The handler '{0}' of vector '{1}' is not exported. The exports are: {2}.", "An InterruptHandler item names an export that the object does not define as a function."),
        new(PULSE4044, Error, "Symbol '{0}' is not defined; '{1}' refers to it. Imports outside pulse:hal must be satisfied by a component.", "The linked image would call or read something that no object defines."),
        new(PULSE4045, Error, "Symbol '{0}' is defined twice: in '{1}' and in '{2}'.", "Two objects define the same global symbol."),
        new(PULSE4046, Error, "The image needs {0} bytes of flash, {1} more than the {2} bytes of board '{3}'. Largest: {4}.", "Code, constants and the initial values of data do not fit. The message names the largest users."),
        new(PULSE4047, Error, "The image needs {0} bytes of RAM, {1} more than the {2} bytes of board '{3}' ({4} of them kept free for the stack by PulseStackSize). Largest: {5}.", "Variables, linear memory and the stack reserve do not fit. The message names the largest users."),
        new(PULSE4048, Error, "'{0}' at offset 0x{1:x} cannot reach '{2}': the distance of {3} bytes is outside the range of {4}.", "A relocated instruction does not reach its target."),
        new(PULSE4049, Error, "Relocation type {0} in '{1}' is not supported.", "An object uses a relocation that the firmware linker does not apply."),
        new(PULSE4050, Error, "Bounds checks by the memory protection unit (PulseBoundsChecks=mpu) are not supported; use software or none.", "No code is generated that programs the memory protection unit."),
        new(PULSE4051, Error, "Vector '{0}' of board '{1}' has two handlers: '{2}' and '{3}'.", "Two InterruptHandler items name the same vector."),
        new(PULSE4052, Error, "Vector '{0}' cannot be bound: {1}.", "The reset vector and the initial stack pointer belong to the start-up code."),
        new(PULSE4053, Error, "'{0}' cannot be {1}: its type is {2}. It must take no parameters and give at most four words of results.", "The start-up code and the processor call a function without arguments, and have no room for results that do not fit in registers."),
        new(PULSE4054, Error, "The machine stack has no bound: {0}. Set PulseStackSize to a number of bytes; one round takes {1}.", "With PulseStackSize=auto the stack gets what the calls can take, which is not known where functions call themselves. The message names each cycle."),
        new(PULSE4055, Error, "The machine stack of {0} bytes (PulseStackSize) is too small: it can take {1}. Deepest calls: {2}.", "The deepest calls of the program, one handler of each priority, a fault and their exception frames need more than the number given. `auto` reserves exactly what they need."),
        new(PULSE4056, Error, "The stack in linear memory has {0} bytes, and calls can take {1}: {2}. Link the component with a larger stack (-z stack-size).", "The frames that functions keep in linear memory, those of the handlers that can interrupt them and the 128 bytes that each handler leaves free need more than the component reserves. Stacks that fusion lays out have what they need."),
        new(PULSE4057, Warning, "The stack in linear memory that ends at address {0} has data below it, and nothing says where that ends: a stack that overflows would overwrite it. Link the component with --stack-first, or with --emit-relocs.", "The linker put the stack behind data. Where its zeros end is known only with its symbols, or from an exported __data_end. In front of all data, an overflow traps."),
        new(PULSE4058, Error, "PulseFaults=on-fault calls the export 'on-fault' (func (param i32 i32 i32 i32)) with the kind of the trap, the address, the return address and the exception; {0}.", "It may take fewer of the four words, gives no result, and halts when it returns. With another value of PulseFaults nothing calls it."),
        new(PULSE4060, Error, "Vector '{0}' cannot have priority {1}: board '{2}' has 0 to {3}, and a lower number interrupts a higher one.", "An InterruptHandler item has a Priority that the chip has no bits for. Priorities are counted as CMSIS counts them, from 0 up, whatever the number of bits."),
        new(PULSE4061, Error, "Vector '{0}' cannot have {1}: {2}.", "NMI and HardFault stand above every priority. Only interrupts have an enable bit; start-up always enables the faults, and SysTick, PendSV and SVCall begin with what the program writes or calls."),
        new(PULSE4062, Error, "The image cannot start {0} bytes into the flash of board '{1}' (PulseFlashOffset): the vector table needs a multiple of {2} below {3}.", "VTOR has no bits for other addresses. Leave the boot loader a multiple of that size."),
        new(PULSE4063, Error, "RAM at 0x{0:x8} of {1} bytes (PulseExtraRam) {2}.", "A range is a first address and a number of bytes, both multiples of four, and lies on no other memory of the board."),
        new(PULSE4080, Error, "NativeObject '{0}': linking foreign objects into firmware is not supported. Build with PulseOutput=object and link the object into your own firmware.", "The image holds only what comes from the components."),

        // 5xxx: hot path
        new(PULSE5001, Warning, "Call from '{0}' to '{1}' survives on the hot path of '{2}'{5}: {3}; about {4} cycles a call.", "A function that a HotPathEntry reaches still calls another one. The message says why it was not inlined."),
        new(PULSE5002, Error, "HotPathEntry '{0}' names no exported function; use one of: {1}.", "A hot path starts at an export. Give its full name, or the part after '#' when no other export has it too."),
        new(PULSE5003, Error, "HotPathEntry '{0}' fits more than one export: {1}. Use the full name.", "Several interfaces export a function of this name."),
        new(PULSE5004, Error, "The hot-path check cannot read {0}: {1}", "The file is not what the optimisation stage writes. Rebuild the project."),
        new(PULSE5005, Message, "On the hot path of '{0}', {1} accesses of '{2}' stay where they are, because an interrupt handler may touch the same places; {3} of them have an address that nothing bounds.", "What handlers touch is read and written each time, in its order. Where an address is a constant, an offset or a mask away from the handler's places, it costs nothing; obj/…/optimized.report.json lists the places."),

        // 6xxx: run
        new(PULSE6001, Error, "{0}", "'dotnet run' saw the firmware stop by itself: what happened, in which function, and in which line of source where the component has debug information. docs/on-the-chip.md says what each means."),
        new(PULSE6002, Error, "'{0}' cannot be started: {1}. Install it, or set PulseRunCommand (and PulseRunArguments) to what 'dotnet run' starts.", "'dotnet run' starts the board's emulator, or the project's own command."),

        // 9xxx: our own defect
        new(PULSE9001, Error, "Internal error in {0}: {1}. This is a defect of Pulse.Build.Sdk; please report it with the input.", "An invariant of the engine does not hold."),
    ];

    private static readonly FrozenDictionary<DiagnosticId, DiagnosticRow> Index = Rows.ToFrozenDictionary(row => row.Id);

    /// <summary>The row of <paramref name="id"/>.</summary>
    public static DiagnosticRow Find(DiagnosticId id) => Index[id];
}
