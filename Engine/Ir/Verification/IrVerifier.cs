using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Verification;

/// <summary>A broken invariant and where it is.</summary>
internal sealed record IrError(string Function, Block Block, Inst Inst, string Message)
{
    public override string ToString() => $"@{Function} {Block}{(Inst.Exists ? $" inst{Inst.Index}" : "")}: {Message}";
}

/// <summary>
/// Checks the invariants of <see cref="Function"/> and collects every violation:
/// <list type="number">
/// <item>The entry is first in the layout, has the parameters of the function's type and no predecessor.</item>
/// <item>Every block ends in its only terminator; its instructions are linked to it and to one another; blocks are listed once.</item>
/// <item>Operands, results and immediates have the number, types and bounds of the instruction's row in the module.</item>
/// <item>Targets are blocks of the layout and pass what their parameters take.</item>
/// <item>Every used value is defined in the layout, and in reachable blocks its definition dominates the use.</item>
/// </list>
/// </summary>
internal sealed class IrVerifier
{
    private readonly Function _function;
    private readonly Module? _module;
    private readonly List<IrError> _errors = [];
    private readonly EntitySet<Block> _blocks = new();
    private readonly EntityMap<Value, int> _defined = new(-1);

    private IrVerifier(Function function, Module? module) => (_function, _module) = (function, module);

    /// <summary>Every violation. Without <paramref name="module"/>, rows whose types the module decides are not compared with it.</summary>
    public static IReadOnlyList<IrError> Verify(Function function, Module? module = null)
    {
        var verifier = new IrVerifier(function, module);
        verifier.CheckLayout();
        if (verifier._errors.Count == 0)
        {
            verifier.CheckInstructions();
            verifier.CheckDominance();
        }

        return verifier._errors;
    }

    /// <summary>Throws when <paramref name="function"/> is broken: <paramref name="after"/> names who is to blame.</summary>
    public static void Require(Function function, Module? module, string after)
    {
        var errors = Verify(function, module);
        if (errors.Count > 0)
        {
            throw new InvariantException(
                $"the IR is broken after {after}: {string.Join("; ", errors.Take(5))}\n{IrPrinter.Print(function, renumber: false)}");
        }
    }

    private void CheckLayout()
    {
        foreach (var block in _function.Blocks)
        {
            Expect(_blocks.Add(block), block, Inst.None, "the block stands in the layout twice");
        }

        if (_function.Blocks.Count == 0 || _function.Blocks[0] != _function.Entry)
        {
            Report(_function.Entry, Inst.None, "the entry block is not first in the layout");
            return;
        }

        CheckEntry();
        foreach (var block in _function.Blocks)
        {
            CheckLinks(block);
        }
    }

    private void CheckEntry()
    {
        var parameters = _function.Parameters(_function.Entry);
        var same = parameters.Length == _function.Type.Parameters.Length;
        for (var i = 0; same && i < parameters.Length; i++)
        {
            same = _function.TypeOf(parameters[i]) == _function.Type.Parameters[i];
        }

        Expect(same, _function.Entry, Inst.None, $"the parameters of the entry are not those of the type {_function.Type}");
    }

    private void CheckLinks(Block block)
    {
        var parameters = _function.Parameters(block);
        for (var i = 0; i < parameters.Length; i++)
        {
            var (value, position) = (parameters[i], i);
            var placed = !_function.DefiningInst(value).Exists && _function.DefiningBlock(value) == block
                && _function.DefinitionPosition(value) == position;
            Expect(placed, block, Inst.None, $"parameter {value} does not know its place");
            Define(value, block, Inst.None, 0);
        }

        var order = 1;
        var previous = Inst.None;
        for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst))
        {
            Expect(_function.BlockOf(inst) == block, block, inst, $"the instruction is linked to {_function.BlockOf(inst)}");
            Expect(_function.Previous(inst) == previous, block, inst, "the instruction is not linked to the one before it");
            Expect(IrTerminators.Is(_function.OpcodeOf(inst)) == !_function.Next(inst).Exists, block, inst,
                _function.Next(inst).Exists ? "a terminator stands inside the block" : "the block does not end in a terminator");
            for (var i = 0; i < _function.ResultCount(inst); i++)
            {
                Define(_function.Result(inst, i), block, inst, order);
            }

            (previous, order) = (inst, order + 1);
        }

        Expect(previous.Exists && _function.Last(block) == previous, block, previous, "the block does not end in a terminator");
    }

    private void Define(Value value, Block block, Inst inst, int order)
    {
        Expect(_defined[value] < 0, block, inst, $"{value} is defined twice");
        _defined[value] = order;
    }

    private void CheckInstructions()
    {
        foreach (var block in _function.Blocks)
        {
            for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst))
            {
                CheckTargets(block, inst);
                foreach (var problem in IrInstRules.Problems(_function, inst, _module))
                {
                    Report(block, inst, problem);
                }
            }
        }
    }

    private void CheckTargets(Block block, Inst inst)
    {
        for (var i = 0; i < _function.TargetCount(inst); i++)
        {
            var target = _function.Target(inst, i);
            if (!_blocks.Contains(target))
            {
                Report(block, inst, $"target {target} is not in the layout");
                continue;
            }

            Expect(target != _function.Entry, block, inst, "the entry block is a target");
            var arguments = _function.TargetArguments(inst, i);
            var parameters = _function.Parameters(target);
            if (arguments.Length != parameters.Length)
            {
                Report(block, inst, $"{target} takes {parameters.Length} arguments and gets {arguments.Length}");
                continue;
            }

            for (var k = 0; k < arguments.Length; k++)
            {
                Expect(_function.TypeOf(arguments[k]) == _function.TypeOf(parameters[k]), block, inst,
                    $"{arguments[k]} is not of the type of parameter {parameters[k]} of {target}");
            }
        }
    }

    private void CheckDominance()
    {
        if (_errors.Count > 0)
        {
            return;
        }

        var dominators = new DominatorTree(_function);
        foreach (var block in _function.Blocks)
        {
            var order = 1;
            for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst), order++)
            {
                CheckUses(dominators, block, inst, order, _function.Arguments(inst));
                for (var i = 0; i < _function.TargetCount(inst); i++)
                {
                    CheckUses(dominators, block, inst, order, _function.TargetArguments(inst, i));
                }
            }
        }
    }

    private void CheckUses(DominatorTree dominators, Block block, Inst inst, int order, ReadOnlySpan<Value> values)
    {
        foreach (var value in values)
        {
            if ((uint)value.Index >= (uint)_function.ValueCount || _defined[value] < 0)
            {
                Report(block, inst, $"{value} is used and not defined");
                continue;
            }

            var definition = _function.DefiningBlock(value);
            var dominates = definition == block
                ? _defined[value] < order
                : !dominators.Flow.IsReachable(block) || dominators.Dominates(definition, block);
            Expect(dominates, block, inst, $"the definition of {value} in {definition} does not dominate its use");
        }
    }

    private void Expect(bool holds, Block block, Inst inst, string message)
    {
        if (!holds)
        {
            Report(block, inst, message);
        }
    }

    private void Report(Block block, Inst inst, string message) => _errors.Add(new IrError(_function.Name, block, inst, message));
}
