using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.Selection;

/// <summary>Puts blocks that only lead to a trap behind all others, so that what runs falls through.</summary>
internal static class BlockOrder
{
    /// <summary>Orders the blocks of <paramref name="function"/>.</summary>
    public static void Run(MachineFunction function)
    {
        var cold = function.Blocks.Where(block => block.IsCold && block != function.Blocks[0]).ToList();
        function.Blocks.RemoveAll(cold.Contains);
        function.Blocks.AddRange(cold);
    }
}
