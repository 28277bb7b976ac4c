using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>
/// The C declarations of an object: what it exports, and what it expects of the firmware it is linked into. A name that is not a C
/// identifier keeps its symbol through an assembler label: <c>int32_t gust_poll(int32_t) __asm__("gust-poll");</c>
/// </summary>
internal sealed class CHeader
{
    /// <summary>Imports that become instructions; nobody has to supply them.</summary>
    private const string ChipPackage = "pulse:hal/";

    private static readonly HashSet<string> Keywords = new(
        ("auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return "
        + "short signed sizeof static struct switch typedef union unsigned void volatile while asm bool true false nullptr class new delete this")
        .Split(' '), StringComparer.Ordinal);

    private readonly Module _module;

    /// <summary>Two symbols may look alike as identifiers; one that is an identifier keeps it.</summary>
    private readonly HashSet<string> _taken;

    private CHeader(Module module, Func<FuncIndex, string> symbolOf)
    {
        _module = module;
        var exports = module.Exports.Where(e => e.Kind == ExternKind.Function).Select(e => e.Name);
        _taken = exports.Concat(Enumerable.Range(0, module.Functions.Count).Select(i => symbolOf(new FuncIndex(i)))).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Writes the header <paramref name="name"/> of <paramref name="module"/>, whose imports have the symbols of <paramref name="symbolOf"/>.</summary>
    public static string Write(Module module, Func<FuncIndex, string> symbolOf, string name) => new CHeader(module, symbolOf).Write(symbolOf, name);

    private string Write(Func<FuncIndex, string> symbolOf, string name)
    {
        var guard = Identifier(name).ToUpperInvariant() + "_H";
        var text = new StringBuilder();
        Line(text, $"/* Functions of {Comment(name)}. AAPCS: call them as C functions. */");
        Line(text, $"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n");
        Line(text, $"#ifdef __cplusplus\nextern \"C\" {{\n#endif\n");
        foreach (var export in _module.Exports.Where(e => e.Kind == ExternKind.Function))
        {
            Line(text, $"{Prototype(new FuncIndex(export.Index), export.Name)}");
        }

        var imports = Enumerable.Range(0, _module.Functions.Count).Select(FuncIndex.FromIndex)
            .Where(f => _module.Functions[f.Index].Import is { } import && !import.Module.StartsWith(ChipPackage, StringComparison.Ordinal))
            .DistinctBy(symbolOf).ToList();
        if (imports.Count > 0)
        {
            Line(text, $"\n/* To be supplied by the firmware. */");
            foreach (var function in imports)
            {
                Line(text, $"{Prototype(function, symbolOf(function))}");
            }
        }

        Line(text, $"\n#ifdef __cplusplus\n}}\n#endif\n\n#endif");
        return text.ToString();
    }

    private string Prototype(FuncIndex function, string symbol)
    {
        var type = _module.TypeOf(function);
        if (type.Results.Length > 1 || symbol.Length == 0)
        {
            return $"/* {Comment(symbol)}: {(symbol.Length == 0 ? "no name" : "several results")}, not callable from C */";
        }

        var parameters = type.Parameters.Length == 0 ? "void" : string.Join(", ", type.Parameters.Select(CType));
        var name = Identifier(symbol);
        while (name != symbol && !_taken.Add(name))
        {
            name += "_";
        }

        var label = name == symbol ? "" : $" __asm__(\"{Quoted(symbol)}\")";
        return $"{(type.Results.Length == 0 ? "void" : CType(type.Results[0]))} {name}({parameters}){label};";
    }

    private static string Quoted(string symbol) => string.Concat(symbol.Select(c =>
        c is '"' or '\\' ? $"\\{c}" : char.IsControl(c) && c < 128 ? "\\" + Convert.ToString(c, 8).PadLeft(3, '0') : c.ToString()));

    private static string Comment(string text) => text.Replace("*/", "* /", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string CType(ValType type) => type switch
    {
        ValType.I32 => "int32_t",
        ValType.I64 => "int64_t",
        ValType.F32 => "float",
        ValType.F64 => "double",
        _ => "void *",
    };

    private static string Identifier(string name)
    {
        var letters = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return letters.Length == 0 || char.IsAsciiDigit(letters[0]) || Keywords.Contains(letters) ? "_" + letters : letters;
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
