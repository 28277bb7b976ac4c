using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Sparse conditional constant propagation: finds values that are constant on every path that can run, and branches that always go one way.</summary>
/// <example><code>
/// b1(v2): from b0(v1 = 3), b1(v3)        v2 is 3 as long as v3 = i32.and v2, 3 is
/// br_if v4, b2, b3   with v4 = 0    =>   br b3
/// </code></example>
/// <remarks>Optimistic: blocks count as unreachable and parameters as undefined until shown otherwise (Wegman and Zadeck, TOPLAS 1991).</remarks>
internal sealed class ConditionalConstants : FunctionPass
{
    public override PassInfo Info { get; } = new("sccp");

    public override bool Run(Function function, PassContext context)
    {
        var solution = new Solver(function).Solve();
        var builder = new IrBuilder(function);
        var replaced = new Replacements(function);
        var changed = false;
        foreach (var block in function.Blocks)
        {
            if (!solution.Reached(block))
            {
                continue;
            }

            // Every parameter is replaced before the first instruction: a constant dominates what the parameter dominated.
            foreach (var parameter in function.Parameters(block).ToArray())
            {
                if (solution.Constant(parameter) is { } bits && block != function.Entry)
                {
                    replaced.Add(parameter, Constants.Add(builder.InsertBefore(function.First(block)), function.TypeOf(parameter), bits));
                    changed = true;
                }
            }

            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                changed |= ReplaceResult(function, inst, solution, builder, replaced);
            }

            changed |= FoldBranch(function, block, solution);
        }

        replaced.Apply();
        return changed;
    }

    private static bool ReplaceResult(Function function, Inst inst, Solver solution, IrBuilder builder, Replacements replaced)
    {
        if (function.ResultCount(inst) != 1
            || Constants.IsConstant(function.OpcodeOf(inst))
            || solution.Constant(function.Result(inst)) is not { } bits
            || replaced.Canonical(function.Result(inst)) != function.Result(inst))
        {
            return false;
        }

        replaced.Add(function.Result(inst), Constants.Add(builder.InsertBefore(inst), function.TypeOf(function.Result(inst)), bits));
        return true;
    }

    private static bool FoldBranch(Function function, Block block, Solver solution)
    {
        var terminator = function.Last(block);
        if (function.OpcodeOf(terminator) is not (Opcode.BrIf or Opcode.BrTable)
            || solution.Constant(function.Arguments(terminator)[0]) is not { } bits)
        {
            return false;
        }

        var taken = Solver.Taken(function, terminator, bits);
        function.Replace(terminator, new InstSpec
        {
            Opcode = Opcode.Br,
            Targets = [new Edge(function.Target(terminator, taken), function.TargetArguments(terminator, taken).ToArray())],
            Source = function.SourceOf(terminator),
        });
        return true;
    }

    private enum State : byte
    {
        Undefined,
        Constant,
        Varying,
    }

    private readonly record struct Cell(State State, ulong Bits);

    private sealed class Solver(Function function)
    {
        private readonly EntityMap<Value, Cell> _cells = new();
        private readonly EntitySet<Block> _reached = new();
        private readonly HashSet<(Inst, int)> _edges = [];
        private readonly Queue<Block> _blocks = new();
        private readonly Queue<Value> _values = new();
        private readonly EntityMap<Value, List<Inst>?> _users = Users(function);

        public bool Reached(Block block) => _reached.Contains(block);

        public ulong? Constant(Value value) => _cells[value] is { State: State.Constant } cell ? cell.Bits : null;

        public static int Taken(Function function, Inst terminator, ulong bits) => function.OpcodeOf(terminator) == Opcode.BrIf
            ? bits != 0 ? 0 : 1
            : (int)Math.Min(bits, (ulong)(function.TargetCount(terminator) - 1));

        public Solver Solve()
        {
            foreach (var parameter in function.Parameters(function.Entry))
            {
                _cells[parameter] = new Cell(State.Varying, 0);
            }

            _reached.Add(function.Entry);
            _blocks.Enqueue(function.Entry);
            while (_blocks.Count > 0 || _values.Count > 0)
            {
                while (_values.TryDequeue(out var value))
                {
                    foreach (var user in _users[value] ?? [])
                    {
                        if (_reached.Contains(function.BlockOf(user)))
                        {
                            Visit(user);
                        }
                    }
                }

                if (_blocks.TryDequeue(out var block))
                {
                    for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
                    {
                        Visit(inst);
                    }
                }
            }

            return this;
        }

        private static EntityMap<Value, List<Inst>?> Users(Function function)
        {
            var users = new EntityMap<Value, List<Inst>?>();
            foreach (var block in function.Blocks)
            {
                for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
                {
                    foreach (var argument in function.Arguments(inst))
                    {
                        (users.Reference(argument) ??= []).Add(inst);
                    }

                    for (var i = 0; i < function.TargetCount(inst); i++)
                    {
                        foreach (var argument in function.TargetArguments(inst, i))
                        {
                            (users.Reference(argument) ??= []).Add(inst);
                        }
                    }
                }
            }

            return users;
        }

        private void Visit(Inst inst)
        {
            if (function.TargetCount(inst) > 0)
            {
                VisitTerminator(inst);
                return;
            }

            for (var i = 0; i < function.ResultCount(inst); i++)
            {
                Lower(function.Result(inst, i), function.ResultCount(inst) == 1 ? Evaluate(inst) : new Cell(State.Varying, 0));
            }
        }

        private void VisitTerminator(Inst inst)
        {
            var all = function.OpcodeOf(inst) == Opcode.Br;
            var condition = all ? default : _cells[function.Arguments(inst)[0]];
            if (!all && condition.State == State.Undefined)
            {
                return;
            }

            var only = !all && condition.State == State.Constant ? Taken(function, inst, condition.Bits) : -1;
            for (var i = 0; i < function.TargetCount(inst); i++)
            {
                if (only < 0 || only == i)
                {
                    Flow(inst, i);
                }
            }
        }

        private void Flow(Inst terminator, int target)
        {
            _edges.Add((terminator, target));
            var block = function.Target(terminator, target);
            var parameters = function.Parameters(block);
            var arguments = function.TargetArguments(terminator, target);
            for (var i = 0; i < parameters.Length; i++)
            {
                Lower(parameters[i], _cells[arguments[i]]);
            }

            if (_reached.Add(block))
            {
                _blocks.Enqueue(block);
            }
        }

        /// <summary>Meets what is known of a value with one more thing that it can be.</summary>
        private void Lower(Value value, Cell cell)
        {
            var old = _cells[value];
            var met = old.State == State.Undefined || cell == old ? cell
                : cell.State == State.Undefined ? old
                : new Cell(State.Varying, 0);
            if (met != old)
            {
                _cells[value] = met;
                _values.Enqueue(value);
            }
        }

        private Cell Evaluate(Inst inst)
        {
            var row = function.InfoOf(inst);
            if (Constants.IsConstant(row.Opcode))
            {
                return new Cell(State.Constant, function.ImmediatesOf(inst).Wide);
            }

            var arguments = function.Arguments(inst);
            if (row.Opcode == Opcode.Select)
            {
                return Select(_cells[arguments[0]], _cells[arguments[1]], _cells[arguments[2]]);
            }

            if (row.IsCustom || arguments.IsEmpty || (row.Effects & ~Effects.Traps) != 0)
            {
                return new Cell(State.Varying, 0);
            }

            var constants = new ulong[arguments.Length];
            for (var i = 0; i < constants.Length; i++)
            {
                var cell = _cells[arguments[i]];
                if (cell.State != State.Constant)
                {
                    return cell with { Bits = 0 };
                }

                constants[i] = cell.Bits;
            }

            return ConstantFolding.TryEvaluate(row.Opcode, constants, out var bits) ? new Cell(State.Constant, bits) : new Cell(State.Varying, 0);
        }

        private static Cell Select(Cell whenTrue, Cell whenFalse, Cell condition) => condition.State switch
        {
            State.Constant => condition.Bits != 0 ? whenTrue : whenFalse,
            State.Undefined => default,
            _ => whenTrue == whenFalse ? whenTrue
                : whenTrue.State == State.Undefined || whenFalse.State == State.Undefined ? default
                : new Cell(State.Varying, 0),
        };
    }
}
