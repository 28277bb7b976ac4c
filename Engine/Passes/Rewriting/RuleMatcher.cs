using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes.Rewriting;

/// <summary>Tries the rules on an instruction of a function and builds the replacement of the first that applies.</summary>
internal sealed class RuleMatcher(Function function, RuleSet rules)
{
    private readonly IrBuilder _builder = new(function);

    /// <summary>The value that replaces the result of <paramref name="inst"/>, with the instructions it needs inserted before it; null when no rule applies.</summary>
    public Value? Apply(Inst inst)
    {
        foreach (var rule in rules.For(function.OpcodeOf(inst)))
        {
            var bindings = new Value?[rule.Variables];
            if (MatchOperation(rule.Pattern, inst, bindings) && GuardHolds(rule, bindings))
            {
                _builder.InsertBefore(inst);
                _builder.Source = function.SourceOf(inst);
                return Build(rule.Replacement, bindings, function.TypeOf(function.Result(inst)));
            }
        }

        return null;
    }

    private bool MatchOperation(CompiledOperation pattern, Inst inst, Value?[] bindings)
    {
        if (function.OpcodeOf(inst) != pattern.Opcode)
        {
            return false;
        }

        for (var i = 0; i < pattern.Arguments.Length; i++)
        {
            if (!Match(pattern.Arguments[i], function.Arguments(inst)[i], bindings))
            {
                return false;
            }
        }

        return true;
    }

    private bool Match(CompiledTerm term, Value value, Value?[] bindings)
    {
        switch (term)
        {
            case CompiledVariable variable:
                return MatchVariable(variable, value, bindings);
            case CompiledLiteral literal:
                return Constants.TryGet(function, value, out var bits) && function.TypeOf(value) == literal.Type && bits == literal.Bits;
            default:
                var inst = function.DefiningInst(value);
                return inst.Exists && MatchOperation((CompiledOperation)term, inst, bindings);
        }
    }

    private bool MatchVariable(CompiledVariable variable, Value value, Value?[] bindings)
    {
        var isConstant = Constants.TryGet(function, value, out var bits);
        if (variable.IsConstant && !isConstant)
        {
            return false;
        }

        if (bindings[variable.Index] is not { } bound)
        {
            bindings[variable.Index] = value;
            return true;
        }

        return bound == value
            || (isConstant && Constants.TryGet(function, bound, out var other) && bits == other && function.TypeOf(bound) == function.TypeOf(value));
    }

    private bool GuardHolds(CompiledRule rule, Value?[] bindings) =>
        rule.Guard is null || (Evaluate(rule.Guard, bindings) is { } bits && bits != 0);

    private ulong? Evaluate(CompiledTerm term, Value?[] bindings)
    {
        switch (term)
        {
            case CompiledLiteral literal:
                return literal.Bits;
            case CompiledVariable variable:
                return bindings[variable.Index] is { } value && Constants.TryGet(function, value, out var bits) ? bits : null;
            default:
                var operation = (CompiledOperation)term;
                var arguments = new ulong[operation.Arguments.Length];
                for (var i = 0; i < arguments.Length; i++)
                {
                    if (Evaluate(operation.Arguments[i], bindings) is not { } argument)
                    {
                        return null;
                    }

                    arguments[i] = argument;
                }

                return ConstantFolding.TryEvaluate(operation.Opcode, arguments, out var result) ? result : null;
        }
    }

    private Value Build(CompiledTerm term, Value?[] bindings, ValType type)
    {
        switch (term)
        {
            case CompiledVariable variable:
                return bindings[variable.Index] ?? throw new InvariantException("a replacement uses bound variables");
            case CompiledLiteral literal:
                return Constants.Add(_builder, literal.Type, literal.Bits);
            default:
                var operation = (CompiledOperation)term;
                var row = Opcodes.Get(operation.Opcode);
                if (Evaluate(operation, bindings) is { } bits)
                {
                    return Constants.Add(_builder, row.Pushes[0], bits);
                }

                var arguments = operation.Arguments.Select(a => Build(a, bindings, type)).ToArray();
                return operation.Opcode == Opcode.Select
                    ? _builder.Select(arguments[0], arguments[1], arguments[2])
                    : _builder.Op(operation.Opcode, arguments);
        }
    }
}
