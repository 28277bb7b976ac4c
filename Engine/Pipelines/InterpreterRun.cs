using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>
/// Runs an export of a core module in the evaluator. Imported functions say that they were called and return zeros; other imports are refused.
/// </summary>
public static class InterpreterRun
{
    /// <summary>Runs; the text says which imports were called and how the run ended. Null when the module or the call makes no sense.</summary>
    /// <param name="file">The module, binary or text.</param>
    /// <param name="export">The exported function.</param>
    /// <param name="arguments">One a parameter: decimal or 0x hexadecimal integers, floats in invariant notation.</param>
    /// <param name="sink">Takes the diagnostics.</param>
    public static string? Evaluate(InputFile file, string export, ImmutableArray<string> arguments, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("evaluation", file.Path, sink, () => Run(file, export, arguments));
    }

    private static string Run(InputFile file, string export, ImmutableArray<string> arguments)
    {
        var module = ModuleLoading.Load(file);
        var function = module.Exports.Find(e => e.Name == export && e.Kind == ExternKind.Function)
            ?? throw Refused(file, $"there is no exported function '{export}'");
        var type = module.TypeOf(new FuncIndex(function.Index));
        if (arguments.Length != type.Parameters.Length)
        {
            throw Refused(file, $"'{export}' has the type {type}, but {arguments.Length} arguments are given");
        }

        var log = new StringBuilder();
        try
        {
            var values = type.Parameters.Zip(arguments, (parameter, text) => Parse(file, parameter, text)).ToArray();
            var instance = Instance.Create(module, Host(module, log));
            return log.Append(instance.Invoke(export, values)).ToString();
        }
        catch (LinkException problem)
        {
            throw Refused(file, problem.Message);
        }
        catch (TrapException trap)
        {
            return log.Append(CultureInfo.InvariantCulture, $"trapped while instantiating: {trap.Kind}").ToString();
        }
    }

    private static Imports Host(Module module, StringBuilder log)
    {
        var imports = new Imports();
        foreach (var function in module.Functions)
        {
            if (function.Import is not { } import)
            {
                break;
            }

            var type = module.Types[function.Type.Index];
            imports.Add(import.Module, import.Name, type, values =>
            {
                var list = string.Join(", ", values.ToArray().Select(v => $"0x{v.AsV128:x}"));
                log.Append(CultureInfo.InvariantCulture, $"{import.Module}.{import.Name}({list})\n");
                return [.. type.Results.Select(RuntimeValue.Zero)];
            });
        }

        return imports;
    }

    private static RuntimeValue Parse(InputFile file, ValType type, string text)
    {
        var isHexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var culture = CultureInfo.InvariantCulture;
        switch (type)
        {
            case ValType.I32 or ValType.I64 when isHexadecimal && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, culture, out var bits)
                && (type == ValType.I64 || bits <= uint.MaxValue):
                return new RuntimeValue(type, bits);
            case ValType.V128 when isHexadecimal && UInt128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, culture, out var vector):
                return RuntimeValue.V128(vector);
            case ValType.I32 when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var small) && small is >= int.MinValue and <= uint.MaxValue:
                return RuntimeValue.I32(unchecked((int)small));
            case ValType.I64 when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var signed):
                return RuntimeValue.I64(signed);
            case ValType.I64 when ulong.TryParse(text, NumberStyles.None, culture, out var unsigned):
                return new RuntimeValue(type, unsigned);
            case ValType.F32 when float.TryParse(text, NumberStyles.Float, culture, out var single):
                return RuntimeValue.F32(single);
            case ValType.F64 when double.TryParse(text, NumberStyles.Float, culture, out var real):
                return RuntimeValue.F64(real);
            default:
                throw Refused(file, $"'{text}' is not a value of type {type.Name()}");
        }
    }

    private static DiagnosticException Refused(InputFile file, string why) => new(DiagnosticId.PULSE1005, new Location(file.Path), why);
}
