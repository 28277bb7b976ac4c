using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Tests.Wasm;

/// <summary>Every row of the instruction table goes through every part that the table drives.</summary>
[TestClass]
public sealed class OpcodeTableTests
{
    private const string Context = """
        (type $unary (func (param i32) (result i32)))
        (memory $m0 1) (memory $m1 1) (table $t0 1 funcref) (table $t1 1 funcref)
        (global $g (mut i32) (i32.const 0))
        (data $d "x") (elem $e func $callee)
        (func $callee (type $unary) (local.get 0))
        """;

    /// <summary>A body that validates, for each row whose operands are not in the table.</summary>
    private static readonly Dictionary<Opcode, string> Samples = new()
    {
        [Opcode.Unreachable] = "unreachable",
        [Opcode.Block] = "block end",
        [Opcode.Loop] = "loop end",
        [Opcode.If] = "i32.const 1 if end",
        [Opcode.Else] = "i32.const 1 if else end",
        [Opcode.End] = "block end",
        [Opcode.Br] = "br 0",
        [Opcode.BrIf] = "i32.const 0 br_if 0",
        [Opcode.BrTable] = "block i32.const 0 br_table 0 1 0 end",
        [Opcode.Return] = "return",
        [Opcode.Call] = "i32.const 0 call $callee drop",
        [Opcode.CallIndirect] = "i32.const 0 i32.const 0 call_indirect $t1 (type $unary) drop",
        [Opcode.ReturnCall] = "return_call $self",
        [Opcode.ReturnCallIndirect] = "i32.const 0 return_call_indirect (type $void)",
        [Opcode.Drop] = "i32.const 0 drop",
        [Opcode.Select] = "i32.const 0 i32.const 0 i32.const 0 select drop",
        [Opcode.SelectTyped] = "i64.const 0 i64.const 0 i32.const 0 select (result i64) drop",
        [Opcode.LocalGet] = "local.get 0 drop",
        [Opcode.LocalSet] = "i32.const 0 local.set 0",
        [Opcode.LocalTee] = "i32.const 0 local.tee 0 drop",
        [Opcode.GlobalGet] = "global.get $g drop",
        [Opcode.GlobalSet] = "i32.const 0 global.set $g",
        [Opcode.TableGet] = "i32.const 0 table.get $t1 drop",
        [Opcode.TableSet] = "i32.const 0 ref.null func table.set $t1",
        [Opcode.TableGrow] = "ref.null func i32.const 0 table.grow $t1 drop",
        [Opcode.TableFill] = "i32.const 0 ref.null func i32.const 0 table.fill $t1",
        [Opcode.RefNull] = "ref.null extern drop",
        [Opcode.RefIsNull] = "ref.null extern ref.is_null drop",
    };

    public static IEnumerable<object[]> Rows => Opcodes.Rows.Select(row => new object[] { row.Opcode.ToString() });

    [TestMethod]
    public void Codes_are_unique_and_every_code_has_a_row()
    {
        CollectionAssert.AreEqual(Enum.GetValues<Opcode>().Order().ToArray(), Opcodes.Rows.Select(row => row.Opcode).ToArray());
        var mnemonics = Opcodes.Rows.Where(row => row.Opcode != Opcode.SelectTyped).Select(row => row.Mnemonic).ToArray();
        CollectionAssert.AllItemsAreUnique(mnemonics);
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void A_row_is_written_and_read_back_with_its_immediates(string opcode)
    {
        var row = Opcodes.Get(Enum.Parse<Opcode>(opcode));
        foreach (var sample in Immediates(row))
        {
            var output = new ByteWriter();
            new InstructionWriter(output).Write(sample);
            var reader = new InstructionReader(output.Written, 0, "");
            Assert.IsTrue(reader.TryRead(out var read));
            Assert.AreSame(row, read.Info);
            Assert.AreEqual((sample.A, sample.B, sample.Wide, sample.High), (read.A, read.B, read.Wide, read.High));
            CollectionAssert.AreEqual(sample.Labels, read.Labels);
            Assert.IsFalse(reader.TryRead(out _));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void A_row_is_parsed_validated_and_printed(string opcode)
    {
        var row = Opcodes.Get(Enum.Parse<Opcode>(opcode));
        var body = row.IsCustom ? Samples[row.Opcode] : FromTypes(row);
        var text = $"(type $void (func)) {Context} (func $self (local i32) {body})";
        var module = WatParser.Parse(text, "test.wat");
        Validator.Validate(module, "test.wat");
        var reader = new InstructionReader(module.Functions[^1].Body!.Code.Span, 0, "");
        var found = false;
        while (reader.TryRead(out var instruction))
        {
            found |= instruction.Opcode == row.Opcode;
        }

        Assert.IsTrue(found, body);
        var printed = WatPrinter.Print(module);
        CollectionAssert.AreEqual(ModuleWriter.Write(module), ModuleWriter.Write(WatParser.Parse(printed, "test.wat")), printed);
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void A_row_refuses_an_operand_of_the_wrong_type_or_too_few(string opcode)
    {
        var row = Opcodes.Get(Enum.Parse<Opcode>(opcode));
        if (row.IsCustom || row.Pops.IsEmpty)
        {
            return;
        }

        var without = FromTypes(row, skip: 1);
        var wrong = $"{(row.Pops[0] == ValType.F64 ? "i32" : "f64")}.const 0 {without}";
        foreach (var body in new[] { without, wrong })
        {
            var module = WatParser.Parse($"{Context} (func {body})", "test.wat");
            Assert.ThrowsExactly<Engine.Diagnostics.DiagnosticException>(() => Validator.Validate(module, "test.wat"), body);
        }
    }

    /// <summary>Constants for the operands but the first <paramref name="skip"/>, the instruction, drops for the results.</summary>
    private static string FromTypes(OpcodeInfo row, int skip = 0)
    {
        var operands = row.Pops.Skip(skip).Select(type => type == ValType.Address ? "i32.const 0 " : type == ValType.V128 ? "v128.const i64x2 0 0 " : type.Name() + ".const 0 ");
        var immediates = row.Immediate switch
        {
            ImmediateKind.Const32 or ImmediateKind.Const64 or ImmediateKind.Float32 or ImmediateKind.Float64 => " 1",
            ImmediateKind.Function => " $callee",
            ImmediateKind.MemArg => " $m1 offset=3 align=1",
            ImmediateKind.AtomicMemArg => " $m1 offset=8",
            ImmediateKind.MemArgLane => " $m1 offset=3 align=1 1",
            ImmediateKind.Const128 => " f32x4 1 -0x1p-3 nan:0x123 inf",
            ImmediateKind.Shuffle => " 0 1 2 3 4 5 6 7 31 30 29 28 27 26 25 24",
            ImmediateKind.Lane => " 1",
            ImmediateKind.Memory => " $m1",
            ImmediateKind.MemoryMemory => " $m1 $m0",
            ImmediateKind.DataMemory => " $m1 $d",
            ImmediateKind.Data => " $d",
            ImmediateKind.ElementTable => " $t1 $e",
            ImmediateKind.Element => " $e",
            ImmediateKind.TableTable => " $t1 $t0",
            ImmediateKind.Table => " $t1",
            _ => "",
        };
        return string.Concat(operands) + row.Mnemonic + immediates + string.Concat(Enumerable.Repeat(" drop", row.Pushes.Length));
    }

    /// <summary>Small and large immediates of the row's kind.</summary>
    private static IEnumerable<Instruction> Immediates(OpcodeInfo row)
    {
        var plain = new Instruction(row, 0);
        return row.Immediate switch
        {
            ImmediateKind.None => [plain],
            ImmediateKind.BlockType => [plain with { A = -0x40 }, plain with { A = -1 }, plain with { A = 0 }, plain with { A = int.MaxValue }],
            ImmediateKind.LabelTable => [plain with { Labels = [0] }, plain with { Labels = [1, 200, 0] }],
            ImmediateKind.SelectTypes => [plain with { Labels = [0x7F] }, plain with { Labels = [0x6F] }],
            ImmediateKind.HeapType => [plain with { A = 0x70 }, plain with { A = 0x6F }],
            ImmediateKind.MemArg or ImmediateKind.AtomicMemArg
                => [plain, plain with { B = 2, Wide = uint.MaxValue }, plain with { A = 300, B = 3, Wide = ulong.MaxValue }],
            ImmediateKind.MemArgLane => [plain with { High = 255 }, plain with { A = 300, B = 3, Wide = ulong.MaxValue, High = 1 }],
            ImmediateKind.Const128 or ImmediateKind.Shuffle => [plain with { Wide = 1, High = 1UL << 63 }, plain with { Wide = ulong.MaxValue }],
            ImmediateKind.Lane => [plain, plain with { A = 255 }],
            ImmediateKind.Fence => [plain],
            ImmediateKind.Const32 or ImmediateKind.Float32 => [plain, plain with { Wide = 0x80000000 }, plain with { Wide = uint.MaxValue }],
            ImmediateKind.Const64 or ImmediateKind.Float64 => [plain, plain with { Wide = 1UL << 63 }, plain with { Wide = ulong.MaxValue }],
            ImmediateKind.TypeTable or ImmediateKind.MemoryMemory or ImmediateKind.DataMemory or ImmediateKind.ElementTable
                or ImmediateKind.TableTable => [plain, plain with { A = 5, B = int.MaxValue }],
            _ => [plain, plain with { A = int.MaxValue }],
        };
    }
}
