using System.Globalization;
using Pulse.Build.Engine.Thumb;
using Encoding = Pulse.Build.Engine.Thumb.Encoding;

namespace Pulse.Build.Tests.Thumb;

/// <summary>
/// <c>tests/golden/thumb/encodings.txt</c>: bytes and text of several instructions of every row. The bytes are what GNU as makes of the text
/// (<c>tests/golden/thumb/regenerate.py</c>); relative displacements are printed as numbers. PULSE_BLESS=1 chooses new instructions.
/// </summary>
[TestClass]
public sealed class EncodingOracleTests
{
    private const int LinesPerRow = 6;

    private static string GoldenPath => Path.Combine(RepositoryRoot(), "tests", "golden", "thumb", "encodings.txt");

    [TestMethod]
    public void Bytes_of_the_reference_assembler_decode_to_its_text_and_encode_back()
    {
        if (Environment.GetEnvironmentVariable("PULSE_BLESS") == "1")
        {
            File.WriteAllText(GoldenPath, Choose());
        }

        var seen = new HashSet<Encoding>();
        foreach (var line in File.ReadLines(GoldenPath).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var (bytes, text) = (Convert.FromHexString(line[..line.IndexOf(' ', StringComparison.Ordinal)]), line[(line.IndexOf(';', StringComparison.Ordinal) + 2)..]);
            var (word, size) = Decoder.Fetch(bytes, 0);
            Assert.AreEqual(bytes.Length, size, line);
            Assert.IsTrue(Decoder.TryDecode(word, size == 4, insideIt: false, out var instruction, out var row), line);
            seen.Add(row);
            Assert.AreEqual(text, InstructionPrinter.Print(instruction, row, insideIt: false).Replace('\t', ' '), line);
            Assert.IsTrue(row.TryEncode(instruction, insideIt: false, out var again), line);
            Assert.AreEqual(word, again, line);
        }

        var missing = Encodings.Table.Where(row => !seen.Contains(row) && !IsShadowed(row)).Select(row => row.Name + " " + row.Label);
        Assert.AreEqual("", string.Join(", ", missing));
    }

    private static bool IsShadowed(Encoding row) => row.Name is "push.w" or "pop.w" && row.Label == "T3";

    private static string Choose()
    {
        var text = new System.Text.StringBuilder("# bytes ; text. Regenerate the bytes with regenerate.py, which runs arm-none-eabi-as.\n");
        foreach (var row in Encodings.Table)
        {
            var random = new Random((int)(row.Bits.Value % 65521) + row.Name.Length);
            var words = new SortedSet<uint>();
            foreach (var fill in new[] { 0u, uint.MaxValue })
            {
                Add(words, row, fill >> (32 - row.Bits.Width) & ~row.Bits.Mask | row.Bits.Value);
            }

            for (var i = 0; i < 5000 && words.Count < LinesPerRow; i++)
            {
                Add(words, row, EncodingTableTests.RandomWord(row, random));
            }

            foreach (var word in words)
            {
                Decoder.TryDecode(word, row.Size == 4, insideIt: false, out var instruction, out _);
                var bytes = row.Size == 4 ? new[] { word >> 16, word & 0xFFFF } : [word];
                text.AppendJoin("", bytes.Select(h => string.Create(CultureInfo.InvariantCulture, $"{h & 0xFF:x2}{h >> 8:x2}")))
                    .Append(" ; ").Append(InstructionPrinter.Print(instruction, row, insideIt: false).Replace('\t', ' ')).Append('\n');
            }
        }

        return text.ToString();
    }

    private static void Add(SortedSet<uint> words, Encoding row, uint word)
    {
        if (Decoder.TryDecode(word, row.Size == 4, insideIt: false, out var instruction, out var winner) && winner == row
            && !HasTwin(row, instruction))
        {
            words.Add(word);
        }
    }

    // Text with two encodings of one size: the reference assembler takes the other one.
    private static bool HasTwin(Encoding row, Instruction instruction) => Encodings.Table.Any(other
        => other != row && other.Size == row.Size && other.Name == row.Name && other.TryEncode(instruction, insideIt: false, out _));

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pulse.Build.Sdk.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
