using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Support;

/// <summary>
/// Runs the script of a generated module, every function twice, on the evaluator or on V8, and says what can be seen of it: how each call
/// ended, what the host was called with, and every byte of memory.
/// </summary>
internal static class ModuleScript
{
    private const int Fuel = 400_000;

    /// <summary>What the evaluator shows; null when a call takes too long.</summary>
    public static string? OnEvaluator(byte[] bytes)
    {
        var calls = new List<int>();
        var imports = new Imports().Add("env", "observe", FuncType.Of([ValType.I32], [ValType.I32]), values =>
        {
            calls.Add(values[0].AsI32);
            return [RuntimeValue.I32(unchecked(values[0].AsI32 * 3))];
        });
        var module = ModuleReader.Read(bytes, "module");
        var instance = Instance.Create(module, imports);
        if (instance.Export("host") is GlobalInstance host)
        {
            host.Value = new RuntimeValue(ValType.ExternRef, 0, "an object");
        }

        var lines = new List<string>();
        var functions = module.Exports.Select(export => export.Name).Where(name => name[0] == 't').ToArray();
        foreach (var name in functions.Concat(functions).Append("dump"))
        {
            var outcome = instance.Invoke(name, [], new EvaluationOptions { Fuel = Fuel });
            if (outcome.Kind == OutcomeKind.OutOfFuel)
            {
                return null;
            }

            lines.Add($"{name} {Ending(outcome)} calls {string.Join(" ", calls.Select(value => value.ToString(CultureInfo.InvariantCulture)))}");
            calls.Clear();
        }

        foreach (var name in new[] { "memory", "memory1" })
        {
            if (instance.Export(name) is MemoryInstance memory)
            {
                var all = new byte[memory.Bytes];
                memory.ReadBytes(0, all);
                lines.Add($"{name} {Convert.ToHexStringLower(SHA256.HashData(all))}");
            }
        }

        return string.Join("\n", lines);
    }

    /// <summary>
    /// What V8 shows of each module, in one process of the node that <c>PULSE_NODE</c> names or that is installed; null for a module whose
    /// features this V8 does not know. Ends the test when there is no node.
    /// </summary>
    public static Dictionary<string, string?> OnV8(IEnumerable<(string Name, byte[] Bytes)> modules)
    {
        var folder = Directory.CreateTempSubdirectory("pulse-scripts-");
        try
        {
            foreach (var (name, bytes) in modules)
            {
                File.WriteAllBytes(Path.Combine(folder.FullName, name + ".wasm"), bytes);
            }

            return Node(folder.FullName).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .ToDictionary(
                    line => Path.GetFileNameWithoutExtension(line.GetProperty("name").GetString()!),
                    line => line.TryGetProperty("said", out var said) ? said.GetString() : null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Ending(Outcome outcome) => outcome.Kind != OutcomeKind.Trapped ? outcome.Returned ? "returned" : outcome.Kind.ToString() : outcome.Trap switch
    {
        TrapKind.IntegerOverflow or TrapKind.InvalidConversion => "Unrepresentable",
        TrapKind.UninitialisedElement or TrapKind.IndirectCallTypeMismatch => "IndirectCall",
        var trap => trap.ToString(),
    };

    private static string Node(string folder)
    {
        var program = Environment.GetEnvironmentVariable("PULSE_NODE") is { Length: > 0 } named ? named : "node";
        var script = Path.Combine(SharedMaterial.Repository, "tests", "Pulse.Build.Tests", "Support", "run-scripts.mjs");
        var start = new ProcessStartInfo(program, [script, folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var node = Process.Start(start)!;
            var errors = node.StandardError.ReadToEndAsync();
            var output = node.StandardOutput.ReadToEnd();
            node.WaitForExit();
            Assert.AreEqual(0, node.ExitCode, errors.Result);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Inconclusive("node is not installed");
            return "";
        }
    }
}
