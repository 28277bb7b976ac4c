using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen;

/// <summary>C declarations of the exports, and of the imports that the program has to define.</summary>
internal static class CHeader
{
    /// <summary>The header; its guard comes from <paramref name="name"/>.</summary>
    public static string Print(CompiledModule compiled, string name)
    {
        var module = compiled.Plan.Module;
        var guard = Identifier(name).ToUpperInvariant() + "_H";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n");
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Function))
        {
            text.Append(Declaration(module.TypeOf(new FuncIndex(export.Index)), export.Name));
        }

        for (var i = 0; i < module.Functions.Count; i++)
        {
            var index = new FuncIndex(i);
            if (module.Functions[i].Import is { } import && !import.Module.StartsWith(Lowering.ChipOperations.Package, StringComparison.Ordinal))
            {
                text.Append("/* to be defined by the program */\n").Append(Declaration(module.TypeOf(index), compiled.Plan.FunctionSymbol(index)));
            }
        }

        return text.Append("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n").ToString();
    }

    private static string Declaration(FuncType type, string symbol)
    {
        var name = Identifier(symbol);
        var parameters = type.Parameters.IsEmpty ? "void" : string.Join(", ", type.Parameters.Select(NameOf));
        var label = name == symbol ? "" : $" __asm__(\"{symbol}\")";
        return type.Results.Length > 1
            ? $"/* {symbol}: several results, see the calling convention of the code generator */\n"
            : $"{(type.Results.IsEmpty ? "void" : NameOf(type.Results[0]))} {name}({parameters}){label};\n";
    }

    private static string NameOf(ValType type) => type switch
    {
        ValType.I32 => "uint32_t",
        ValType.I64 => "uint64_t",
        ValType.F32 => "float",
        ValType.F64 => "double",
        _ => "void *",
    };

    private static string Identifier(string name) => string.Concat(name.Select((c, i) => char.IsAsciiLetter(c) || c == '_' || (i > 0 && char.IsAsciiDigit(c)) ? c : '_'));
}
