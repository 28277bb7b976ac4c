using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Plan;

/// <summary>Which data segments and memories of a module its code may change the size of: a variable holds their sizes, the others' are constants.</summary>
internal sealed class MutableParts
{
    private readonly HashSet<int> _dropped = [];
    private readonly HashSet<int> _grown = [];

    /// <summary>Looks at every body of <paramref name="module"/>.</summary>
    public MutableParts(Module module)
    {
        foreach (var body in module.Functions.Select(function => function.Body).OfType<FunctionBody>())
        {
            var reader = new InstructionReader(body.Code.Span, body.Offset, "");
            while (reader.TryRead(out var instruction))
            {
                if (instruction.Opcode == Opcode.DataDrop)
                {
                    _dropped.Add(instruction.A);
                }
                else if (instruction.Opcode == Opcode.MemoryGrow)
                {
                    _grown.Add(instruction.A);
                }
            }
        }
    }

    /// <summary>Whether code drops the data segment.</summary>
    public bool IsDropped(int segment) => _dropped.Contains(segment);

    /// <summary>Whether code asks the memory to grow.</summary>
    public bool IsGrown(int memory) => _grown.Contains(memory);
}
