using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Tests.Thumb;

[TestClass]
public sealed class AssemblerTests
{
    [TestMethod]
    [DataRow(1, "Clobbered", "adds r0, r1, #1")]
    [DataRow(1, "Set", "adds r0, r1, #1")]
    [DataRow(1, "Preserved", "add.w r0, r1, #1")]
    [DataRow(-7, "Clobbered", "subs r0, r1, #7")]
    [DataRow(300, "Preserved", "add.w r0, r1, #300")]
    [DataRow(3001, "Preserved", "addw r0, r1, #3001")]
    [DataRow(3001, "Clobbered", "addw r0, r1, #3001")]
    [DataRow(-3001, "Preserved", "subw r0, r1, #3001")]
    [DataRow(0xFF0000, "Set", "adds.w r0, r1, #16711680")]
    [DataRow(0, "Preserved", "mov r0, r1")]
    public void Addition_of_an_immediate_takes_the_narrowest_encoding(int immediate, string flags, string text)
        => Assert.AreEqual(text, Text(Binary(Add, R0, R1, immediate).WithFlags(Enum.Parse<FlagEffect>(flags))));

    [TestMethod]
    public void Equivalent_operations_are_found()
    {
        Assert.AreEqual("adds r3, #200", Text(Binary(Sub, R3, R3, -200).WithFlags(FlagEffect.Clobbered)));
        Assert.AreEqual("bic.w r0, r1, #255", Text(Binary(And, R0, R1, ~255)));
        Assert.AreEqual("orn r0, r1, #255", Text(Binary(Orr, R0, R1, ~255)));
        Assert.AreEqual("mvns r0, r1", Text(Binary(Eor, R0, R1, -1).WithFlags(FlagEffect.Clobbered)));
        Assert.AreEqual("cmn.w r2, #5", Text(Compare(Cmp, R2, -5)));
        Assert.AreEqual("cmp r2, #5", Text(Compare(Cmn, R2, -5)));
        Assert.AreEqual("mvn.w r0, #1", Text(Move(R0, -2)));
        Assert.AreEqual("sbc.w r0, r1, #4096", Text(Binary(Adc, R0, R1, ~4096)));
        Assert.AreEqual("ands r0, r1", Text(Binary(And, R0, R1, R0).WithFlags(FlagEffect.Clobbered)));
        Assert.AreEqual("muls r0, r1", Text(Binary(Mul, R0, R0, R1).WithFlags(FlagEffect.Clobbered)));
        Assert.AreEqual("add r8, r0", Text(Binary(Add, R8, R0, R8)));
        Assert.AreEqual("rsbs r0, r1, #0", Text(Binary(Rsb, R0, R1, 0).WithFlags(FlagEffect.Set)));
    }

    [TestMethod]
    public void Compare_with_zero_is_never_turned_into_its_negation_because_carry_differs()
    {
        Assert.AreEqual("cmn.w r0, #0", Text(Compare(Cmn, R0, 0)));
        Assert.AreEqual("cmp.w r8, #0", Text(Compare(Cmp, R8, 0)));
        Assert.AreEqual("cmp.w r0, #2147483648", Text(Compare(Cmp, R0, int.MinValue)));
    }

    [TestMethod]
    public void A_row_without_a_field_for_an_operand_is_not_taken()
    {
        Assert.AreEqual("add.w r0, r1, r2, lsl #3", Text(Binary(Add, R0, R1, R2, ShiftKind.Lsl, 3).WithFlags(FlagEffect.Clobbered)));
        Assert.AreEqual("ands.w r0, r0, r2, asr #1", Text(Binary(And, R0, R0, R2, ShiftKind.Asr, 1).WithFlags(FlagEffect.Set)));
        Assert.AreEqual("cmp.w r0, r1, lsl #2", Text(Compare(Cmp, R0, R1, ShiftKind.Lsl, 2)));
        Assert.AreEqual("mvn.w r0, r1, lsl #2", Text(Not(R0, R1, ShiftKind.Lsl, 2).WithFlags(FlagEffect.Clobbered)));
        Assert.AreEqual("uxtb.w r0, r1, ror #8", Text(Unary(Uxtb, R0, R1, 8)));
        Assert.AreEqual(0, Encoder.SizeOf(Binary(Mul, R0, R1, R2, ShiftKind.Lsl, 1)));
    }

    [TestMethod]
    public void Instructions_that_no_encoding_holds_have_size_zero()
    {
        Assert.AreEqual(0, Encoder.SizeOf(Binary(And, R0, R1, 0x12345678)));
        Assert.AreEqual(0, Encoder.SizeOf(Memory(Ldr, R0, R1, 4096)));
        Assert.AreEqual(0, Encoder.SizeOf(Memory(Ldr, R0, R1, -256)));
        Assert.AreEqual(0, Encoder.SizeOf(Memory(Ldrb, SP, R1, 0)));
        Assert.AreEqual(0, Encoder.SizeOf(Binary(Mul, R0, R1, R2).WithFlags(FlagEffect.Set)));
        Assert.AreEqual(0, Encoder.SizeOf(Memory(Ldr, R1, R1, 4, Form.PostIndexed)));
        Assert.AreEqual(2, Encoder.SizeOf(Memory(Ldr, R0, SP, 1020)));
        Assert.AreEqual(4, Encoder.SizeOf(Memory(Ldr, R0, R1, -255)));
        Assert.ThrowsExactly<InvariantException>(() => Assemble(a => a.Emit(Memory(Ldr, R0, R1, 5000))));
    }

    [TestMethod]
    public void Conditional_instructions_share_IT_blocks_of_up_to_four()
    {
        var code = Assemble(a =>
        {
            a.Emit(Compare(Cmp, R0, 3));
            a.Emit(Move(R0, 1).WithFlags(FlagEffect.Clobbered).If(Condition.EQ));
            a.Emit(Move(R0, 0).WithFlags(FlagEffect.Clobbered).If(Condition.NE));
            a.Emit(Binary(Add, R1, R1, R2).WithFlags(FlagEffect.Preserved).If(Condition.NE));
            a.Emit(Move(R3, R4).If(Condition.EQ));
            a.Emit(Move(R3, 5).If(Condition.EQ));
            a.Emit(BranchTo(Bx, LR).If(Condition.EQ));
            a.Emit(Move(R3, 5).If(Condition.EQ));
            a.Emit(BranchTo(Bx, LR));
        });
        Assert.AreEqual(
            "cmp r0, #3|iteet eq|moveq r0, #1|movne r0, #0|addne r1, r1, r2|moveq r3, r4|itt eq|moveq r3, #5|bxeq lr|it eq|moveq r3, #5|bx lr",
            Listing(code));
    }

    [TestMethod]
    public void Setting_the_flags_inside_an_IT_block_takes_the_wide_encoding()
        => Assert.AreEqual("it ne|addsne.w r0, r1, #1", Listing(Assemble(a => a.Emit(Binary(Add, R0, R1, 1).WithFlags(FlagEffect.Set).If(Condition.NE)))));

    [TestMethod]
    public void A_label_ends_an_IT_block_and_a_mark_does_not()
    {
        var label = default(Label);
        var code = Assemble(a =>
        {
            label = a.NewLabel();
            a.Emit(Move(R0, 1).If(Condition.EQ));
            a.Mark(7);
            a.Emit(Move(R1, 1).If(Condition.EQ));
            a.Bind(label);
            a.Emit(Move(R2, 1).If(Condition.EQ));
            a.Branch(label);
        });
        Assert.AreEqual("itt eq|moveq r0, #1|moveq r1, #1|it eq|moveq r2, #1|b 0x6", Listing(code));
        Assert.AreEqual(new CodeMark(7, 4), code.Marks[0]);
    }

    [TestMethod]
    [DataRow("EQ", 126, 2)]
    [DataRow("EQ", 128, 2)]
    [DataRow("EQ", 129, 4)]
    [DataRow("AL", 1023, 2)]
    [DataRow("AL", 1024, 2)]
    [DataRow("AL", 1025, 4)]
    [DataRow("EQ", 524287, 4)]
    [DataRow("EQ", 524288, 6)]
    [DataRow("AL", 524288, 4)]
    public void A_forward_branch_grows_when_its_target_is_out_of_reach(string condition, int nopsBetween, int size)
    {
        var code = Assemble(a =>
        {
            var target = a.NewLabel();
            a.Branch(target, Enum.Parse<Condition>(condition));
            a.Data(new byte[2 * nopsBetween]);
            a.Bind(target);
            a.Emit(Hint(Nop));
        });
        Assert.AreEqual(size + 2 * nopsBetween + 2, code.Bytes.Length);
    }

    [TestMethod]
    [DataRow("NE", 126, 2)]
    [DataRow("NE", 127, 4)]
    [DataRow("AL", 1022, 2)]
    [DataRow("AL", 1023, 4)]
    public void A_backward_branch_grows_when_its_target_is_out_of_reach(string condition, int nopsBetween, int size)
    {
        var code = Assemble(a =>
        {
            var target = a.NewLabel();
            a.Bind(target);
            Nops(a, nopsBetween);
            a.Branch(target, Enum.Parse<Condition>(condition));
        });
        Assert.AreEqual(size + 2 * nopsBetween, code.Bytes.Length);
    }

    [TestMethod]
    [DataRow(0, "cmp", 4)]
    [DataRow(1, "cbz", 2)]
    [DataRow(64, "cbz", 2)]
    [DataRow(65, "cmp", 4)]
    [DataRow(128, "cmp", 4)]
    [DataRow(129, "cmp", 6)]
    public void A_branch_on_zero_falls_back_to_a_compare(int nopsBetween, string first, int size)
    {
        var code = Assemble(a =>
        {
            var target = a.NewLabel();
            a.BranchIfZero(R1, true, target);
            Nops(a, nopsBetween);
            a.Bind(target);
            a.Emit(Hint(Nop));
        });
        Assert.AreEqual(size + 2 * nopsBetween + 2, code.Bytes.Length);
        StringAssert.StartsWith(Listing(code), first[..3], StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_branch_on_zero_that_preserves_flags_goes_around()
    {
        var code = Assemble(a =>
        {
            var target = a.NewLabel();
            a.Bind(target);
            a.BranchIfZero(R1, true, target, FlagEffect.Preserved);
            a.Emit(Hint(Nop));
        });
        Assert.AreEqual("cbnz r1, 0x4|b 0x0|nop", Listing(code));
    }

    [TestMethod]
    public void A_chain_of_branches_at_the_edge_relaxes_to_a_fixed_point()
    {
        // Each branch reaches only while all others are short.
        var code = Assemble(a =>
        {
            var labels = Enumerable.Range(0, 20).Select(_ => a.NewLabel()).ToArray();
            foreach (var label in labels)
            {
                a.Branch(label, Condition.EQ);
            }

            Nops(a, 110);
            foreach (var label in labels)
            {
                a.Bind(label);
                a.Emit(Hint(Nop));
            }
        });
        Assert.IsTrue(code.Bytes.Length > 20 * 2 + 130 * 2);
    }

    [TestMethod]
    public void Constants_take_one_instruction_where_one_does()
    {
        static string Load(uint value, FlagEffect flags = FlagEffect.Clobbered) => Listing(Assemble(a => a.Constant(R0, value, flags)));
        Assert.AreEqual("movs r0, #255", Load(255));
        Assert.AreEqual("mov.w r0, #255", Load(255, FlagEffect.Preserved));
        Assert.AreEqual("mov.w r0, #4294967295", Load(uint.MaxValue));
        Assert.AreEqual("mvn.w r0, #254", Load(~254u));
        Assert.AreEqual("movw r0, #4660", Load(0x1234));
        Assert.AreEqual("ldr r0, 0x4|nop|.word 0x12345678", Load(0x12345678));
        Assert.AreEqual("movw r0, #22136|movt r0, #4660", Listing(Assemble(a => a.Constant(R0, 0x12345678, literal: false))));
    }

    [TestMethod]
    public void Equal_literals_share_a_word_and_symbols_get_relocations()
    {
        var code = Assemble(a =>
        {
            a.Constant(R0, 0x12345678);
            a.Constant(R1, 0x12345678);
            a.SymbolAddress(R2, "data", 8);
            a.SymbolAddress(R3, "data", 8, literal: false);
            a.Call("callee");
            a.Jump("next");
        });
        Assert.AreEqual(6 + 8 + 4 + 4 + 2 + 8, code.Bytes.Length);
        CollectionAssert.AreEqual(
            new CodeRelocation[]
            {
                new(6, RelocationKind.MovwAbs, "data", 8), new(10, RelocationKind.MovtAbs, "data", 8), new(14, RelocationKind.Call, "callee", -4),
                new(18, RelocationKind.Jump, "next", -4), new(28, RelocationKind.Abs32, "data", 8),
            },
            code.Relocations.ToArray());
        CollectionAssert.AreEqual(new MappingRegion[] { new(0, false), new(24, true) }, code.Regions.ToArray());
    }

    [TestMethod]
    public void A_literal_pool_stands_behind_the_last_branch_in_reach()
    {
        var code = Assemble(a =>
        {
            a.Constant(R0, 0x12345678);
            Nops(a, 300);
            a.Emit(BranchTo(Bx, LR));
            Nops(a, 300);
            a.Emit(BranchTo(Bx, LR));
        });
        Assert.AreEqual(2, code.Regions.Count(r => !r.IsData));
        Assert.AreEqual(1, code.Regions.Count(r => r.IsData));
        Assert.AreEqual(604, code.Regions[1].Offset);
    }

    [TestMethod]
    public void Code_without_branches_gets_a_pool_with_a_branch_around_it()
    {
        var code = Assemble(a =>
        {
            for (var i = 0; i < 3000; i++)
            {
                a.Constant((Register)(i % 13), 0x12345678u + (uint)i);
            }
        });
        Assert.IsTrue(code.Regions.Count(r => r.IsData) > 3);
        StringAssert.Contains(Listing(code), "b ", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_table_branch_uses_bytes_then_halfwords_and_reaches_backward_labels_by_a_step()
    {
        AssembledCode Build(int nops) => Assemble(a =>
        {
            var (back, near, far) = (a.NewLabel(), a.NewLabel(), a.NewLabel());
            a.Bind(back);
            a.TableBranch(R0, [near, far, back]);
            a.Bind(near);
            Nops(a, nops);
            a.Bind(far);
            a.Emit(BranchTo(Bx, LR));
        });
        Assert.AreEqual("tbb [pc, r0]|.word 0x00020403", string.Join("|", Listing(Build(1)).Split('|').Take(2)));
        StringAssert.StartsWith(Listing(Build(250)), "tbb", StringComparison.Ordinal);
        StringAssert.StartsWith(Listing(Build(260)), "tbh [pc, r0, lsl #1]", StringComparison.Ordinal);
    }

    [TestMethod]
    public void An_unbound_label_is_refused() => Assert.ThrowsExactly<InvariantException>(() => Assemble(a => a.Branch(a.NewLabel())));

    [TestMethod]
    public void The_same_stream_assembles_to_the_same_bytes_twice()
    {
        var assembler = new Assembler();
        assembler.Constant(R9, 0xDEADBEEF);
        assembler.BranchIfZero(R0, false, assembler.NewLabel() is var l ? l : default);
        Nops(assembler, 200);
        assembler.Bind(l);
        CollectionAssert.AreEqual(assembler.Assemble().Bytes.ToArray(), assembler.Assemble().Bytes.ToArray());
    }

    internal static AssembledCode Assemble(Action<Assembler> build)
    {
        var assembler = new Assembler();
        build(assembler);
        return assembler.Assemble();
    }

    internal static string Listing(AssembledCode code)
        => string.Join("|", Disassembler.Lines(code.Bytes.AsMemory(), 0, code.Regions).Select(line => line.Text.Replace('\t', ' ')));

    private static void Nops(Assembler assembler, int count)
    {
        for (var i = 0; i < count; i++)
        {
            assembler.Emit(Hint(Nop));
        }
    }

    private static string Text(Instruction instruction)
    {
        Assert.AreNotEqual(0, Encoder.SizeOf(instruction));
        return Disassembler.Text(instruction).Replace('\t', ' ');
    }
}
