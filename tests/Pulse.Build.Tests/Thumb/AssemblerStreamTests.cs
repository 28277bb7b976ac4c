using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Tests.Thumb;

/// <summary>Streams of any shape assemble: the assembler itself decodes what it wrote, and throws where it is not what was asked.</summary>
[TestClass]
public sealed class AssemblerStreamTests
{
    private static readonly int[] Lengths = [10, 100, 600, 3000];

    [TestMethod]
    public void Random_streams_assemble_and_decode_without_gaps()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var assembler = new Assembler();
            var marks = Fill(assembler, random, Lengths[seed % Lengths.Length]);
            var code = assembler.Assemble();
            Assert.AreEqual(marks, code.Marks.Length, $"seed {seed}");
            foreach (var line in Disassembler.Lines(code.Bytes.AsMemory(), 0, code.Regions))
            {
                var isData = code.Regions.Last(r => r.Offset <= line.Offset).IsData;
                Assert.AreEqual(isData, line.Instruction is null, $"seed {seed}, 0x{line.Offset:x}: {line.Text}");
            }
        }
    }

    [TestMethod]
    [DataRow(510, 0, 1028)]
    [DataRow(511, 0, 1032)]
    [DataRow(510, 8, 1032)]
    public void A_literal_load_is_short_up_to_1020_bytes(int nops, int register, int length)
    {
        var code = AssemblerTests.Assemble(a =>
        {
            a.Constant((Register)register, 0x12345678);
            for (var i = 0; i < nops; i++)
            {
                a.Emit(Hint(Nop));
            }

            a.Emit(BranchTo(Bx, LR));
        });
        Assert.AreEqual(length, code.Bytes.Length);
    }

    [TestMethod]
    public void A_literal_stays_in_reach_whatever_stands_between_it_and_its_load()
    {
        for (var nops = 2000; nops < 2060; nops += 3)
        {
            var code = AssemblerTests.Assemble(a =>
            {
                a.Constant(R8, 0x12345678);
                for (var i = 0; i < nops; i++)
                {
                    a.Emit(Hint(Nop));
                }

                a.Emit(Move(R0, 1).If(Condition.EQ));
                a.Emit(Move(R1, 1).If(Condition.EQ));
                a.Emit(BranchTo(Bx, LR));
            });
            Assert.IsTrue(code.Bytes.Length >= 4 + 2 * nops + 8 + 4);
        }
    }

    [TestMethod]
    public void A_large_table_between_a_load_and_the_end_gets_the_pool_before_it()
    {
        var code = AssemblerTests.Assemble(a =>
        {
            a.Constant(R0, 0x12345678);
            a.Emit(BranchTo(Bx, LR));
            a.Data(new byte[5000]);
        });
        Assert.AreEqual(4 + 4 + 5000, code.Bytes.Length);
    }

    [TestMethod]
    public void Addresses_of_labels_reach_both_ways()
    {
        var code = AssemblerTests.Assemble(a =>
        {
            var (back, ahead) = (a.NewLabel(), a.NewLabel());
            a.Bind(back);
            a.Address(R0, ahead);
            a.Address(R1, back);
            a.Emit(BranchTo(Bx, LR));
            a.Align(4);
            a.Bind(ahead);
            a.Word(1);
        });
        Assert.AreEqual("adr r0, 0x8|adr.w r1, 0x0|bx lr|.word 0x00000001", AssemblerTests.Listing(code));
    }

    [TestMethod]
    public void Disassembly_names_targets_and_shows_unknown_words_as_data()
    {
        byte[] bytes = [0xFE, 0xE7, 0x00, 0xDE, 0x00, 0xB1, 0xFF, 0xFF, 0xFF, 0xFF, 0x00];
        var lines = Disassembler.Lines(bytes, 0x100, null, address => address == 0x100 ? "start" : null).Select(l => l.Text.Replace('\t', ' '));
        Assert.AreEqual("b start|udf #0|cbz r0, 0x108|.short 0xffff|.short 0xffff|.byte 0x00", string.Join("|", lines));
    }

    [TestMethod]
    public void The_size_of_a_constant_is_what_the_assembler_takes()
    {
        foreach (var value in new uint[] { 0, 255, 256, 0x1234, 0xFF00FF00, 0xFFFFFFFE, 0x12345678 })
        {
            foreach (var register in new[] { R0, R9 })
            {
                foreach (var literal in new[] { true, false })
                {
                    // A short load is followed by two bytes of padding before its literal.
                    var padding = !Encoder.CanMove(value) && literal && register == R0 ? 2 : 0;
                    var code = AssemblerTests.Assemble(a => a.Constant(register, value, literal: literal));
                    Assert.AreEqual(Encoder.SizeOfConstant(register, value, FlagEffect.Clobbered, literal), code.Bytes.Length - padding, $"{value:x} {register}");
                }
            }
        }
    }

    private static int Fill(Assembler a, Random random, int count)
    {
        var labels = Enumerable.Range(0, Math.Max(3, count / 12)).Select(_ => a.NewLabel()).ToArray();
        var (bound, marks) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var label = labels[random.Next(labels.Length)];
            switch (random.Next(14))
            {
                case 0: a.Branch(label); break;
                case 1: a.Branch(label, (Condition)random.Next(14)); break;
                case 2: a.BranchIfZero((Register)random.Next(8), random.Next(2) == 0, label, FlagEffect.Preserved); break;
                case 3: a.BranchIfZero((Register)random.Next(13), random.Next(2) == 0, label); break;
                case 4: a.Constant((Register)random.Next(13), (uint)random.NextInt64(1L << 32), FlagEffect.Preserved, (Condition)random.Next(15)); break;
                case 5: a.SymbolAddress((Register)random.Next(13), "s" + random.Next(9), random.Next(99), random.Next(2) == 0, (Condition)random.Next(15)); break;
                case 6 when bound < labels.Length: a.Bind(labels[bound++]); break;
                case 7 when random.Next(20) == 0: a.TableBranch((Register)random.Next(13), [label, labels[random.Next(labels.Length)], labels[0]]); break;
                case 8: a.Mark(marks++); break;
                case 9: a.Call("callee"); break;
                default: a.Emit(RandomInstruction(random)); break;
            }
        }

        while (bound < labels.Length)
        {
            a.Bind(labels[bound++]);
        }

        a.Emit(BranchTo(Bx, LR));
        return marks;
    }

    private static Instruction RandomInstruction(Random random)
    {
        var (rd, rn, rm) = ((Register)random.Next(13), (Register)random.Next(13), (Register)random.Next(13));
        var flags = (FlagEffect)random.Next(3);
        var instruction = random.Next(5) switch
        {
            0 => Binary((Operation)random.Next((int)Add, (int)Bic + 1), rd, rn, rm, (ShiftKind)random.Next(3), random.Next(1, 31)).WithFlags(flags),
            1 => Binary((Operation)random.Next((int)Add, (int)Bic + 1), rd, rn, random.Next(-300, 300)).WithFlags(flags),
            2 => Memory(Ldr, rd, rn, 4 * random.Next(0, 300)),
            3 => Instructions.Shift(Lsr, rd, rm, random.Next(0, 33)).WithFlags(flags),
            _ => Compare(Cmp, rn, random.Next(-255, 255)),
        };
        instruction = random.Next(4) == 0 ? instruction.If((Condition)random.Next(14)) : instruction;
        return Encoder.CanEncode(instruction) ? instruction : Hint(Nop);
    }
}
