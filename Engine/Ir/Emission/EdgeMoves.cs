using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>What edges still have to move once values have locals.</summary>
internal sealed class EdgeMoves(Function function, Stackifier code, LiveRanges ranges, LocalAllocation locals)
{
    /// <summary>What to move before a branch, and whether each edge still has moves of its own.</summary>
    internal readonly record struct Hoisted(IReadOnlyList<EdgeMove> Before, bool Then, bool Else);

    /// <summary>The moves of a target that are not already done by sharing a local.</summary>
    public IReadOnlyList<EdgeMove> Of(Inst terminator, int position) => code.ReturnsEarly(function.Target(terminator, position))
        ? []
        : [.. code.Moves(terminator, position).Where(move => !locals.IsDone(move))];

    /// <summary>Whether two targets are the same block with the same moves.</summary>
    public bool Same(Inst terminator, int first, int second) =>
        function.Target(terminator, first) == function.Target(terminator, second) && SameMoves(Of(terminator, first), Of(terminator, second));

    /// <summary>
    /// Moves of one edge of a conditional branch that may be done before it, because the other edge needs nothing of what they overwrite.
    /// </summary>
    /// <example><code>if c { p = a; br b1 }; …   =>   c; p = a; br_if b1; …</code></example>
    public Hoisted Hoist(Inst terminator)
    {
        var (then, otherwise) = (Of(terminator, 0), Of(terminator, 1));
        var (returnsThen, returnsElse) = (code.ReturnsEarly(function.Target(terminator, 0)), code.ReturnsEarly(function.Target(terminator, 1)));
        if (returnsThen || returnsElse)
        {
            return new Hoisted([], returnsThen || then.Count > 0, returnsElse || otherwise.Count > 0);
        }

        var same = then.Count > 0 && SameMoves(then, otherwise);
        if (then.Count > 0 && (same || (otherwise.Count == 0 && Harmless(terminator, then, 1))))
        {
            return new Hoisted(then, Then: false, Else: false);
        }

        return then.Count == 0 && otherwise.Count > 0 && Harmless(terminator, otherwise, 0)
            ? new Hoisted(otherwise, Then: false, Else: false)
            : new Hoisted([], then.Count > 0, otherwise.Count > 0);
    }

    /// <summary>The moves of a table's targets, when all that move anything move the same and the others need nothing that is overwritten.</summary>
    public IReadOnlyList<EdgeMove>? HoistTable(Inst terminator)
    {
        IReadOnlyList<EdgeMove>? shared = null;
        for (var i = 0; i < function.TargetCount(terminator); i++)
        {
            var moves = Of(terminator, i);
            if (moves.Count > 0 && !SameMoves(shared ??= moves, moves))
            {
                return null;
            }
        }

        for (var i = 0; shared is not null && i < function.TargetCount(terminator); i++)
        {
            if (Of(terminator, i).Count == 0 && !Harmless(terminator, shared, i))
            {
                return null;
            }
        }

        return shared;
    }

    /// <summary>Whether <paramref name="block"/> only returns, and nothing.</summary>
    public bool IsBareReturn(Block block) => code.Code(block).IsEmpty && function.OpcodeOf(function.Last(block)) == Opcode.Return;

    /// <summary>
    /// The way to a block that only returns its parameters, when all of them would have to be moved: the values and a return are shorter.
    /// </summary>
    /// <example><code>p = a; br b9      b9(p): return p   =>   a; return</code></example>
    public IReadOnlyList<Node>? ReturnOf(Inst terminator, int position)
    {
        var target = function.Target(terminator, position);
        if (code.ReturnsEarly(target))
        {
            return [new MovesNode(code.Moves(terminator, position)) { Keep = true }, new ExitNode(function.Last(target))];
        }

        var moves = Of(terminator, position);
        var ops = code.Code(target);
        if (moves.Count == 0 || ops.Length != moves.Count || function.OpcodeOf(function.Last(target)) != Opcode.Return)
        {
            return null;
        }

        for (var i = 0; i < ops.Length; i++)
        {
            if (ops[i] != new StackInstruction(EmitKind.Get, moves[i].Parameter.Index))
            {
                return null;
            }
        }

        return [new MovesNode(moves) { Keep = true }, new ExitNode(function.Last(target))];
    }

    /// <summary>Whether the target at <paramref name="position"/> finds all it needs in locals after <paramref name="moves"/>.</summary>
    private bool Harmless(Inst terminator, IReadOnlyList<EdgeMove> moves, int position)
    {
        var start = ranges.StartOf(function.Target(terminator, position));
        foreach (var move in moves)
        {
            if (locals.IsOccupied(locals.LocalOf(move.Parameter), start))
            {
                return false;
            }
        }

        return true;
    }

    private bool SameMoves(IReadOnlyList<EdgeMove> first, IReadOnlyList<EdgeMove> second)
    {
        if (first.Count != second.Count)
        {
            return false;
        }

        for (var i = 0; i < first.Count; i++)
        {
            if (locals.LocalOf(first[i].Parameter) != locals.LocalOf(second[i].Parameter) || !SameOps(first[i].Ops, second[i].Ops))
            {
                return false;
            }
        }

        return true;
    }

    private bool SameOps(List<StackInstruction> first, List<StackInstruction> second)
    {
        if (first.Count != 1 || second.Count != 1 || first[0].Kind != second[0].Kind)
        {
            return false;
        }

        var (a, b) = (first[0], second[0]);
        return a.Kind == EmitKind.Get
            ? locals.LocalOf(a.Value) == locals.LocalOf(b.Value)
            : function.OpcodeOf(a.Inst) == function.OpcodeOf(b.Inst) && function.ImmediatesOf(a.Inst) == function.ImmediatesOf(b.Inst);
    }
}
