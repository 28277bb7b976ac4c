using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Uses what a branch has found out in the blocks that only its outcome leads to.</summary>
/// <example><code>
/// br_if v1, b1, b2
/// b2: … br_if v1, b3, b4        =>   v1 is 0 in b2 and below: br b4
/// br_if (i32.eq v0, 7), b1, b2
/// b1: … i32.add v0, v5          =>   v0 is 7 in b1 and below
/// </code></example>
internal sealed class DominatingConditions : FunctionPass
{
    public override PassInfo Info { get; } = new("dominating-conditions");

    public override bool Run(Function function, PassContext context)
    {
        var tree = new DominatorTree(function);
        var known = new EntityMap<Value, Value>(new Value(-1));
        var changed = false;
        var work = new Stack<(Block Block, List<Value>? Undo)>([(function.Entry, null)]);
        while (work.TryPop(out var item))
        {
            if (item.Undo is { } undo)
            {
                undo.ForEach(value => known[value] = new Value(-1));
                continue;
            }

            var learnt = Learn(function, item.Block, tree, known);
            work.Push((item.Block, learnt));
            changed |= Use(function, item.Block, known);
            foreach (var child in tree.Children(item.Block))
            {
                work.Push((child, null));
            }
        }

        return changed;
    }

    /// <summary>What the only edge into <paramref name="block"/> tells; the constants stand at the top of the block.</summary>
    private static List<Value> Learn(Function function, Block block, DominatorTree tree, EntityMap<Value, Value> known)
    {
        var learnt = new List<Value>();
        if (tree.Flow.Predecessors(block) is not [var edge] || function.OpcodeOf(edge.Terminator) != Opcode.BrIf)
        {
            return learnt;
        }

        var condition = function.Arguments(edge.Terminator)[0];
        var test = function.DefiningInst(condition);
        var isTrue = edge.Position == 0;
        if (!isTrue || (test.Exists && IsComparison(function.OpcodeOf(test))))
        {
            Add(function, block, condition, isTrue ? 1UL : 0, known, learnt);
        }

        if (test.Exists
            && function.OpcodeOf(test) is var opcode
            && (isTrue ? opcode is Opcode.I32Eq or Opcode.I64Eq : opcode is Opcode.I32Ne or Opcode.I64Ne)
            && Constants.TryGet(function, function.Arguments(test)[1], out var bits))
        {
            Add(function, block, function.Arguments(test)[0], bits, known, learnt);
        }

        return learnt;
    }

    private static void Add(Function function, Block block, Value value, ulong bits, EntityMap<Value, Value> known, List<Value> learnt)
    {
        if (known[value].Index < 0 && !Constants.TryGet(function, value, out _))
        {
            known[value] = Constants.Add(new IrBuilder(function).InsertBefore(function.First(block)), function.TypeOf(value), bits);
            learnt.Add(value);
        }
    }

    private static bool Use(Function function, Block block, EntityMap<Value, Value> known)
    {
        var changed = false;
        void Replace(Span<Value> operands)
        {
            foreach (ref var operand in operands)
            {
                if (known[operand] is { Index: >= 0 } constant)
                {
                    operand = constant;
                    changed = true;
                }
            }
        }

        for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
        {
            Replace(function.Arguments(inst));
            for (var i = 0; i < function.TargetCount(inst); i++)
            {
                Replace(function.TargetArguments(inst, i));
            }
        }

        return changed;
    }

    /// <summary>Whether the result is 0 or 1: the comparisons of the table.</summary>
    private static bool IsComparison(Opcode opcode) => opcode is >= Opcode.I32Eqz and <= Opcode.F64Ge;
}
