using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Support;

/// <summary>What a module does, as text: two modules that behave the same give the same text.</summary>
internal static class Behaviour
{
    /// <summary>The outcome of a call that did not end.</summary>
    public const string NoFuel = "out of fuel";

    /// <summary>Everything that can be seen of a call. A NaN is a NaN: which one is not fixed.</summary>
    public static string Observe(byte[] bytes, string export, RuntimeValue[] arguments)
    {
        var calls = new List<string>();
        var imports = new Imports().Add("env", "observe", FuncType.Of([ValType.I32], [ValType.I32]), values =>
        {
            calls.Add(values[0].AsI32.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return [RuntimeValue.I32(unchecked(values[0].AsI32 * 3))];
        });
        imports.Add("e", "p", FuncType.Of([ValType.I32], []), values =>
        {
            calls.Add("p" + values[0].AsI32.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return [];
        });
        imports.Add("e", "i", new GlobalInstance(RuntimeValue.I32(42), false));
        var instance = Instance.Create(ModuleReader.Read(bytes, "module"), imports);
        var outcome = instance.Invoke(export, arguments, new EvaluationOptions { Fuel = 200_000 });
        if (outcome.Kind == OutcomeKind.OutOfFuel)
        {
            return NoFuel;
        }

        var memory = string.Join(",", instance.Memories.SelectMany(m => m.Written).Select(part => $"{part.Address}:{Convert.ToHexString(part.Bytes)}"));
        return $"{outcome} globals {string.Join(" ", instance.Globals.Where(global => global.IsMutable).Select(global => global.Value.AsV128))} calls {string.Join(" ", calls)} memory {memory}";
    }

    /// <summary>Arguments for a function of <paramref name="type"/>, different for each seed.</summary>
    public static RuntimeValue[] Arguments(FuncType type, int seed) =>
        [.. type.Parameters.Select((parameter, i) => new RuntimeValue(parameter, parameter.Bits() == 32 ? (uint)(seed * 17 + i) : (ulong)(seed * 31 + i)))];
}
