using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Passes.Rewriting;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Folds operations on constants, puts constants on the right, and applies the rules.</summary>
/// <example><code>
/// v2 = i32.const 8
/// v3 = i32.mul v2, v0      =>   v4 = i32.const 3
///                               v5 = i32.shl v0, v4      (rule mul-power)
/// </code></example>
internal sealed class Simplify : FunctionPass
{
    public override PassInfo Info { get; } = new("simplify");

    public override bool Run(Function function, PassContext context)
    {
        var matcher = new RuleMatcher(function, RuleSet.Shipped);
        var replaced = new Replacements(function);
        var changed = false;
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists;)
            {
                var next = function.Next(inst);
                replaced.Canonicalise(inst);
                changed |= OrderOperands(function, inst);
                if (function.ResultCount(inst) == 1 && (Fold(function, inst) ?? matcher.Apply(inst)) is { } value)
                {
                    // A trapping operation that folds has constants for which it does not trap, and a rule never removes a trap.
                    replaced.Add(function.Result(inst), replaced.Canonical(value));
                    function.Remove(inst);
                    changed = true;
                }

                inst = next;
            }
        }

        replaced.Apply();
        return changed;
    }

    private static bool OrderOperands(Function function, Inst inst)
    {
        var arguments = function.Arguments(inst);
        if (!Algebra.IsCommutative(function.OpcodeOf(inst))
            || !Constants.TryGet(function, arguments[0], out _)
            || Constants.TryGet(function, arguments[1], out _))
        {
            return false;
        }

        (arguments[0], arguments[1]) = (arguments[1], arguments[0]);
        return true;
    }

    private static Value? Fold(Function function, Inst inst)
    {
        var row = function.InfoOf(inst);
        var arguments = function.Arguments(inst);
        if (row.Opcode == Opcode.Select)
        {
            return Constants.TryGet(function, arguments[2], out var condition) ? arguments[condition != 0 ? 0 : 1] : null;
        }

        if (row.IsCustom || arguments.IsEmpty || (row.Effects & ~Effects.Traps) != 0)
        {
            return null;
        }

        var constants = new ulong[arguments.Length];
        for (var i = 0; i < constants.Length; i++)
        {
            if (!Constants.TryGet(function, arguments[i], out constants[i]))
            {
                return null;
            }
        }

        return ConstantFolding.TryEvaluate(row.Opcode, constants, out var bits)
            ? Constants.Add(new IrBuilder(function).InsertBefore(inst), row.Pushes[0], bits)
            : null;
    }
}
