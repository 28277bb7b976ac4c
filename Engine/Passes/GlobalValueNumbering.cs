using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Computes an expression once where the first computation dominates the others.</summary>
/// <example><code>
/// v3 = i32.add v0, v1
/// v4 = i32.add v1, v0     =>   uses of v4 become v3
/// </code></example>
/// <remarks>
/// Operations without effects, and those that can only trap: where the first was computed it did not trap, and the second has the same operands.
/// </remarks>
internal sealed class GlobalValueNumbering : FunctionPass
{
    public override PassInfo Info { get; } = new("gvn");

    public override bool Run(Function function, PassContext context)
    {
        var tree = new DominatorTree(function);
        var replaced = new Replacements(function);
        var known = new Dictionary<Expression, Value>();
        var changed = false;

        // An explicit stack: dominator trees of generated code are deep.
        var work = new Stack<(Block Block, List<Expression>? Undo)>([(function.Entry, null)]);
        while (work.TryPop(out var item))
        {
            if (item.Undo is { } undo)
            {
                undo.ForEach(expression => known.Remove(expression));
                continue;
            }

            var added = new List<Expression>();
            work.Push((item.Block, added));
            changed |= Number(function, item.Block, known, added, replaced);
            foreach (var child in tree.Children(item.Block))
            {
                work.Push((child, null));
            }
        }

        replaced.Apply();
        return changed;
    }

    private static bool Number(Function function, Block block, Dictionary<Expression, Value> known, List<Expression> added, Replacements replaced)
    {
        var changed = false;
        for (var inst = function.First(block); inst.Exists;)
        {
            var next = function.Next(inst);
            replaced.Canonicalise(inst);
            if (Expression.Of(function, inst) is { } expression)
            {
                if (known.TryGetValue(expression, out var value))
                {
                    replaced.Add(function.Result(inst), value);
                    function.Remove(inst);
                    changed = true;
                }
                else
                {
                    known.Add(expression, function.Result(inst));
                    added.Add(expression);
                }
            }

            inst = next;
        }

        return changed;
    }

    /// <summary>What an instruction computes: equal expressions have equal values.</summary>
    private readonly record struct Expression(Opcode Opcode, Immediates Immediates, Value X, Value Y, Value Z)
    {
        public static Expression? Of(Function function, Inst inst)
        {
            var row = function.InfoOf(inst);
            var arguments = function.Arguments(inst);
            if (function.ResultCount(inst) != 1 || arguments.Length > 3 || (row.Effects & ~Effects.Traps) != 0 || row.Opcode == Opcode.Unreachable)
            {
                return null;
            }

            var none = new Value(-1);
            var x = arguments.Length > 0 ? arguments[0] : none;
            var y = arguments.Length > 1 ? arguments[1] : none;
            if (Algebra.IsCommutative(row.Opcode) && y.Index < x.Index)
            {
                (x, y) = (y, x);
            }

            return new Expression(row.Opcode, function.ImmediatesOf(inst), x, y, arguments.Length > 2 ? arguments[2] : none);
        }
    }
}
