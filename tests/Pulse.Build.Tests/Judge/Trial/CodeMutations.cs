using System.Globalization;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>Changes of one place of one function body. Each gives what it did, or null where nothing of its kind is there to change.</summary>
internal sealed class CodeMutations(Module module, FuzzRandom random)
{
    private static readonly ulong[] Rare = [0, 1, ulong.MaxValue, 0x8000_0000, 65536, 65537, 0x1_0000_0000, 42, 0xFFFF_0000];

    private static readonly ILookup<string, OpcodeInfo> Alike = Opcodes.Rows.Where(row => !row.IsCustom && (int)row.Opcode < 0xFD0000)
        .ToLookup(row => $"{row.Immediate} {string.Join(",", row.Pops)} {string.Join(",", row.Pushes)}");

    private readonly record struct Site(List<CodeNode> Code, int At)
    {
        public CodeNode Node => Code[At];
    }

    /// <summary>Another instruction with the same operands and results.</summary>
    public string? Instruction(List<CodeNode> root)
    {
        if (Pick(root, node => !node.Head.Info.IsCustom && Key(node.Head.Info) is var key && Alike[key].Skip(1).Any()) is not { } site)
        {
            return null;
        }

        var head = site.Node.Head;
        var other = random.Pick(Alike[Key(head.Info)].Where(row => row.Opcode != head.Opcode).ToArray());
        var natural = other.AccessBytes == 0 ? head.B : Math.Min(head.B, System.Numerics.BitOperations.Log2((uint)other.AccessBytes));
        site.Node.Head = head with { Info = other, B = natural };
        return $"{head.Info.Mnemonic} became {other.Mnemonic}";

        static string Key(OpcodeInfo row) => $"{row.Immediate} {string.Join(",", row.Pops)} {string.Join(",", row.Pushes)}";
    }

    public string? Constant(List<CodeNode> root)
    {
        if (Pick(root, node => node.Head.Info.Immediate is ImmediateKind.Const32 or ImmediateKind.Const64 or ImmediateKind.Float32 or ImmediateKind.Float64) is not { } site)
        {
            return null;
        }

        var head = site.Node.Head;
        var narrow = head.Info.Immediate is ImmediateKind.Const32 or ImmediateKind.Float32;
        var value = random.Below(5) switch
        {
            0 => unchecked(head.Wide + 1),
            1 => unchecked(head.Wide - 1),
            2 => head.Wide ^ (1UL << random.Below(narrow ? 32 : 64)),
            3 => unchecked(0 - head.Wide),
            _ => random.Pick(Rare),
        };
        value = narrow ? value & uint.MaxValue : value;
        site.Node.Head = head with { Wide = value };
        return value == head.Wide ? null : string.Create(CultureInfo.InvariantCulture, $"constant {head.Wide} became {value}");
    }

    /// <summary>Another local, global, memory, table, segment or offset; or two operands in the other order.</summary>
    public string? Operand(List<CodeNode> root)
    {
        if (random.Once(4))
        {
            return Exchange(root);
        }

        if (Pick(root, node => node.Head.Info.Immediate is ImmediateKind.Local or ImmediateKind.Global or ImmediateKind.MemArg or ImmediateKind.Memory
            or ImmediateKind.MemoryMemory or ImmediateKind.Table or ImmediateKind.Data or ImmediateKind.Element or ImmediateKind.DataMemory
            or ImmediateKind.ElementTable or ImmediateKind.TableTable or ImmediateKind.TypeTable) is not { } site)
        {
            return null;
        }

        var head = site.Node.Head;
        var step = random.Pick([1, -1, 2]);
        site.Node.Head = head.Info.Immediate switch
        {
            ImmediateKind.MemArg when random.Below(module.Memories.Count * 2) < 2 => head with { Wide = unchecked(head.Wide + (ulong)(step * 4)) & uint.MaxValue },
            ImmediateKind.MemoryMemory or ImmediateKind.TableTable when random.Once(2) => head with { A = head.B, B = head.A },
            ImmediateKind.TypeTable => head with { B = Math.Max(0, head.B + step) },
            ImmediateKind.DataMemory or ImmediateKind.ElementTable or ImmediateKind.MemoryMemory or ImmediateKind.TableTable when random.Once(2) => head with { B = Math.Max(0, head.B + step) },
            _ => head with { A = Math.Max(0, head.A + step) },
        };
        return site.Node.Head == head ? null : string.Create(CultureInfo.InvariantCulture, $"{head.Info.Mnemonic} {head.A} {head.B} {head.Wide} became {site.Node.Head.A} {site.Node.Head.B} {site.Node.Head.Wide}");
    }

    /// <summary>Two neighbouring statements change places, or one goes into or out of a block.</summary>
    public string? Order(List<CodeNode> root)
    {
        var statements = Statements(root).Where(s => CodeTree.StatementEnd(s.Code, s.End) > 0).ToList();
        if (statements.Count == 0)
        {
            return null;
        }

        var (code, start, end) = random.Pick(statements);
        var moved = code.GetRange(start, end - start);
        var next = code[end];
        if (next.Body is { } body && next.Pops == 0 && random.Once(2))
        {
            body.InsertRange(0, moved);
            code.RemoveRange(start, moved.Count);
            return $"moved into {next.Head.Info.Mnemonic}: {Text(moved)}";
        }

        var second = CodeTree.StatementEnd(code, end);
        code.RemoveRange(start, moved.Count);
        code.InsertRange(second - moved.Count, moved);
        return $"moved down: {Text(moved)}";
    }

    public string? Deletion(List<CodeNode> root) => Statement(root, _ => true) is not var (code, start, end) ? null : Delete(code, start, end);

    public string? Duplication(List<CodeNode> root) => Statement(root, _ => true) is not var (code, start, end) ? null : Repeat(code, start, end);

    /// <summary>Negated conditions, other targets, loops that do not repeat and blocks that do, arms in the other order.</summary>
    public string? Control(List<CodeNode> root)
    {
        if (Pick(root, node => node.Body is not null || node.Leaves || node.Head.Opcode == Opcode.BrIf) is not var (code, at))
        {
            return null;
        }

        var node = code[at];
        var head = node.Head;
        switch (head.Opcode)
        {
            case Opcode.BrIf or Opcode.If when random.Once(2):
                code.Insert(at, Plain(Opcode.I32Eqz, 1, 1));
                return $"negated {head.Info.Mnemonic}";
            case Opcode.If when node.Else is not null:
                (node.Body, node.Else) = (node.Else, node.Body);
                return "exchanged arms";
            case Opcode.If:
                node.Head = new Instruction(Opcodes.Get(Opcode.Block), 0) { A = head.A };
                code.Insert(at, Plain(Opcode.Drop, 1, 0));
                return "if became block";
            case Opcode.Loop or Opcode.Block:
                node.Head = new Instruction(Opcodes.Get(head.Opcode == Opcode.Loop ? Opcode.Block : Opcode.Loop), 0) { A = head.A };
                return $"{head.Info.Mnemonic} became {node.Head.Info.Mnemonic}";
            case Opcode.BrIf when random.Once(3):
                code[at] = Plain(Opcode.Drop, 1, 0);
                return "dropped br_if";
            case Opcode.Br or Opcode.BrIf:
                node.Head = head with { A = Math.Max(0, head.A + random.Pick([1, -1])) };
                return $"{head.Info.Mnemonic} {head.A} became {node.Head.A}";
            case Opcode.BrTable:
                var labels = (int[])head.Labels!.Clone();
                var changed = random.Below(labels.Length);
                labels[changed] = random.Pick(labels);
                node.Head = head with { Labels = random.Once(4) && labels.Length > 1 ? labels[..^1] : labels };
                return "other labels of br_table";
            case Opcode.Unreachable or Opcode.Return:
                code.RemoveAt(at);
                return $"dropped {head.Info.Mnemonic}";
            default:
                return null;
        }
    }

    /// <summary>A call of another function, dropped, repeated, or in place of a call that replaces its caller.</summary>
    public string? Call(List<CodeNode> root)
    {
        var wanted = random.Below(4);
        if (wanted < 2 && Statement(root, s => s.Any(n => n.Head.Opcode is Opcode.Call or Opcode.CallIndirect)) is var (code, start, end))
        {
            return wanted == 0 ? Delete(code, start, end) : Repeat(code, start, end);
        }

        if (Pick(root, node => node.Head.Opcode is Opcode.Call or Opcode.ReturnCall or Opcode.RefFunc) is not { } site)
        {
            return null;
        }

        var head = site.Node.Head;
        var type = module.TypeOf(new FuncIndex(head.A));
        var others = Enumerable.Range(0, module.Functions.Count).Where(f => f != head.A && (head.Opcode == Opcode.RefFunc || module.TypeOf(new FuncIndex(f)).Equals(type))).ToArray();
        if (others.Length == 0)
        {
            return null;
        }

        site.Node.Head = head with { A = random.Pick(others) };
        return string.Create(CultureInfo.InvariantCulture, $"{head.Info.Mnemonic} {head.A} became {site.Node.Head.A}");
    }

    /// <summary>A value, mostly a result of a call or a load, is another one when it is a certain rare number.</summary>
    public string? RareValue(List<CodeNode> root)
    {
        if (Pick(root, node => Pushed(node) is ValType.I32 or ValType.I64 && node.Head.Info.Immediate is not (ImmediateKind.Const32 or ImmediateKind.Const64)
            && (node.Head.Opcode is Opcode.Call || node.Head.Info.IsLoad || random.Once(4))) is not var (code, at))
        {
            return null;
        }

        var wide = Pushed(code[at]) == ValType.I64;
        var rare = random.Pick(Rare);
        var constant = new CodeNode(new Instruction(Opcodes.Get(wide ? Opcode.I64Const : Opcode.I32Const), 0) { Wide = wide ? rare : rare & uint.MaxValue }, 0, 1);

        // x + (x == rare), or that with an order in place of equality.
        var compare = random.Pick(wide ? [Opcode.I64Eq, Opcode.I64Eq, Opcode.I64LtS, Opcode.I64GtU] : new[] { Opcode.I32Eq, Opcode.I32Eq, Opcode.I32LtS, Opcode.I32GtU });
        var scratch = NewLocal(wide ? ValType.I64 : ValType.I32);
        List<CodeNode> added =
        [
            Local(Opcode.LocalTee, scratch, 1, 1), Local(Opcode.LocalGet, scratch, 0, 1), constant, Plain(compare, 2, 1),
            .. wide ? [Plain(Opcode.I64ExtendI32U, 1, 1)] : Array.Empty<CodeNode>(), Plain(wide ? Opcode.I64Add : Opcode.I32Add, 2, 1),
        ];
        code.InsertRange(at + 1, added);
        return string.Create(CultureInfo.InvariantCulture, $"one more where {code[at].Head.Info.Mnemonic} is {compare} {rare}");
    }

    /// <summary>The local that the last change needs.</summary>
    public ValType? Scratch { get; private set; }

    public int Function { private get; init; }

    private string? Exchange(List<CodeNode> root)
    {
        if (Pick(root, node => node.Pops == 2 && node.Pushes <= 1 && node.Body is null) is not var (code, at))
        {
            return null;
        }

        var second = CodeTree.OperandStart(code, at);
        var first = second < 0 ? -1 : CodeTree.OperandStart(code, second);
        if (first < 0)
        {
            return null;
        }

        var moved = code.GetRange(first, second - first);
        code.RemoveRange(first, moved.Count);
        code.InsertRange(at - moved.Count, moved);
        return $"operands of {code[at].Head.Info.Mnemonic} exchanged";
    }

    private int NewLocal(ValType type)
    {
        Scratch = type;
        return module.TypeOf(new FuncIndex(Function)).Parameters.Length + (int)module.Functions[Function].Body!.Locals.Sum(group => group.Count);
    }

    private ValType? Pushed(CodeNode node) => node.Head.Opcode switch
    {
        Opcode.Call when module.TypeOf(new FuncIndex(node.Head.A)).Results is [var only] => only,
        _ when node.Head.Info.IsCustom || node.Pushes != 1 => null,
        _ => node.Head.Info.Pushes[0],
    };

    private static string Delete(List<CodeNode> code, int start, int end)
    {
        var gone = code.GetRange(start, end - start);
        code.RemoveRange(start, end - start);
        return "deleted " + Text(gone);
    }

    private static string Repeat(List<CodeNode> code, int start, int end)
    {
        var again = code.GetRange(start, end - start);
        code.InsertRange(end, again);
        return "twice " + Text(again);
    }

    private (List<CodeNode> Code, int Start, int End)? Statement(List<CodeNode> root, Func<IEnumerable<CodeNode>, bool> wanted)
    {
        var all = Statements(root).Where(s => wanted(s.Code.Skip(s.Start).Take(s.End - s.Start))).ToList();
        return all.Count == 0 ? null : random.Pick(all);
    }

    private static IEnumerable<(List<CodeNode> Code, int Start, int End)> Statements(List<CodeNode> root)
        => from code in CodeTree.Lists(root) from start in Enumerable.Range(0, code.Count)
           let end = CodeTree.StatementEnd(code, start) where end > start select (code, start, end);

    private Site? Pick(List<CodeNode> root, Func<CodeNode, bool> wanted)
    {
        var sites = (from code in CodeTree.Lists(root) from at in Enumerable.Range(0, code.Count) where wanted(code[at]) select new Site(code, at)).ToList();
        return sites.Count == 0 ? null : random.Pick(sites);
    }

    private static CodeNode Plain(Opcode opcode, int pops, int pushes) => new(new Instruction(Opcodes.Get(opcode), 0), pops, pushes);

    private static CodeNode Local(Opcode opcode, int local, int pops, int pushes) => new(new Instruction(Opcodes.Get(opcode), 0) { A = local }, pops, pushes);

    private static string Text(IEnumerable<CodeNode> nodes)
        => string.Join(" ", nodes.Take(8).Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Head.Info.Mnemonic}:{n.Head.A}/{n.Head.Wide}")));
}
