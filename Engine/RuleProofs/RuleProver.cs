using Pulse.Build.Engine.Passes.Rewriting;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Elimination;
using Pulse.Build.Engine.Smt.Text;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Wasm;
using Term = Pulse.Build.Engine.Smt.Terms.Term;

namespace Pulse.Build.Engine.RuleProofs;

/// <summary>
/// Proves a rewrite rule at one width: wherever the guard holds, both sides trap alike, and where they do not trap they are equal. The judge
/// proves what the optimiser does with a rule anyway; this says which rule is wrong before it does anything.
/// </summary>
internal sealed class RuleProver(ISolver solver)
{
    private const uint Limit = 4_000_000;
    private const int TrapWidth = 8;

    /// <summary>The verdict on <paramref name="rule"/>: unsatisfiable is proved.</summary>
    public SolverVerdict Prove(CompiledRule rule)
    {
        var whole = Check(rule, null);
        return whole == SolverVerdict.Unknown && Constants(rule) is [var constant] ? ProveByPowers(rule, constant) : whole;
    }

    /// <summary>
    /// Multiplication and division by a constant that the guard confines to powers of two: one case each, and the guard allows no other.
    /// </summary>
    private SolverVerdict ProveByPowers(CompiledRule rule, int constant)
    {
        var width = WidthOf(rule, constant);
        for (var bit = 0; bit < width; bit++)
        {
            if (Check(rule, (constant, 1UL << bit)) is var verdict and not SolverVerdict.Unsatisfiable)
            {
                return verdict;
            }
        }

        var factory = new TermFactory();
        var variables = Variables(factory, rule, null);
        var k = variables[constant];
        var isPower = factory.Both(
            factory.Not(factory.Equal(k, factory.Constant(0, width))),
            factory.Equal(factory.And(k, factory.Subtract(k, factory.Constant(1, width))), factory.Constant(0, width)));
        return Decide(factory.Both(Guard(factory, rule, variables), factory.Not(isPower)));
    }

    private SolverVerdict Check(CompiledRule rule, (int Variable, ulong Bits)? fixedTo)
    {
        var factory = new TermFactory();
        var variables = Variables(factory, rule, fixedTo);
        var (before, beforeTraps) = Term(factory, rule.Pattern, variables);
        var (after, afterTraps) = Term(factory, rule.Replacement, variables);
        var differ = factory.Either(
            factory.Not(factory.Equal(beforeTraps, afterTraps)),
            factory.Both(factory.Equal(beforeTraps, factory.Constant(0, TrapWidth)), factory.Not(factory.Equal(before, after))));
        return Decide(factory.Both(Guard(factory, rule, variables), differ));
    }

    private SolverVerdict Decide(Term goal)
    {
        if (goal.IsConstant)
        {
            return goal.IsTrue ? SolverVerdict.Satisfiable : SolverVerdict.Unsatisfiable;
        }

        var verdict = solver.Check(SmtText.Print(goal), Limit).Verdict;
        return verdict == SolverVerdict.Unknown && IntegerText.Print(goal) is { } integers ? solver.Check(integers, Limit).Verdict : verdict;
    }

    private static Term Guard(TermFactory factory, CompiledRule rule, Term[] variables)
    {
        if (rule.Guard is null)
        {
            return factory.True;
        }

        var (guard, traps) = Term(factory, rule.Guard, variables);
        return factory.Both(factory.Equal(traps, factory.Constant(0, TrapWidth)), factory.Not(factory.Equal(guard, factory.Constant(0, guard.Width))));
    }

    private static Term[] Variables(TermFactory factory, CompiledRule rule, (int Variable, ulong Bits)? fixedTo) =>
        [.. Enumerable.Range(0, rule.Variables).Select(i => fixedTo is { } f && f.Variable == i
            ? factory.Constant(f.Bits, WidthOf(rule, i))
            : factory.Variable("x" + i, WidthOf(rule, i)))];

    private static int WidthOf(CompiledRule rule, int variable) => (rule.VariableTypes[variable] ?? ValType.I64).Bits();

    /// <summary>What a term is and why it traps: 0 where it does not, else one more than the kind.</summary>
    private static (Term Value, Term Trap) Term(TermFactory factory, CompiledTerm term, Term[] variables)
    {
        switch (term)
        {
            case CompiledVariable variable:
                return (variables[variable.Index], factory.Constant(0, TrapWidth));
            case CompiledLiteral literal:
                return (factory.Constant(literal.Bits, literal.Type.Bits()), factory.Constant(0, TrapWidth));
            default:
                var operation = (CompiledOperation)term;
                var arguments = operation.Arguments.Select(a => Term(factory, a, variables)).ToArray();
                var trap = arguments.Aggregate(factory.Constant(0, TrapWidth), (earlier, a) => First(factory, earlier, a.Trap));
                var values = arguments.Select(a => a.Value).ToArray();
                if (operation.Opcode == Opcode.Select)
                {
                    return (factory.IfThenElse(factory.Not(factory.Equal(values[2], factory.Constant(0, 32))), values[0], values[1]), trap);
                }

                InvariantException.Require(!Opcodes.Get(operation.Opcode).IsCustom, "rules are about operations with fixed operands");
                var (result, causes) = InstructionTable.Find((int)operation.Opcode)?.Pure ?? throw new InvariantException("a rule is about values alone");
                return (result(factory, values), causes.Aggregate(trap, (earlier, cause) => First(factory, earlier,
                    factory.IfThenElse(cause.Condition(factory, values), factory.Constant((ulong)cause.Kind + 1, TrapWidth), factory.Constant(0, TrapWidth)))));
        }
    }

    private static Term First(TermFactory factory, Term earlier, Term later)
        => factory.IfThenElse(factory.Equal(earlier, factory.Constant(0, TrapWidth)), later, earlier);

    private static List<int> Constants(CompiledRule rule)
    {
        var constants = new SortedSet<int>();
        void Visit(CompiledTerm term)
        {
            if (term is CompiledVariable { IsConstant: true } variable)
            {
                constants.Add(variable.Index);
            }
            else if (term is CompiledOperation operation)
            {
                foreach (var argument in operation.Arguments)
                {
                    Visit(argument);
                }
            }
        }

        Visit(rule.Pattern);
        return [.. constants];
    }
}
