using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;

namespace Pulse.Build.Engine.Passes;

/// <summary>Replaces a block parameter whose incoming values are all equal by that value.</summary>
/// <example><code>
/// b2(v5): from b0(v1), b1(v1), b2(v5)   =>   uses of v5 become v1
/// </code></example>
/// <remarks>The one value dominates the block: it reaches it on every path, and a definition that did not dominate could not.</remarks>
internal sealed class RedundantParameters : FunctionPass
{
    public override PassInfo Info { get; } = new("redundant-params");

    public override bool Run(Function function, PassContext context)
    {
        var incoming = new ControlFlow(function);
        var replaced = new Replacements(function);
        var changed = false;
        for (var again = true; again;)
        {
            again = false;
            foreach (var block in function.Blocks)
            {
                foreach (var parameter in function.Parameters(block))
                {
                    if (block != function.Entry
                        && replaced.Canonical(parameter) == parameter
                        && OnlyValue(function, parameter, incoming.Predecessors(block), replaced) is { } value)
                    {
                        replaced.Add(parameter, value);
                        again = changed = true;
                    }
                }
            }
        }

        replaced.Apply();
        return changed;
    }

    private static Value? OnlyValue(Function function, Value parameter, IReadOnlyList<IncomingEdge> edges, Replacements replaced)
    {
        Value? only = null;
        foreach (var (_, terminator, target) in edges)
        {
            var value = replaced.Canonical(function.TargetArguments(terminator, target)[function.DefinitionPosition(parameter)]);
            if (value == parameter)
            {
                continue;
            }

            if (only is { } other && other != value)
            {
                return null;
            }

            only = value;
        }

        return only;
    }
}
