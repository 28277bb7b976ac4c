using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Codegen.Machine;

/// <summary>A block: parameters, then instructions, the last one a terminator.</summary>
internal sealed class MachineBlock(int index)
{
    /// <summary>Number in its function.</summary>
    public int Index { get; } = index;

    /// <summary>Values that every edge to this block passes.</summary>
    public List<VReg> Parameters { get; } = [];

    /// <summary>Instructions in order.</summary>
    public List<MachineInst> Insts { get; } = [];

    /// <summary>How many loops hold it.</summary>
    public int LoopDepth { get; set; }

    /// <summary>Relative number of executions.</summary>
    public double Frequency => Math.Pow(8, Math.Min(LoopDepth, 6)) * (IsCold ? 0.05 : 1);

    /// <summary>Whether the block only leads to a trap.</summary>
    public bool IsCold { get; set; }

    /// <summary>The last instruction.</summary>
    public MachineInst Terminator => Insts[^1];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"b{Index}");
}

/// <summary>
/// A function over virtual registers in SSA form with block parameters. Lowering builds it, selection folds operands into it, the register
/// allocator places its values, the emitter prints it as Thumb instructions.
/// </summary>
internal sealed class MachineFunction(string symbol)
{
    private int _registers;

    /// <summary>Symbol of the function.</summary>
    public string Symbol { get; } = symbol;

    /// <summary>Blocks in layout order, the entry first.</summary>
    public List<MachineBlock> Blocks { get; } = [];

    /// <summary>Constants and addresses, which belong to no block until selection places them.</summary>
    public EntityMap<VReg, MachineInst?> Floating { get; } = new();

    /// <summary>Bytes of arguments that arrive on the stack.</summary>
    public int IncomingBytes { get; set; }

    /// <summary>Bytes below the frame that calls put stack arguments into.</summary>
    public int OutgoingBytes { get; set; }

    /// <summary>Words that results beyond the fourth take on the stack, after the arguments.</summary>
    public int ResultWords { get; set; }

    /// <summary>One more than the highest register index.</summary>
    public int RegisterCount => _registers;

    /// <summary>A new register.</summary>
    public VReg NewRegister() => new(_registers++);

    /// <summary>A dump: one instruction a line.</summary>
    public string Print()
    {
        var text = new StringBuilder();
        text.Append("machine ").Append(Symbol).Append('\n');
        foreach (var block in Blocks)
        {
            text.Append(block).Append('(').AppendJoin(", ", block.Parameters).Append("):\n");
            foreach (var inst in block.Insts)
            {
                text.Append("  ").Append(Print(inst)).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>One instruction as text.</summary>
    public static string Print(MachineInst inst)
    {
        var text = new StringBuilder();
        if (inst.Defs.Count > 0)
        {
            text.AppendJoin(", ", inst.Defs).Append(" = ");
        }

        text.Append(inst.Op.ToString().ToLowerInvariant());
        if (inst.Compare != CompareKind.None)
        {
            text.Append('.').Append(inst.Compare.ToString().ToLowerInvariant()).Append('.').Append(inst.Condition.ToString().ToLowerInvariant());
        }

        text.Append(' ').AppendJoin(", ", inst.Uses);
        if (inst.Immediate != 0 || inst.Op == MachineOp.Constant)
        {
            text.Append(CultureInfo.InvariantCulture, $" #{inst.Immediate}");
        }

        if (inst.Width != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" width {inst.Width}");
        }

        if (inst.Amount != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" {inst.Shift} {inst.Amount}");
        }

        if (inst.Symbol is not null)
        {
            text.Append(" @").Append(inst.Symbol);
        }

        if (inst.Trap != 0)
        {
            text.Append(" trap ").Append(inst.Trap);
        }

        foreach (var edge in inst.Targets)
        {
            text.Append(" -> ").Append(edge.Target).Append('(').AppendJoin(", ", edge.Arguments).Append(')');
        }

        return text.ToString();
    }
}
