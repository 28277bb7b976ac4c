using System.Collections.Immutable;
using System.Reflection;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes.Rewriting;

/// <summary>The rules of the embedded <c>*.rules</c> files, compiled for every width and indexed by the opcode at the root of the pattern.</summary>
internal sealed class RuleSet
{
    private readonly Dictionary<Opcode, List<CompiledRule>> _byRoot = [];

    /// <summary>Compiles <paramref name="rules"/>.</summary>
    public RuleSet(IEnumerable<RewriteRule> rules)
    {
        Rules = [.. rules];
        InvariantException.Require(Rules.Select(rule => rule.Name).Distinct().Count() == Rules.Length, "rule names are unique");
        foreach (var compiled in Rules.SelectMany(RuleCompiler.Compile))
        {
            if (!_byRoot.TryGetValue(compiled.Pattern.Opcode, out var list))
            {
                _byRoot[compiled.Pattern.Opcode] = list = [];
            }

            list.Add(compiled);
        }
    }

    /// <summary>The rules that the optimiser ships with.</summary>
    public static RuleSet Shipped { get; } = new(Load());

    /// <summary>The rules as written.</summary>
    public ImmutableArray<RewriteRule> Rules { get; }

    /// <summary>Every rule at every width, in the order of the files.</summary>
    public IEnumerable<CompiledRule> Compiled => Rules.SelectMany(RuleCompiler.Compile);

    /// <summary>The rules whose pattern begins with <paramref name="opcode"/>.</summary>
    public IReadOnlyList<CompiledRule> For(Opcode opcode) => _byRoot.TryGetValue(opcode, out var list) ? list : [];

    private static IEnumerable<RewriteRule> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".rules", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvariantException($"resource {name} is readable");
            using var reader = new StreamReader(stream);
            foreach (var rule in RuleParser.Parse(reader.ReadToEnd()))
            {
                yield return rule;
            }
        }
    }
}
