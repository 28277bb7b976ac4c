using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>
/// The C declarations of an object: what it exports, its memories, what it expects of the program it is linked into, and what both must keep to.
/// Every name is the symbol itself, without an assembler label, so that compilers and link-time optimisation of any make agree on it.
/// </summary>
internal sealed class CHeader
{
    /// <summary>Imports that become instructions; nobody has to supply them.</summary>
    private const string ChipPackage = "pulse:hal/";

    private readonly ModulePlan _plan;
    private readonly CNames _names;
    private readonly StringBuilder _text = new();

    private CHeader(ModulePlan plan, CNames names) => (_plan, _names) = (plan, names);

    /// <summary>Writes the header <paramref name="name"/> of the object that was made for <paramref name="plan"/>.</summary>
    public static string Write(ModulePlan plan, CNames names, string name) => new CHeader(plan, names).Write(name);

    private string Write(string name)
    {
        var guard = CIdentifier.Of(name).ToUpperInvariant() + "_H";
        Line($"/* {Comment(name)}: a WebAssembly module as an object.");
        AddContract();
        Line($"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n");
        Line($"#ifdef __cplusplus\nextern \"C\" {{\n#endif\n");
        AddInitialization();
        AddExports();
        AddMemories();
        AddImports();
        Line($"#ifdef __cplusplus\n}}\n#endif\n\n#endif");
        return _text.ToString();
    }

    private void AddContract()
    {
        var kinds = string.Join(", ", Enum.GetValues<TrapKind>().Select(kind => string.Create(CultureInfo.InvariantCulture, $"{(int)kind} {Words(kind)}")));
        Line($" *");
        Line($" * Calls: AAPCS with floating point in core registers (-mfloat-abi=soft or softfp), the stack aligned to 8 bytes.");
        Line($" * Traps: a trap executes `udf #KIND`, a UsageFault, or a HardFault where that is not enabled. KIND is the low byte of the");
        Line($" *   instruction at the stacked PC: {kinds}.");
        Line($" *   After a trap nothing may be called here before memory and variables are as they were at reset.");
        Line($" * Re-entrancy: the functions share memory and variables without locks. While one runs, neither an interrupt handler, nor another");
        Line($" *   thread, nor a function that is supplied may call one; what the project names as an InterruptHandler may interrupt the others. */");
    }

    private void AddInitialization()
    {
        Line($"/* To be called once, after .data and .bss are initialised and before any other function. */");
        var isNeeded = _plan.Module.Start is not null || _plan.Filled.Count > 0;
        Line($"{(isNeeded ? "" : "static inline ")}void {_names.Initialization}(void){(isNeeded ? ";" : " {}")}\n");
    }

    private void AddExports()
    {
        var handlers = InterruptSection.Read(_plan.Module, _plan.Path).ToLookup(handler => handler.Export, StringComparer.Ordinal);
        foreach (var export in _plan.Module.Exports.Where(e => e.Kind == ExternKind.Function))
        {
            foreach (var handler in handlers[export.Name])
            {
                var priority = handler.Priority is { } number ? string.Create(CultureInfo.InvariantCulture, $" with priority {number}, which the program has to set") : "";
                Line($"/* Handler of the interrupt {Comment(handler.Vector.Length > 0 ? handler.Vector : "that the program chooses")}{priority}: for the vector table. */");
            }

            Line($"{Prototype(new FuncIndex(export.Index), export.Name)}");
        }

        Line($"");
    }

    private void AddMemories()
    {
        for (var memory = 0; memory < _plan.MemoryBytes.Count; memory++)
        {
            if (_plan.MemoryBytes[memory] == 0)
            {
                continue;
            }

            var (bytes, symbol, address) = (_plan.MemoryBytes[memory], _names.Memory(memory), _names.Address(memory));
            Line($"/* Linear memory, and the address of an offset in it: what the functions call a pointer is such an offset. */");
            Line($"#define {symbol.ToUpperInvariant()}_SIZE {bytes}u");
            Line($"extern uint8_t {symbol}[{bytes}u];");
            Line($"static inline void *{address}(uint32_t offset) {{ return {symbol} + offset; }}");
            if (_plan.MemorySizes.Contains(memory))
            {
                Line($"extern const volatile uint32_t {_names.MemorySize(memory)}; /* Bytes that it has grown to. */");
            }

            Line($"");
        }
    }

    private void AddImports()
    {
        var imports = Enumerable.Range(0, _plan.Module.Functions.Count).Select(FuncIndex.FromIndex)
            .Where(f => _plan.Module.Functions[f.Index].Import is { } import && !import.Module.StartsWith(ChipPackage, StringComparison.Ordinal))
            .DistinctBy(_plan.FunctionSymbol).ToList();
        if (imports.Count == 0)
        {
            return;
        }

        Line($"/* To be supplied by the program. */");
        foreach (var function in imports)
        {
            Line($"{Prototype(function, _plan.FunctionSymbol(function))}");
        }

        Line($"");
    }

    /// <summary>The declaration of <paramref name="function"/>, and the name that it had where C cannot spell that.</summary>
    private string Prototype(FuncIndex function, string symbol)
    {
        var type = _plan.Module.TypeOf(function);
        var name = _names.Function(symbol);
        if (type.Results.Length > 1)
        {
            return $"/* {Comment(symbol)}: several results, not callable from C */";
        }

        var parameters = type.Parameters.Length == 0 ? "void" : string.Join(", ", type.Parameters.Select(CType));
        var result = type.Results.Length == 0 ? "void" : CType(type.Results[0]);
        return $"{result} {name}({parameters});{(name == symbol ? "" : $" /* {Comment(symbol)} */")}";
    }

    /// <summary>Nothing in <paramref name="text"/> ends the comment, begins another, goes on in the next line, or turns the direction of what is read.</summary>
    private static string Comment(string text)
        => string.Concat(text.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : c))
        .Replace("*/", "* /", StringComparison.Ordinal).Replace("/*", "/ *", StringComparison.Ordinal);

    private static string Words(TrapKind kind)
        => string.Concat(kind.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));

    private static string CType(ValType type) => type switch
    {
        ValType.I32 => "int32_t",
        ValType.I64 => "int64_t",
        ValType.F32 => "float",
        ValType.F64 => "double",
        _ => "void *",
    };

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
