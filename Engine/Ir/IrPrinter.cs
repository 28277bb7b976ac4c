using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Prints a function in the text form of <c>docs/ir.md</c>; the parser reads it back.</summary>
/// <remarks>
/// Blocks and values are numbered in the order in which they are printed, so that the same function always has the same text. Result
/// types are printed where the opcode does not fix them.
/// </remarks>
internal sealed class IrPrinter
{
    private readonly Function _function;
    private readonly EntityMap<Value, int> _values = new(-1);
    private readonly EntityMap<Block, int> _blocks = new(-1);
    private readonly StringBuilder _text = new();

    private IrPrinter(Function function, bool renumber)
    {
        _function = function;
        var (blocks, values) = (0, 0);
        foreach (var block in function.Blocks)
        {
            _blocks[block] = renumber ? blocks++ : block.Index;
            foreach (var parameter in function.Parameters(block))
            {
                _values[parameter] = renumber ? values++ : parameter.Index;
            }

            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                for (var i = 0; i < function.ResultCount(inst); i++)
                {
                    var result = function.Result(inst, i);
                    _values[result] = renumber ? values++ : result.Index;
                }
            }
        }
    }

    /// <summary>The text of <paramref name="function"/>. Without <paramref name="renumber"/>, with the ids that error messages name.</summary>
    public static string Print(Function function, bool renumber = true)
    {
        var printer = new IrPrinter(function, renumber);
        printer.PrintFunction();
        return printer._text.ToString();
    }

    /// <summary>The text of one instruction, with the ids that error messages name.</summary>
    public static string Print(Function function, Inst inst)
    {
        var printer = new IrPrinter(function, renumber: false);
        printer.PrintInst(inst);
        return printer._text.ToString();
    }

    /// <summary>A float constant so that the same bits are read back: shortest decimal, <c>inf</c>, or <c>nan:0x</c> and the payload.</summary>
    public static string Float(Opcode opcode, ulong bits)
    {
        var isSingle = opcode == Opcode.F32Const;
        var single = BitConverter.UInt32BitsToSingle((uint)(bits & uint.MaxValue));
        var value = isSingle ? single : BitConverter.UInt64BitsToDouble(bits);
        var sign = double.IsNegative(value) ? "-" : "";
        if (double.IsNaN(value))
        {
            var payload = bits & (isSingle ? 0x7F_FFFFUL : 0xF_FFFF_FFFF_FFFFUL);
            return string.Create(CultureInfo.InvariantCulture, $"{sign}nan:0x{payload:x}");
        }

        return double.IsInfinity(value) ? sign + "inf"
            : isSingle ? single.ToString("R", CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>A name as it is when it is made of letters, digits and <c>_ . - $ #</c>, else in quotes.</summary>
    private static string QuotedName(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "_.-$#".Contains(c, StringComparison.Ordinal))
            ? name
            : "\"" + name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private void PrintFunction()
    {
        _text.Append(CultureInfo.InvariantCulture, $"func @{QuotedName(_function.Name)}{_function.Type} {{\n");
        foreach (var block in _function.Blocks)
        {
            _text.Append(CultureInfo.InvariantCulture, $"b{_blocks[block]}");
            var separator = "(";
            foreach (var parameter in _function.Parameters(block))
            {
                _text.Append(separator);
                PrintTyped(parameter);
                separator = ", ";
            }

            _text.Append(separator == "(" ? ":\n" : "):\n");
            for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst))
            {
                _text.Append("  ");
                PrintInst(inst);
                _text.Append('\n');
            }
        }

        _text.Append("}\n");
    }

    private void PrintInst(Inst inst)
    {
        var row = _function.InfoOf(inst);
        for (var i = 0; i < _function.ResultCount(inst); i++)
        {
            _text.Append(i == 0 ? "" : ", ");
            if (row.IsCustom || row.Pushes[i] != _function.TypeOf(_function.Result(inst, i)))
            {
                PrintTyped(_function.Result(inst, i));
            }
            else
            {
                PrintValue(_function.Result(inst, i));
            }
        }

        _text.Append(_function.ResultCount(inst) > 0 ? " = " : "").Append(row.Mnemonic);
        PrintImmediates(row, _function.ImmediatesOf(inst));
        PrintOperands(inst);
    }

    private void PrintOperands(Inst inst)
    {
        var separator = " ";
        foreach (var argument in _function.Arguments(inst))
        {
            _text.Append(separator);
            PrintValue(argument);
            separator = ", ";
        }

        for (var i = 0; i < _function.TargetCount(inst); i++)
        {
            _text.Append(separator).Append('b').Append(_blocks[_function.Target(inst, i)].ToString(CultureInfo.InvariantCulture));
            separator = ", ";
            var inner = "(";
            foreach (var argument in _function.TargetArguments(inst, i))
            {
                _text.Append(inner);
                PrintValue(argument);
                inner = ", ";
            }

            _text.Append(inner == "(" ? "" : ")");
        }
    }

    private void PrintImmediates(OpcodeInfo row, Immediates immediates)
    {
        foreach (var word in IrImmediates.Words(row, immediates))
        {
            _text.Append(' ').Append(word);
        }
    }

    private void PrintTyped(Value value)
    {
        PrintValue(value);
        _text.Append(": ").Append(_function.TypeOf(value).Name());
    }

    private void PrintValue(Value value)
    {
        var number = _values[value];

        // A use without a definition in the layout: the verifier says so, the text shows which.
        _text.Append(number < 0 ? "?v" : "v").Append((number < 0 ? value.Index : number).ToString(CultureInfo.InvariantCulture));
    }
}
