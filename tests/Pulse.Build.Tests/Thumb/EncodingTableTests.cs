using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Tests.Thumb;

[TestClass]
public sealed class EncodingTableTests
{
    private const int WordsPerRow = 2000;

    [TestMethod]
    public void Decoding_then_encoding_gives_the_same_word_for_random_fields_of_every_row()
    {
        foreach (var row in Encodings.Table)
        {
            var random = new Random(row.Name.Length * 7919 + (int)(row.Bits.Value % 1009));
            var decoded = 0;
            for (var i = 0; i < WordsPerRow; i++)
            {
                var word = RandomWord(row, random);
                foreach (var insideIt in new[] { false, true })
                {
                    if (!row.TryDecode(word, insideIt, out var instruction))
                    {
                        continue;
                    }

                    decoded++;
                    var conditional = instruction.Condition == Condition.AL && insideIt ? instruction with { Condition = Condition.NE } : instruction;
                    if (row.It == ItPlace.Outside && insideIt)
                    {
                        Assert.IsFalse(row.TryEncode(conditional, insideIt, out _), row.Name);
                        continue;
                    }

                    Assert.IsTrue(row.TryEncode(conditional, insideIt, out var again), $"{row.Name} {row.Label} {word:x8}");
                    Assert.AreEqual(word, again, $"{row.Name} {row.Label}");
                }
            }

            Assert.IsTrue(decoded > 0, $"{row.Name} {row.Label} decodes none of {WordsPerRow} random words");
        }
    }

    [TestMethod]
    public void Rows_that_overlap_share_a_group()
    {
        var table = Encodings.Table;
        for (var i = 0; i < table.Length; i++)
        {
            for (var j = i + 1; j < table.Length; j++)
            {
                if (table[i].Bits.Overlaps(table[j].Bits))
                {
                    Assert.IsTrue(table[i].Group is not null && table[i].Group == table[j].Group,
                        $"{table[i].Name} {table[i].Label} ({table[i].Bits.Text}) overlaps {table[j].Name} {table[j].Label} ({table[j].Bits.Text})");
                }
            }
        }
    }

    [TestMethod]
    public void The_decoder_gives_the_first_row_of_a_group_that_can_decode()
    {
        var random = new Random(11);
        foreach (var row in Encodings.Table)
        {
            for (var i = 0; i < 50; i++)
            {
                var word = RandomWord(row, random);
                if (!row.TryDecode(word, insideIt: false, out var wanted))
                {
                    continue;
                }

                Assert.IsTrue(Decoder.TryDecode(word, row.Size == 4, insideIt: false, out var got, out var winner));
                if (winner == row)
                {
                    Assert.AreEqual(wanted, got);
                }
                else
                {
                    Assert.IsTrue(winner.Group == row.Group && Array.IndexOf(Encodings.Table, winner) < Array.IndexOf(Encodings.Table, row), $"{row.Name} {word:x}");
                }
            }
        }
    }

    [TestMethod]
    public void Every_operation_has_an_encoding()
    {
        var covered = Encodings.Table.Select(row => row.Operation).ToHashSet();
        foreach (var operation in Enum.GetValues<Operation>())
        {
            Assert.AreEqual(operation != Operation.None, covered.Contains(operation), operation.ToString());
        }
    }

    [TestMethod]
    public void Sixteen_bit_rows_stand_before_wider_ones_of_the_same_form()
    {
        foreach (var rows in Encodings.Table.GroupBy(row => (row.Operation, row.Form)))
        {
            var lastNarrow = rows.Select((row, i) => (row, i)).Where(p => p.row.Size == 2).Select(p => p.i).DefaultIfEmpty(-1).Max();
            Assert.IsTrue(rows.Skip(lastNarrow + 1).All(row => row.Size == 4), rows.Key.ToString());
        }
    }

    [TestMethod]
    public void Every_modified_immediate_expands_and_encodes_back()
    {
        for (uint imm12 = 0; imm12 < 4096; imm12++)
        {
            if (!ModifiedImmediate.TryExpand(imm12, out var value))
            {
                Assert.AreEqual(0u, imm12 & 0xFF);
                continue;
            }

            Assert.IsTrue(ModifiedImmediate.TryEncode(value, out var again), $"{value:x8}");
            Assert.IsTrue(ModifiedImmediate.TryExpand(again, out var same));
            Assert.AreEqual(value, same);
            Assert.AreEqual(imm12, again, $"{value:x8}");
        }
    }

    [TestMethod]
    [DataRow(0x101u)]
    [DataRow(0x1FEu + 1)]
    [DataRow(0x00FF00FEu)]
    [DataRow(0xFF00FF01u)]
    [DataRow(0x80000001u)]
    [DataRow(0x000103FCu)]
    public void Values_that_no_modified_immediate_expands_to_are_refused(uint value) => Assert.IsFalse(ModifiedImmediate.CanEncode(value));

    [TestMethod]
    public void Random_words_never_make_the_decoder_throw()
    {
        var random = new Random(5);
        for (var i = 0; i < 200_000; i++)
        {
            var word = (uint)random.NextInt64(1L << 32);
            Decoder.TryDecode(word, wide: true, i % 2 == 0, out _, out _);
            Decoder.TryDecode(word & 0xFFFF, wide: false, i % 2 == 0, out _, out _);
        }
    }

    internal static uint RandomWord(Encoding row, Random random)
    {
        var width = row.Bits.Width;
        var word = (uint)random.NextInt64(1L << width);

        // Small numbers and zeros are where special cases live.
        word &= random.Next(4) == 0 ? (uint)random.NextInt64(1L << width) : uint.MaxValue;
        return word & ~row.Bits.Mask | row.Bits.Value;
    }}
