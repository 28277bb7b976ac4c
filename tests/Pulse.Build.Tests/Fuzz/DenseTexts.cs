using System.Globalization;
using System.Text;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>
/// Texts of a given size that are all of one small thing: what costs the parser, and whoever uses what it makes, most for a byte. A
/// shape is what stands before, what is repeated, and what stands after; <c>#</c> in the middle is a number that is never the same.
/// </summary>
internal static class DenseTexts
{
    private static readonly (string Before, string Unit, string After)[] Rows =
    [
        .. new[]
        {
            "()", "(", ")", "(a)", "a ", "(a()", "((a)(b))", "\"\" ", "$a ", "[", "(;", "(;;)", ";;\n", "(@a)", "(@a ", "(@custom \"\")", "(@custom \"#\" \"x\")", "(@datacount)",
            "(func)", "(func $#)", "(func $\"é#\")", "(func (type 0))", "(func(param i32))", "(func(local i32))", "(func(local $a i32))", "(func(param $a i32))", "(func(block))",
            "(func(loop $a))", "(func $f#(loop $a))", "(func call 0)", "(func $f# call $f#)", "(func br_table 0)", "(func(export \"\"))", "(func(export \"#\"))", "(func(import \"\" \"\"))",
            "(type(func))", "(type $t#(func))", "(import \"\" \"\"(func))", "(import \"\" \"\"(memory 0))", "(import \"\" \"\"(global i32))", "(import \"\" \"\"(table 0 funcref))",
            "(table 0 funcref)", "(table funcref(elem))", "(table funcref(elem 0))", "(table 0 funcref ref.null func)", "(memory 0)", "(memory(data))", "(memory(data \"\"))",
            "(memory i64 1 (pagesize 1))", "(global i32(i32.const 0))", "(global(mut i32)i32.const #)", "(export \"\"(func 0))", "(export \"#\"(memory 0))", "(elem func)", "(elem funcref)",
            "(elem declare func)", "(elem(i32.const 0))", "(elem(i32.const 0)func)", "(data)", "(data \"\")", "(data(i32.const 0))", "(start 0)",
        }.Select(unit => ("(module ", unit, ")")),
        .. new[]
        {
            "nop ", "(nop)", "i32.const 0 drop ", "(drop(i32.const #))", "drop ", "br 0 ", "br_table 0 0 0 ", "(br_table 0)", "unreachable ", "block ", "block end ", "(block)",
            "(block $a)", "(block $l#)", "block $a end ", "block $l# br $l# ", "(block(loop))", "(block(param i32))", "(block(result i64 i32))", "if else end ", "(if(then))", "(if(i32.const 0)(then)(else))",
            "select(result i32)", "(select(result))", "v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 drop ", "f64.const 1_0.0 drop ", "f32.const nan:0x1 drop ", "i64.const 0x1_0 drop ",
            "(local i32)", "(local i32 i64)", "(local $l# i32)", "(param i32)", "(param $p# i32)", "(result i32)", "memory.size ", "i32.load ", "(i32.add(nop))", "end ", "call $f ",
        }.Select(unit => ("(func $f ", unit, ")")),
        ("(func br_table ", "0 ", ")"), ("(func (param ", "i32 ", "))"), ("(type (func (param ", "i32 i64 ", ")))"), ("(func)(elem func ", "0 ", ")"), ("(func)(elem funcref ", "(item)", ")"),
        ("(func)(elem funcref ", "(ref.func 0)", ")"), ("(func $f)(table funcref (elem ", "$f ", "))"), ("(data ", "\"\" ", ")"), ("(data \"", "\\00", "\")"), ("(data \"", "\\u{0}", "\")"), ("(data \"", "é", "\")"),
        ("(data \"", "a", "\")"), ("(func i64.const ", "0", "1 drop)"), ("(func i64.const ", "1", " drop)"), ("(func f64.const 1", "0", " drop)"), ("(func f64.const 1", "_0", " drop)"), ("(func f64.const 0.", "0", "1 drop)"),
        ("(func f64.const 0x1.", "1", "p-5 drop)"), ("(func f64.const 0x1p", "1", " drop)"), ("(func f64.const 1e", "1", " drop)"), ("(func f32.const 1e-", "0", "1 drop)"), ("(func f64.const nan:0x", "0", "1 drop)"),
        ("(func ", "x", ")"), ("(func $", "x", ")"), ("(func call $", "x", ")"), ("(import \"", "x", "\" \"\" (func))"), ("(memory (export \"", "x", "\") 1)"), ("(@", "x", ")"), ("(@custom \"", "x", "\")"),
        ("(module quote \"", "(func)", "\")"), ("(module binary \"", "\\00", "\")"), ("(module quote \"(module quote \\\"", "(func)", "\\\")\")"), ("(func)", " ", "(func)"), ("", "é", ""), ("(func ", "(i32.eqz ", ")"),
        (Nested("(i32.eqz "), "(nop)", new string(')', 900)), (Nested("(block "), "(nop)", new string(')', 900)), (Nested("(if (then "), "nop ", new string(')', 1800)), (Nested("(@a "), "(@b x)", new string(')', 900)),
        ("(type (func (param " + Times("i32 ", 1000) + ")))", "(func (type 0))", ""), ("(type $w (func (param " + Times("i32 ", 1000) + ")))(func ", "(block (type $w) drop)", ")"),
    ];

    /// <summary>Every shape by what is repeated in it, with what makes a text of about so many bytes.</summary>
    public static IReadOnlyDictionary<string, Func<int, byte[]>> Shapes { get; } = Rows.Select((row, i) => (row, i)).ToDictionary(
        entry => $"{entry.i} {entry.row.Unit}", entry => (Func<int, byte[]>)(size => Make(entry.row.Before, entry.row.Unit, entry.row.After, size)));

    /// <summary>Once in a while one of them, of at most a megabyte; sometimes with a byte damaged, which may close it or spoil its end.</summary>
    public static byte[]? Now(FuzzRandom random) => DenseInput.Now(Shapes.Values, random);

    private static byte[] Make(string before, string unit, string after, int size)
    {
        var text = new StringBuilder(before);
        for (var i = 0; text.Length < size - after.Length; i++)
        {
            text.Append(unit.Replace("#", i.ToString("x", CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }

        return Encoding.UTF8.GetBytes(text.Append(after).ToString());
    }

    private static string Nested(string open) => "(func " + Times(open, open.Contains("if", StringComparison.Ordinal) ? 450 : 900);

    private static string Times(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
