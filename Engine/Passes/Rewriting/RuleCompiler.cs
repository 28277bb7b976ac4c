using System.Collections.Immutable;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes.Rewriting;

/// <summary>Settles a rule's opcodes and literal types: a mnemonic without a type is taken once as i32 and once as i64.</summary>
internal static class RuleCompiler
{
    private static readonly Dictionary<string, OpcodeInfo> ByMnemonic =
        Opcodes.Rows.Where(row => row.Opcode != Opcode.SelectTyped).ToDictionary(row => row.Mnemonic, StringComparer.Ordinal);

    /// <summary>The rule at each width it stands for.</summary>
    public static IEnumerable<CompiledRule> Compile(RewriteRule rule) =>
        IsGeneric(rule.Pattern) || IsGeneric(rule.Replacement)
            ? [new Width(rule, ValType.I32).Compile(), new Width(rule, ValType.I64).Compile()]
            : [new Width(rule, ValType.I32).Compile()];

    private static bool IsGeneric(Term term) =>
        term is Operation operation && (IsGenericMnemonic(operation.Mnemonic) || operation.Arguments.Any(IsGeneric));

    private static bool IsGenericMnemonic(string mnemonic) => mnemonic != "select" && !mnemonic.Contains('.', StringComparison.Ordinal);

    private sealed class Width(RewriteRule rule, ValType type)
    {
        private readonly Dictionary<string, int> _variables = new(StringComparer.Ordinal);
        private readonly List<ValType?> _types = [];

        public CompiledRule Compile()
        {
            var pattern = (CompiledOperation)Term(rule.Pattern, null);
            var bound = _variables.Count;
            var guard = rule.Guard is null ? null : Term(rule.Guard, null);
            var replacement = Term(rule.Replacement, ResultOf(pattern));
            InvariantException.Require(_variables.Count == bound, $"rule {rule.Name} uses only variables that its pattern binds");
            var suffix = IsGeneric(rule.Pattern) || IsGeneric(rule.Replacement) ? "." + type.Name() : "";
            return new CompiledRule(rule.Name + suffix, bound, pattern, guard, replacement, [.. _types]);
        }

        private CompiledTerm Term(Term term, ValType? expected)
        {
            switch (term)
            {
                case Variable variable:
                    return Variable(variable, expected);
                case Literal literal:
                    var width = expected ?? type;
                    return new CompiledLiteral(width, width == ValType.I32 ? unchecked((uint)literal.Value) : unchecked((ulong)literal.Value));
                default:
                    var operation = (Operation)term;
                    var row = Row(operation.Mnemonic);
                    var arguments = operation.Arguments.Select((argument, i) => Term(argument, OperandType(row, i)));
                    return new CompiledOperation(row.Opcode, [.. arguments]);
            }
        }

        private CompiledVariable Variable(Variable variable, ValType? expected)
        {
            if (!_variables.TryGetValue(variable.Name, out var index))
            {
                _variables[variable.Name] = index = _variables.Count;
                _types.Add(expected);
            }

            _types[index] ??= expected;
            return new CompiledVariable(index, variable.IsConstant);
        }

        private OpcodeInfo Row(string mnemonic)
        {
            var name = IsGenericMnemonic(mnemonic) ? $"{type.Name()}.{mnemonic}" : mnemonic;
            return ByMnemonic.TryGetValue(name, out var row) ? row : throw new InvariantException($"rule {rule.Name} names the unknown instruction {name}");
        }

        private static ValType? OperandType(OpcodeInfo row, int position) =>
            row.Opcode == Opcode.Select ? position == 2 ? ValType.I32 : null : row.Pops[position];

        private static ValType? ResultOf(CompiledOperation operation)
        {
            var row = Opcodes.Get(operation.Opcode);
            return row.IsCustom ? null : row.Pushes[0];
        }
    }
}
