using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>An instruction, and what stands between it and its <c>end</c>.</summary>
internal sealed class CodeNode(Instruction head, int pops, int pushes)
{
    public Instruction Head { get; set; } = head;

    public int Pops { get; } = pops;

    public int Pushes { get; } = pushes;

    /// <summary>The inside of a block, loop or if; null for any other instruction.</summary>
    public List<CodeNode>? Body { get; set; }

    public List<CodeNode>? Else { get; set; }

    /// <summary>Whether the code behind it is not reached from it.</summary>
    public bool Leaves => Head.Opcode is Opcode.Br or Opcode.BrTable or Opcode.Return or Opcode.Unreachable or Opcode.ReturnCall or Opcode.ReturnCallIndirect;
}

/// <summary>A function body as nested lists of instructions that know how many values they take and give.</summary>
internal sealed class CodeTree
{
    private readonly Module _module;
    private readonly List<int> _labels = [];
    private Instruction[] _all = [];
    private int _next;

    private CodeTree(Module module) => _module = module;

    /// <summary>The body of <paramref name="function"/>, its last <c>end</c> left out.</summary>
    public static List<CodeNode> Parse(Module module, int function)
    {
        var tree = new CodeTree(module);
        var all = new List<Instruction>();
        var reader = new InstructionReader(module.Functions[function].Body!.Code.Span, 0, "trial");
        while (reader.TryRead(out var instruction))
        {
            all.Add(instruction);
        }

        tree._all = [.. all];
        tree._labels.Add(module.TypeOf(new FuncIndex(function)).Results.Length);
        return tree.List();
    }

    public static byte[] Write(List<CodeNode> code)
    {
        var output = new ByteWriter();
        var writer = new InstructionWriter(output);
        Write(code, writer);
        writer.End();
        return output.ToArray();
    }

    /// <summary>Every list of <paramref name="code"/>, itself first.</summary>
    public static IEnumerable<List<CodeNode>> Lists(List<CodeNode> code)
    {
        yield return code;
        foreach (var inner in code.SelectMany(node => new[] { node.Body, node.Else }).OfType<List<CodeNode>>().SelectMany(Lists))
        {
            yield return inner;
        }
    }

    /// <summary>Where the operand that ends before <paramref name="end"/> starts, or -1.</summary>
    public static int OperandStart(List<CodeNode> code, int end)
    {
        var needed = 1;
        for (var i = end - 1; i >= 0; i--)
        {
            if (code[i].Leaves || code[i].Pushes > needed)
            {
                return -1;
            }

            needed += code[i].Pops - code[i].Pushes;
            if (needed == 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The end of the shortest run from <paramref name="start"/> that takes nothing and leaves nothing, or -1.</summary>
    public static int StatementEnd(List<CodeNode> code, int start)
    {
        var height = 0;
        for (var i = start; i < code.Count && !code[i].Leaves && code[i].Pops <= height; i++)
        {
            height += code[i].Pushes - code[i].Pops;
            if (height == 0)
            {
                return i + 1;
            }
        }

        return -1;
    }

    private static void Write(List<CodeNode> code, InstructionWriter writer)
    {
        foreach (var node in code)
        {
            writer.Write(node.Head);
            if (node.Body is { } body)
            {
                Write(body, writer);
                if (node.Else is { } otherwise)
                {
                    writer.Write(new Instruction(Opcodes.Get(Opcode.Else), 0));
                    Write(otherwise, writer);
                }

                writer.End();
            }
        }
    }

    private List<CodeNode> List()
    {
        var list = new List<CodeNode>();
        while (_all[_next].Opcode is not (Opcode.End or Opcode.Else))
        {
            list.Add(Node());
        }

        return list;
    }

    private CodeNode Node()
    {
        var head = _all[_next++];
        if (head.Opcode is not (Opcode.Block or Opcode.Loop or Opcode.If))
        {
            var (pops, pushes) = Arity(head);
            return new CodeNode(head, pops, pushes);
        }

        var (inputs, results) = head.A >= 0 ? (_module.Types[head.A].Parameters.Length, _module.Types[head.A].Results.Length) : (0, head.A == -0x40 ? 0 : 1);
        _labels.Add(head.Opcode == Opcode.Loop ? inputs : results);
        var node = new CodeNode(head, inputs + (head.Opcode == Opcode.If ? 1 : 0), results) { Body = List() };
        if (_all[_next].Opcode == Opcode.Else)
        {
            _next++;
            node.Else = List();
        }

        _next++;
        _labels.RemoveAt(_labels.Count - 1);
        return node;
    }

    private (int Pops, int Pushes) Arity(in Instruction head) => head.Opcode switch
    {
        Opcode.LocalGet or Opcode.GlobalGet or Opcode.RefNull => (0, 1),
        Opcode.LocalSet or Opcode.GlobalSet or Opcode.Drop => (1, 0),
        Opcode.LocalTee or Opcode.TableGet or Opcode.RefIsNull => (1, 1),
        Opcode.Select or Opcode.SelectTyped => (3, 1),
        Opcode.TableSet => (2, 0),
        Opcode.TableGrow => (2, 1),
        Opcode.TableFill => (3, 0),
        Opcode.Call => Arity(_module.TypeOf(new FuncIndex(head.A)), 0),
        Opcode.CallIndirect => Arity(_module.Types[head.A], 1),
        Opcode.BrIf => (_labels[^(head.A + 1)] + 1, _labels[^(head.A + 1)]),
        _ => head.Info.IsCustom ? (0, 0) : (head.Info.Pops.Length, head.Info.Pushes.Length),
    };

    private static (int Pops, int Pushes) Arity(FuncType type, int more) => (type.Parameters.Length + more, type.Results.Length);
}
