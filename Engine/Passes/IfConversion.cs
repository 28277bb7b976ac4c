using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Replaces a branch around little work by a choice between values.</summary>
/// <example><code>
/// br_if v1, b1, b2
/// b1: v3 = i32.add v0, v2; br b3(v3)      =>   v3 = i32.add v0, v2
/// b2: br b3(v0)                                v4 = select v3, v0, v1
/// b3(v4): …                                    br b3(v4)
/// </code></example>
/// <remarks>What the arms compute is computed on both paths afterwards, so it must be pure, cheap and unable to trap.</remarks>
internal sealed class IfConversion : FunctionPass
{
    /// <summary>Instructions that both arms together may cost.</summary>
    private const int MaximumWork = 2;

    /// <summary>Values that may be chosen at one join.</summary>
    private const int MaximumSelects = 2;

    public override PassInfo Info { get; } = new("if-convert");

    public override bool Run(Function function, PassContext context)
    {
        var flow = new ControlFlow(function);
        var changed = false;
        foreach (var block in flow.ReversePostOrder)
        {
            changed |= Convert(function, block, flow);
        }

        if (changed)
        {
            ControlFlowSimplification.RemoveUnreachable(function);
        }

        return changed;
    }

    private static bool Convert(Function function, Block block, ControlFlow flow)
    {
        var branch = function.Last(block);
        if (function.OpcodeOf(branch) != Opcode.BrIf
            || Arm.Of(function, branch, 0, flow) is not { } then
            || Arm.Of(function, branch, 1, flow) is not { } otherwise
            || then.Join != otherwise.Join
            || then.Join == block
            || then.Work + otherwise.Work > MaximumWork
            || Selects(function, then, otherwise) > MaximumSelects)
        {
            return false;
        }

        var condition = function.Arguments(branch)[0];
        then.Hoist(function, branch);
        otherwise.Hoist(function, branch);
        var builder = new IrBuilder(function).InsertBefore(branch);
        var arguments = then.Arguments.Zip(otherwise.Arguments, (a, b) => a == b ? a : builder.Select(a, b, condition)).ToArray();
        function.Replace(branch, new InstSpec { Opcode = Opcode.Br, Targets = [new Edge(then.Join, arguments)] });
        return true;
    }

    private static int Selects(Function function, Arm then, Arm otherwise)
    {
        var selects = 0;
        foreach (var (a, b) in then.Arguments.Zip(otherwise.Arguments))
        {
            InvariantException.Require(function.TypeOf(a) == function.TypeOf(b), "both edges pass the same types");
            selects += a == b ? 0 : 1;
        }

        return selects;
    }

    /// <summary>One side of the branch: the block on the way to the join, if there is one, and what reaches the join.</summary>
    private sealed record Arm(Block? Through, Block Join, Value[] Arguments, int Work)
    {
        public static Arm? Of(Function function, Inst branch, int target, ControlFlow flow)
        {
            var block = function.Target(branch, target);
            var jump = function.Last(block);
            if (!function.Parameters(block).IsEmpty || flow.Predecessors(block).Count != 1 || function.OpcodeOf(jump) != Opcode.Br)
            {
                return new Arm(null, block, function.TargetArguments(branch, target).ToArray(), 0);
            }

            var work = 0;
            for (var inst = function.First(block); inst != jump; inst = function.Next(inst))
            {
                var row = function.InfoOf(inst);
                if (!row.IsPure)
                {
                    return new Arm(null, block, [], 0);
                }

                work += Constants.IsConstant(row.Opcode) ? 0 : 1;
            }

            return new Arm(block, function.Target(jump, 0), function.TargetArguments(jump, 0).ToArray(), work);
        }

        public void Hoist(Function function, Inst before)
        {
            if (Through is not { } block)
            {
                return;
            }

            var jump = function.Last(block);
            while (function.First(block) is var inst && inst != jump)
            {
                function.MoveBefore(inst, before);
            }
        }
    }
}
