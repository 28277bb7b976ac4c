using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>The sizes that inlining compares, in IR instructions.</summary>
internal static class InlineCost
{
    /// <summary>No function grows beyond this by inlining, except by single-call-site callees.</summary>
    public const int CallerLimit = 3000;

    /// <summary>No function takes in more than makes it so long, counted in instructions as they came in: beyond, the judge expands no calls.</summary>
    public const int ProofLimit = 12_000;

    /// <summary>A marked callee is inlined up to this size.</summary>
    public const int MarkedLimit = 1000;

    /// <summary>Instructions of <paramref name="function"/>; jumps are free: most of them end as fall-through.</summary>
    public static int Size(Function function)
    {
        var size = 0;
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                var opcode = function.OpcodeOf(inst);
                size += opcode is Opcode.Br or Opcode.Return ? 0 : 1;
            }
        }

        return size;
    }

    /// <summary>Up to which size a callee is always inlined: about what the call itself costs, weighed by the goal.</summary>
    public static int SmallLimit(Goal goal) => goal switch
    {
        Goal.Size => 7,
        Goal.Speed => 60,
        _ => 12,
    };

    /// <summary>Up to which size a callee on a hot path is inlined.</summary>
    public static int HotLimit(Goal goal) => goal switch
    {
        Goal.Size => 90,
        Goal.Speed => 400,
        _ => 180,
    };
}
