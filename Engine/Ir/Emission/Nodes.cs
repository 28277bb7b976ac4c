using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>A place that branches go to: the end of a block, the start of a loop, or the end of the function.</summary>
internal sealed class BranchLabel
{
    /// <summary>Branches that go there.</summary>
    public int Uses { get; set; }

    /// <summary>How many labels enclose it, while the code that it encloses is being encoded; else -1.</summary>
    public int Depth { get; set; } = -1;
}

/// <summary>Structured code before it is encoded.</summary>
internal abstract class Node;

/// <summary>The straight-line code of a block; with <see cref="Negate"/>, the condition that it leaves is turned around.</summary>
internal sealed class CodeNode(Block block) : Node
{
    public Block Block => block;

    public bool Negate { get; set; }
}

/// <summary>The moves of an edge: all values are pushed, then all are popped.</summary>
internal sealed class MovesNode(IReadOnlyList<EdgeMove> moves) : Node
{
    public IReadOnlyList<EdgeMove> Moves => moves;

    /// <summary>The values stay on the stack instead.</summary>
    public bool Keep { get; init; }

    /// <summary>The parameter of the first move, when that value stays on the stack.</summary>
    public Value? Left { get; init; }
}

/// <summary><c>block … end</c>: a branch to the label goes behind it.</summary>
internal sealed class BlockNode : Node
{
    /// <summary>The type of what it leaves on the stack, if it does.</summary>
    public ValType? Result { get; set; }

    public BranchLabel Label { get; } = new();

    public List<Node> Body { get; set; } = [];
}

/// <summary><c>loop … end</c>: a branch to the label goes back to its start; the end falls out.</summary>
internal sealed class LoopNode : Node
{
    /// <summary>The type of what it leaves on the stack, if it does.</summary>
    public ValType? Result { get; set; }

    public BranchLabel Label { get; } = new();

    public List<Node> Body { get; set; } = [];
}

/// <summary><c>if … else … end</c> on the condition that <paramref name="condition"/> leaves.</summary>
internal sealed class IfNode(CodeNode condition) : Node
{
    public CodeNode Condition => condition;

    /// <summary>The type of what it leaves on the stack, if it does.</summary>
    public ValType? Result { get; set; }

    public List<Node> Then
    {
        get;
        set
        {
            field = value;
            Falls = null;
        }
    } = [];

    public List<Node> Else
    {
        get;
        set
        {
            field = value;
            Falls = null;
        }
    } = [];

    /// <summary>Whether an arm falls through, once that was asked: each <c>if</c> around it asks again.</summary>
    public bool? Falls { get; set; }

    /// <summary>What turning it and the ifs at its end into branches would save, once that was asked: each block around it asks again.</summary>
    public int? TailGain { get; set; }
}

/// <summary><c>br</c>.</summary>
internal sealed class BranchNode(BranchLabel label) : Node
{
    public BranchLabel Label => label;
}

/// <summary><c>br_if</c> on the condition that <paramref name="condition"/> leaves.</summary>
internal sealed class BranchIfNode(CodeNode condition, BranchLabel label) : Node
{
    public CodeNode Condition => condition;

    public BranchLabel Label => label;

    /// <summary>A value lies below the condition, which the branch takes with it and nothing else needs.</summary>
    public bool Drops { get; set; }
}

/// <summary><c>br_table</c>.</summary>
internal sealed class TableNode(IReadOnlyList<BranchLabel> labels) : Node
{
    public IReadOnlyList<BranchLabel> Labels => labels;
}

/// <summary><c>drop</c> of a condition that decides nothing.</summary>
internal sealed class DropNode : Node;

/// <summary><c>return</c>, <c>unreachable</c> or a tail call: <paramref name="terminator"/>, its operands being on the stack.</summary>
internal sealed class ExitNode(Inst terminator) : Node
{
    public Inst Terminator => terminator;
}
