using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>A changed module: of which kind the change is, and what it was.</summary>
internal sealed record Mutant(string Kind, string What, byte[] Bytes);

/// <summary>Makes valid modules that differ from a given one by one or two changes of a kind.</summary>
internal static class Mutator
{
    private static readonly Dictionary<string, Func<CodeMutations, List<CodeNode>, string?>> Code = new()
    {
        ["instruction"] = (m, code) => m.Instruction(code),
        ["constant"] = (m, code) => m.Constant(code),
        ["operand"] = (m, code) => m.Operand(code),
        ["order"] = (m, code) => m.Order(code),
        ["deletion"] = (m, code) => m.Deletion(code),
        ["duplication"] = (m, code) => m.Duplication(code),
        ["control"] = (m, code) => m.Control(code),
        ["call"] = (m, code) => m.Call(code),
        ["rare value"] = (m, code) => m.RareValue(code),
    };

    private static readonly Dictionary<string, Func<ModuleMutations, string?>> Whole = new()
    {
        ["import name"] = m => m.ImportName(),
        ["import to own"] = m => m.ImportToOwn(),
        ["export"] = m => m.ExportName(),
        ["table"] = m => m.Table(),
        ["elements"] = m => m.Elements(),
        ["start"] = m => m.Start(),
        ["data"] = m => m.Data(),
        ["limits"] = m => m.Limit(),
        ["global"] = m => m.Global(),
        ["section"] = m => m.Section(),
    };

    /// <summary>Two changes, which may cancel.</summary>
    private const string Two = "two changes";

    public static IReadOnlyList<string> Kinds { get; } = [.. Code.Keys, .. Whole.Keys, Two];

    /// <summary>A valid module with a change of <paramref name="kind"/>, or null when the choices of <paramref name="random"/> make none.</summary>
    public static Mutant? Make(byte[] original, string kind, FuzzRandom random)
    {
        if (kind == Two)
        {
            var others = Kinds.Where(k => k != Two).ToArray();
            return Make(original, random.Pick(others), random) is { } one && Make(one.Bytes, random.Pick(others), random) is { } both && !both.Bytes.AsSpan().SequenceEqual(original)
                ? both with { Kind = kind, What = $"{one.What}; {both.What}" } : null;
        }

        var module = ModuleReader.Read(original, "original");
        var what = Whole.TryGetValue(kind, out var change) ? change(new ModuleMutations(module, random)) : Change(module, Code[kind], random);
        if (what is null)
        {
            return null;
        }

        try
        {
            var bytes = ModuleWriter.Write(module);
            Validator.Validate(ModuleReader.Read(bytes, "mutant"), "mutant");
            return bytes.AsSpan().SequenceEqual(original) ? null : new Mutant(kind, what, bytes);
        }
        catch (DiagnosticException)
        {
            return null;
        }
    }

    private static string? Change(Module module, Func<CodeMutations, List<CodeNode>, string?> change, FuzzRandom random)
    {
        var own = Enumerable.Range(0, module.Functions.Count).Where(f => module.Functions[f].Body is not null).ToArray();
        var function = own.Length == 0 ? -1 : random.Pick(own);
        if (function < 0)
        {
            return null;
        }

        var code = CodeTree.Parse(module, function);
        var mutations = new CodeMutations(module, random) { Function = function };
        if (change(mutations, code) is not { } what)
        {
            return null;
        }

        var body = module.Functions[function].Body!;
        module.Functions[function] = module.Functions[function] with
        {
            Body = new FunctionBody(mutations.Scratch is { } scratch ? body.Locals.Add(new LocalGroup(1, scratch)) : body.Locals, CodeTree.Write(code)),
        };
        return $"function {function}: {what}";
    }
}
