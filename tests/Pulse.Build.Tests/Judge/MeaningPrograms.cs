using System.Globalization;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Judge;

/// <summary>What an operand is for, which decides the values that are telling.</summary>
internal enum Sample { I32, I64, F32, F64, Address, Length }

/// <summary>
/// A function over numbers of 64 bits that runs one instruction. Those on memory first fill words at both ends of it, within which they stay unless
/// they trap, and give these words back behind the result.
/// </summary>
internal sealed record MeaningProgram(string Export, InstructionRow Row, Sample[] Operands, string Results, string Body)
{
    public string Text => $"(func (export \"{Export}\") {string.Concat(Operands.Select(_ => "(param i64) "))}{Results} (local $v v128) {Body})";
}

/// <summary>One function for each instruction that can be run alone.</summary>
internal static class MeaningPrograms
{
    private static readonly int[] Words = [0, 8, 16, 24, 65488, 65496, 65504, 65512, 65520, 65528];

    /// <summary>Tables, references to functions and dropped segments are opaque to the judge.</summary>
    public static readonly string[] Opaque =
        ["table.get", "table.set", "table.init", "table.copy", "table.grow", "table.size", "table.fill", "elem.drop", "data.drop", "ref.null", "ref.is_null", "ref.func"];

    public static IReadOnlyList<MeaningProgram> All { get; } = [.. InstructionTable.Rows.Where(row => !row.IsControl && !Opaque.Contains(row.Name)).SelectMany(Of), .. Traps()];

    public static string Module => $"""
        (module (type $t (func (result i64))) (type $u (func)) (memory 1 1) (data $d "0123456789abcdef") (global $g (mut i64) (i64.const 5))
          (table 3 3 funcref) (elem (i32.const 0) func $a $b) (func $a (type $t) (i64.const 3)) (func $b)
          {string.Join("\n", All.Select(program => program.Text))})
        """;

    private static IEnumerable<MeaningProgram> Traps()
    {
        yield return new("unreachable", InstructionTable.Find(0x00)!, [], "(result i64)", "(unreachable)");
        yield return new("call_indirect", InstructionTable.Find(FlowCode.CallIndirect)!, [Sample.Length], "(result i64)", "(call_indirect (type $t) (i32.wrap_i64 (local.get 0)))");
    }

    private static IEnumerable<MeaningProgram> Of(InstructionRow row)
    {
        var info = Opcodes.Rows.First(o => (int)o.Opcode == row.Opcode);
        switch (row.Name)
        {
            case "global.get":
                yield break; // run with global.set
            case "global.set":
                yield return new(row.Name, row, [Sample.I64], "(result i64)", "(global.set $g (local.get 0)) (global.get $g)");
                yield break;
            case "select":
                yield return new(row.Name, row, [Sample.I64, Sample.I64, Sample.I32], "(result i64)", "(select (local.get 0) (local.get 1) (i32.wrap_i64 (local.get 2)))");
                yield break;
        }

        foreach (var immediate in Immediates(row))
        {
            yield return Program(row, info, immediate);
        }
    }

    private static string[] Immediates(InstructionRow row) => row.Name switch
    {
        "memory.init" => ["$d"],
        "i8x16.shuffle" => ["0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31"],
        _ when row.AccessBytes > 0 => row.LaneBits > 0 ? [$"offset=8 {128 / row.LaneBits - 1}"] : ["", "offset=8"],
        _ => row.LaneBits > 0 ? ["0", (128 / row.LaneBits - 1).ToString(CultureInfo.InvariantCulture)] : [""],
    };

    private static MeaningProgram Program(InstructionRow row, OpcodeInfo info, string immediate)
    {
        var samples = new List<Sample>();
        string Take(Sample sample)
        {
            samples.Add(sample);
            return $"(local.get {samples.Count - 1})";
        }

        var isBulk = row.Name is "memory.init" or "memory.copy" or "memory.fill";
        string Operand(ValType type, int k) => type switch
        {
            ValType.I64 => Take(Sample.I64),
            ValType.F32 => $"(f32.reinterpret_i32 (i32.wrap_i64 {Take(Sample.F32)}))",
            ValType.F64 => $"(f64.reinterpret_i64 {Take(Sample.F64)})",
            ValType.V128 => $"(i64x2.replace_lane 1 (i64x2.splat {Take(Sample.I64)}) {Take(Sample.I64)})",
            ValType.I32 => $"(i32.wrap_i64 {Take(isBulk && (k == 2 || row.Name == "memory.init") ? Sample.Length : Sample.I32)})",
            _ => $"(i32.wrap_i64 {Take(isBulk && k == 2 ? Sample.Length : Sample.Address)})",
        };

        var memory = row.AccessBytes > 0 || isBulk;
        ValType[] pops = info.IsCustom ? [.. row.Operands.Select((width, k) => k == 0 || row.Name == "memory.copy" ? default : width == 32 ? ValType.I32 : default)] : [.. info.Pops];
        var call = $"({row.Name} {immediate} {string.Join(" ", pops.Select(Operand))})";
        var first = row.Result switch
        {
            InstructionRow.None => (0, call),
            Engine.Smt.Terms.Sort.Vector => (2, $"(local.set $v {call}) (i64x2.extract_lane 0 (local.get $v)) (i64x2.extract_lane 1 (local.get $v))"),
            _ => (1, info.Pushes.IsDefault || info.Pushes[0] is ValType.I32 ? $"(i64.extend_i32_u {call})"
                : info.Pushes[0] switch
                {
                    ValType.F32 => $"(i64.extend_i32_u (i32.reinterpret_f32 {call}))",
                    ValType.F64 => $"(i64.reinterpret_f64 {call})",
                    ValType.I64 => call,
                    _ => $"(i64.extend_i32_u {call})",
                }),
        };
        var before = memory ? string.Concat(Words.Select(w => $"(i64.store (i32.const {w}) (i64.const {0x0102_0384_0586_8708 + 0x1111_1111L * w})) ")) : "";
        var after = memory ? string.Concat(Words.Select(w => $"(i64.load (i32.const {w})) ")) : "";
        var results = first.Item1 + (memory ? Words.Length : 0);
        return new($"{row.Name} {immediate}", row, [.. samples], results == 0 ? "" : $"(result {string.Join(" ", Enumerable.Repeat("i64", results))})", $"{before}{first.Item2} {after}");
    }
}
