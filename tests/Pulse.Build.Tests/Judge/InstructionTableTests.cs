using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Judge;

/// <summary>The judge's table of instructions against that of the reader, which it shares nothing with.</summary>
[TestClass]
public sealed class InstructionTableTests
{
    /// <summary>Exception handling and typed references: the judge knows their shape, the reader refuses them.</summary>
    private static readonly int[] ShapeOnly = [0x06, 0x07, 0x08, 0x09, 0x0A, 0x14, 0x15, 0x18, 0x19];

    [TestMethod]
    public void Both_tables_have_the_same_instructions_with_the_same_names_operands_and_results()
    {
        CollectionAssert.AreEqual(
            Opcodes.Rows.Select(o => (int)o.Opcode).Order().ToArray(),
            InstructionTable.Rows.Select(r => r.Opcode).Except(ShapeOnly).ToArray());
        foreach (var info in Opcodes.Rows)
        {
            var row = InstructionTable.Find((int)info.Opcode)!;
            Assert.AreEqual(info.Opcode == Opcode.SelectTyped ? "select with types" : info.Mnemonic, row.Name);
            if (info.IsCustom || row.IsControl)
            {
                continue;
            }

            CollectionAssert.AreEqual(info.Pops.Select(WidthOf).ToArray(), row.Operands.ToArray(), row.Name);
            CollectionAssert.AreEqual(info.Pushes.Select(WidthOf).ToArray(), row.Result == InstructionRow.None ? [] : new[] { row.Result }, row.Name);
        }
    }

    /// <summary>An address is as wide as its memory says.</summary>
    private static int WidthOf(ValType type) => type switch
    {
        ValType.V128 => Engine.Smt.Terms.Sort.Vector,
        ValType.I32 or ValType.F32 => 32,
        ValType.I64 or ValType.F64 or ValType.FuncRef or ValType.ExternRef => 64,
        _ => InstructionRow.Any,
    };

    [TestMethod]
    public void What_an_instruction_does_besides_its_result_is_said_by_both_tables()
    {
        const Engine.Wasm.Effects Writes = Engine.Wasm.Effects.WritesMemory | Engine.Wasm.Effects.WritesTable | Engine.Wasm.Effects.WritesGlobal;
        foreach (var info in Opcodes.Rows)
        {
            var row = InstructionTable.Find((int)info.Opcode)!;
            if (row.Effects.HasFlag(Engine.Judge.Instructions.Effects.Anything))
            {
                continue;
            }

            Assert.IsTrue(row.Effects.HasFlag(Engine.Judge.Instructions.Effects.Partial) || (info.Effects & Engine.Wasm.Effects.Traps) == 0, $"{row.Name} may trap");
            Assert.IsTrue(row.Effects.HasFlag(Engine.Judge.Instructions.Effects.Writes) || (info.Effects & Writes) == 0, $"{row.Name} writes");
            Assert.IsTrue(row.Pure is null || (info.Effects & ~Engine.Wasm.Effects.Traps) == 0, $"{row.Name} touches state");
        }
    }
}
