using System.Globalization;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Text that is not IR: where, and what is wrong.</summary>
internal sealed class IrSyntaxException(int line, string message) : FormatException($"line {line}: {message}")
{
    /// <summary>Counted from 1.</summary>
    public int Line => line;
}

/// <summary>
/// Reads functions in the text form of <c>docs/ir.md</c>, as <see cref="IrPrinter"/> prints them. Names of blocks and values are free; a value
/// may be used before the line that defines it. What the text means is the verifier's to check.
/// </summary>
internal sealed class IrParser
{
    private static readonly Dictionary<string, OpcodeInfo> Mnemonics = Opcodes.Rows
        .Where(row => !IrTerminators.IsStructure(row.Opcode))
        .ToDictionary(row => row.Mnemonic);

    private readonly string[] _lines;
    private int _line;

    private IrParser(string text) => _lines = text.ReplaceLineEndings("\n").Split('\n');

    /// <summary>The only function in <paramref name="text"/>.</summary>
    public static Function Parse(string text) => ParseAll(text) is [var only]
        ? only
        : throw new IrSyntaxException(1, "there is not exactly one function");

    /// <summary>The functions in <paramref name="text"/>.</summary>
    public static IReadOnlyList<Function> ParseAll(string text)
    {
        var parser = new IrParser(text);
        var functions = new List<Function>();
        while (parser.NextLine() is { } header)
        {
            functions.Add(parser.ParseFunction(header));
        }

        return functions;
    }

    private LineScanner? NextLine()
    {
        while (_line < _lines.Length)
        {
            var scanner = new LineScanner(_lines[_line], ++_line);
            if (!scanner.AtEnd)
            {
                return scanner;
            }
        }

        return null;
    }

    private Function ParseFunction(LineScanner header)
    {
        header.Expect("func");
        header.Expect("@");
        var name = header.Name();
        var parameters = Types(header);
        var results = header.Take("->") ? header.Peek("(") ? Types(header) : [Type(header)] : [];
        header.Expect("{");
        header.ExpectEnd();
        var lines = new List<LineScanner>();
        while (true)
        {
            var line = NextLine() ?? throw header.Error("the function is not closed");
            if (line.Take("}"))
            {
                line.ExpectEnd();
                break;
            }

            lines.Add(line);
        }

        return new FunctionText(new Function(name, FuncType.Of(parameters, results)), header).Build(lines);
    }

    private static List<ValType> Types(LineScanner scanner)
    {
        var types = new List<ValType>();
        scanner.Expect("(");
        while (!scanner.Take(")"))
        {
            types.Add(Type(scanner));
            if (!scanner.Peek(")"))
            {
                scanner.Expect(",");
            }
        }

        return types;
    }

    private static ValType Type(LineScanner scanner)
    {
        var word = scanner.Word();
        foreach (var type in (ReadOnlySpan<ValType>)[ValType.I32, ValType.I64, ValType.F32, ValType.F64, ValType.V128, ValType.FuncRef, ValType.ExternRef])
        {
            if (type.Name() == word)
            {
                return type;
            }
        }

        throw scanner.Error($"'{word}' is not a type");
    }

    /// <summary>The lines of one function. Types of values must be known before instructions are made, so lines are read twice.</summary>
    private sealed class FunctionText(Function function, LineScanner header)
    {
        private readonly Dictionary<string, Block> _blocks = [];
        private readonly Dictionary<string, Value> _values = [];
        private readonly List<(LineScanner Line, Inst Inst, List<string> Arguments, List<(string Block, List<string> Arguments)> Targets)> _uses = [];
        private Block? _current;

        public Function Build(List<LineScanner> lines)
        {
            foreach (var line in lines)
            {
                if (line.IsBlockHeader)
                {
                    Header(line);
                }
                else
                {
                    Instruction(line);
                }
            }

            foreach (var (line, inst, arguments, targets) in _uses)
            {
                function.Replace(inst, new InstSpec
                {
                    Opcode = function.OpcodeOf(inst),
                    Immediates = function.ImmediatesOf(inst),
                    Arguments = Values(line, arguments),
                    Results = Enumerable.Range(0, function.ResultCount(inst)).Select(i => function.TypeOf(function.Result(inst, i))).ToArray(),
                    Targets = targets.Select(target => new Edge(
                        _blocks.TryGetValue(target.Block, out var block) ? block : throw line.Error($"there is no block {target.Block}"),
                        Values(line, target.Arguments))).ToArray(),
                });
            }

            return _current is null ? throw header.Error("the function has no block") : function;
        }

        private Value[] Values(LineScanner line, List<string> names) =>
            [.. names.Select(name => _values.TryGetValue(name, out var value) ? value : throw line.Error($"{name} is not defined"))];

        private void Define(LineScanner line, string name, Value value)
        {
            if (!_values.TryAdd(name, value))
            {
                throw line.Error($"{name} is defined twice");
            }
        }

        private void Header(LineScanner line)
        {
            var isEntry = _current is null;
            var block = isEntry ? function.Entry : function.AddBlock();
            var name = line.Word();
            if (!_blocks.TryAdd(name, block))
            {
                throw line.Error($"{name} is defined twice");
            }

            _current = block;
            var position = 0;
            if (line.Take("("))
            {
                while (!line.Take(")"))
                {
                    var parameter = line.Word();
                    line.Expect(":");
                    var type = Type(line);
                    Define(line, parameter, isEntry ? EntryParameter(line, position++, type) : function.AddParameter(block, type));
                    if (!line.Peek(")"))
                    {
                        line.Expect(",");
                    }
                }
            }

            if (isEntry && position != function.Type.Parameters.Length)
            {
                throw line.Error("the first block has not the parameters of the function");
            }

            line.Expect(":");
            line.ExpectEnd();
        }

        private Value EntryParameter(LineScanner line, int position, ValType type)
        {
            var parameters = function.Parameters(function.Entry);
            return position < parameters.Length && function.TypeOf(parameters[position]) == type
                ? parameters[position]
                : throw line.Error("the first block has not the parameters of the function");
        }

        private void Instruction(LineScanner line)
        {
            var block = _current ?? throw line.Error("an instruction stands before the first block");
            var results = new List<(string Name, ValType? Type)>();
            if (line.HasResults)
            {
                do
                {
                    var name = line.Word();
                    results.Add((name, line.Take(":") ? Type(line) : null));
                }
                while (line.Take(","));

                line.Expect("=");
            }

            var mnemonic = line.Word();
            var row = Mnemonics.GetValueOrDefault(mnemonic) ?? throw line.Error($"'{mnemonic}' is not an instruction");
            var inst = function.Append(block, new InstSpec
            {
                Opcode = row.Opcode,
                Immediates = Immediates(line, row),
                Results = results.Select((result, i) => result.Type ?? Fixed(line, row, i)).ToArray(),
            });
            for (var i = 0; i < results.Count; i++)
            {
                Define(line, results[i].Name, function.Result(inst, i));
            }

            Operands(line, inst);
        }

        private static ValType Fixed(LineScanner line, OpcodeInfo row, int position) =>
            !row.IsCustom && position < row.Pushes.Length && row.Pushes[position] != ValType.Address
                ? row.Pushes[position]
                : throw line.Error($"the type of a result of {row.Mnemonic} must be written");

        private void Operands(LineScanner line, Inst inst)
        {
            var arguments = new List<string>();
            var targets = new List<(string, List<string>)>();
            while (!line.AtEnd)
            {
                if (arguments.Count + targets.Count > 0)
                {
                    line.Expect(",");
                }

                var word = line.Word();
                if (!word.StartsWith('b'))
                {
                    arguments.Add(word);
                    continue;
                }

                var passed = new List<string>();
                if (line.Take("("))
                {
                    do
                    {
                        passed.Add(line.Word());
                    }
                    while (line.Take(","));

                    line.Expect(")");
                }

                targets.Add((word, passed));
            }

            _uses.Add((line, inst, arguments, targets));
        }

        private static ulong Number(LineScanner line)
        {
            var word = line.Word();
            return ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw line.Error($"'{word}' is not a number");
        }

        private static Immediates Access(LineScanner line, OpcodeInfo row)
        {
            var memory = line.Indexed("mem") ?? 0;
            var offset = line.Take("offset=") ? Number(line) : 0;
            var align = line.Take("align=") ? Number(line) : (ulong)row.AccessBytes;
            var lane = row.Immediate == ImmediateKind.MemArgLane ? Lane(line, row) : 0;
            return System.Numerics.BitOperations.IsPow2(align)
                ? Ir.Immediates.OfLane(memory, System.Numerics.BitOperations.Log2(align), offset, lane)
                : throw line.Error("the alignment is not a power of two");
        }

        private static int Lane(LineScanner line, OpcodeInfo row)
        {
            line.Expect("lane=");
            return Number(line) is < 16 and var lane ? (int)lane : throw line.Error($"{row.Mnemonic} has no such lane");
        }

        private static Immediates Immediates(LineScanner line, OpcodeInfo row)
        {
            var (a, b) = IrImmediates.Prefixes(row.Immediate);
            if (a is not null)
            {
                var first = line.Indexed(a) ?? throw line.Error($"{row.Mnemonic} names a {a}");
                return new(first, b is null ? 0 : line.Indexed(b) ?? throw line.Error($"{row.Mnemonic} names a {b}"));
            }

            switch (row.Immediate)
            {
                case ImmediateKind.MemArg or ImmediateKind.AtomicMemArg or ImmediateKind.MemArgLane:
                    return Access(line, row);
                case ImmediateKind.Lane:
                    return new(Lane(line, row));
                case ImmediateKind.Const128 or ImmediateKind.Shuffle:
                    var bytes = line.Word();
                    return Ir.Immediates.OfBytes(IrNumbers.ParseBytes(bytes) ?? throw line.Error($"'{bytes}' is not 16 bytes in hexadecimal"));
                case ImmediateKind.Const32 or ImmediateKind.Const64 or ImmediateKind.Float32 or ImmediateKind.Float64:
                    var word = line.Word();
                    return new(Wide: IrNumbers.Parse(row.Opcode, word) ?? throw line.Error($"'{word}' is not a constant of {row.Mnemonic}"));
                case ImmediateKind.HeapType:
                    return new((int)Type(line));
                default:
                    return default;
            }
        }
    }
}
