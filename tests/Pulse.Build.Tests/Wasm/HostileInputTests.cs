using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

/// <summary>Bad input ends in a diagnostic of the wasm range, never in another exception.</summary>
[TestClass]
public sealed class HostileInputTests
{
    public static IEnumerable<string[]> GoldenTexts => TextRoundTripTests.GoldenTexts;

    [TestMethod]
    [DataRow("", "unexpected end")]
    [DataRow("0061", "unexpected end")]
    [DataRow("0061736E01000000", "magic header not detected")]
    [DataRow("0061736D02000000", "unknown binary version")]
    [DataRow("0061736D0D000100", "a component stands where a core module is expected")]
    [DataRow("0061736D010000000E00", "malformed section id")]
    [DataRow("0061736D010000000105", "length out of bounds")]
    [DataRow("0061736D0100000001020000", "section size mismatch")]
    [DataRow("0061736D01000000010100010100", "unexpected content after last section")]
    [DataRow("0061736D010000000105FFFFFFFF0F", "length out of bounds")]
    [DataRow("0061736D010000000106FFFFFFFFFF0F", "integer representation too long")]
    [DataRow("0061736D010000000105FFFFFFFF1F", "integer too large")]
    [DataRow("0061736D01000000010401600180", "malformed value type")]
    [DataRow("0061736D0100000001020161", "malformed function type")]
    [DataRow("0061736D01000000020601016101620500", "malformed import kind")]
    [DataRow("0061736D01000000000201FF", "malformed UTF-8 encoding")]
    [DataRow("0061736D0100000003020100", "inconsistent lengths")]
    [DataRow("0061736D010000000503010F00", "unexpected end")]
    [DataRow("0061736D010000000503011000", "malformed limits flags")]
    [DataRow("0061736D010000000605017F024100", "malformed mutability")]
    [DataRow("0061736D010000000604017F0041", "unexpected end")]
    [DataRow("0061736D010000000605017F004100", "END opcode expected")]
    [DataRow("0061736D01000000090208", "length out of bounds")]
    [DataRow("0061736D0100000009020108", "malformed elements segment kind")]
    [DataRow("0061736D010000000B03010300", "malformed data segment kind")]
    [DataRow("0061736D010000000C0101", "data count and data section have inconsistent lengths")]
    [DataRow("0061736D01000000010401600000030201000A05010301017F", "END opcode expected")]
    [DataRow("0061736D01000000010401600000030201000A0401020001", "END opcode expected")]
    [DataRow("0061736D01000000010401600000030201000A10010E02FFFFFFFF0F7FFFFFFFFF0F7F0B", "too many locals")]
    public void A_malformed_module_is_refused_with_its_reason(string hex, string reason)
    {
        var error = Assert.ThrowsExactly<DiagnosticException>(() => ModuleReader.Read(Convert.FromHexString(hex), "bad.wasm")).Diagnostic;
        Assert.AreEqual(DiagnosticId.PULSE1001, error.Id, error.ToString());
        StringAssert.Contains(error.Message, reason);
        Assert.IsTrue(error.Location.Offset >= 0 && error.Location.Offset <= hex.Length / 2, error.ToString());
    }

    [TestMethod]
    [DataRow("0061736D010000000D0100", "exception handling")]
    [DataRow("0061736D0100000001020150", "garbage collection")]
    [DataRow("0061736D010000000106016001640000", "typed function references")]
    [DataRow("0061736D01000000010401600000030201000A05010300060B", "exception handling")]
    [DataRow("0061736D01000000010401600000030201000A060104 00FC130B", "wide arithmetic")]
    [DataRow("0061736D01000000010401600000030201000A060104 00FB010B", "garbage collection")]
    [DataRow("0061736D01000000010401600000030201000A05010300140B", "typed function references")]
    public void A_proposal_that_is_not_supported_is_refused_by_name(string hex, string proposal)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Validator.Validate(ModuleReader.Read(bytes, "new.wasm"), "new.wasm")).Diagnostic;
        Assert.AreEqual(DiagnosticId.PULSE1003, error.Id, error.ToString());
        StringAssert.Contains(error.Message, proposal);
    }

    /// <summary>A block and a select whose type is <c>(ref null func)</c>, a reference to a defined type, and one that cannot be null.</summary>
    [TestMethod]
    [DataRow("0061736D01000000010401600000030201000A0A010800 0263 70 00 0B 1A 0B", "")]
    [DataRow("0061736D01000000010401600000030201000A0A010800 00 1C01 6370 1A 0B", "")]
    [DataRow("0061736D01000000010401600000030201000A0A010800 0263 00 00 0B 1A 0B", "typed function references")]
    [DataRow("0061736D01000000010401600000030201000A0A010800 0264 70 00 0B 1A 0B", "typed function references")]
    public void The_long_form_of_a_reference_type_is_read(string hex, string refusal)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var module = ModuleReader.Read(bytes, "long.wasm");
        CollectionAssert.AreEqual(bytes, ModuleWriter.Write(module));
        if (refusal.Length == 0)
        {
            Validator.Validate(module, "long.wasm");
            return;
        }

        var error = Assert.ThrowsExactly<DiagnosticException>(() => Validator.Validate(module, "long.wasm")).Diagnostic;
        Assert.AreEqual(DiagnosticId.PULSE1003, error.Id, error.ToString());
        StringAssert.Contains(error.Message, refusal);
    }

    [TestMethod]
    public void An_opcode_that_nothing_defines_is_malformed()
    {
        foreach (var opcode in new byte[][] { [0x27], [0xC5], [0xFF], [0xFD, 0x9A, 0x01], [0xFD, 0xFF, 0xFF, 0x7F], [0xFE, 0x04], [0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F] })
        {
            var error = Assert.ThrowsExactly<DiagnosticException>(() => new InstructionReader([.. opcode, 0x0B], 7, "bad.wasm").TryRead(out _)).Diagnostic;
            Assert.AreEqual(DiagnosticId.PULSE1001, error.Id);
            Assert.AreEqual(7, error.Location.Offset);
        }
    }

    [TestMethod]
    public void A_body_of_a_refused_proposal_passes_the_reader_and_the_writer_untouched()
    {
        var bytes = Convert.FromHexString("0061736D01000000010401600000030201000A06010400FD0C0B");
        var module = ModuleReader.Read(bytes, "simd.wasm");
        module.Source = null;
        CollectionAssert.AreEqual(bytes, ModuleWriter.Write(module));
    }

    [TestMethod]
    [DynamicData(nameof(GoldenTexts))]
    public void Every_prefix_of_a_module_is_refused_or_read(string path)
    {
        var bytes = ModuleWriter.Write(WatParser.Parse(File.ReadAllText(path), path));
        for (var length = 0; length < bytes.Length; length++)
        {
            ReadEverything(bytes.AsMemory(0, length).ToArray());
        }
    }

    [TestMethod]
    [DynamicData(nameof(GoldenTexts))]
    public void A_module_with_flipped_bits_is_refused_or_read(string path)
    {
        var bytes = ModuleWriter.Write(WatParser.Parse(File.ReadAllText(path), path));
        var random = new Random(20);
        for (var round = 0; round < 800; round++)
        {
            var mutated = (byte[])bytes.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                mutated[random.Next(8, mutated.Length)] ^= (byte)(1 << random.Next(8));
            }

            ReadEverything(mutated);
        }
    }

    [TestMethod]
    [DynamicData(nameof(GoldenTexts))]
    public void A_text_that_was_mutilated_is_refused_or_read(string path)
    {
        var text = File.ReadAllText(path);
        var random = new Random(21);
        for (var round = 0; round < 500; round++)
        {
            var at = random.Next(text.Length);
            var length = random.Next(1, 6);
            var piece = "()\"$;@\\ 0xpe_-.\u00e9\ud800\nitems"[random.Next(14)].ToString();
            var mutated = random.Next(3) switch
            {
                0 => text.Remove(at, Math.Min(length, text.Length - at)),
                1 => text.Insert(at, piece),
                _ => text[..at],
            };
            Expect1xxx(() =>
            {
                var module = WatParser.Parse(mutated, path);
                Validator.Validate(module, path);
                WatPrinter.Print(module, path);
            });
        }
    }

    /// <summary>Whatever the reader accepts must go through every other part without an exception of another kind.</summary>
    private static void ReadEverything(byte[] bytes) => Expect1xxx(() =>
    {
        var module = ModuleReader.Read(bytes, "fuzz.wasm");
        CollectionAssert.AreEqual(bytes, ModuleWriter.Write(module));
        NameSection.Read(module);
        Expect1xxx(() => LinkingSection.Read(module, "fuzz.wasm"));
        Expect1xxx(() => RelocationSection.Read(module, "fuzz.wasm"));
        Validator.Validate(module, "fuzz.wasm");
        var text = WatPrinter.Print(module, "fuzz.wasm");
        Validator.Validate(WatParser.Parse(text, "fuzz.wat"), "fuzz.wat");
    });

    private static void Expect1xxx(Action action)
    {
        try
        {
            action();
        }
        catch (DiagnosticException error)
        {
            Assert.IsTrue(error.Diagnostic.Id is >= DiagnosticId.PULSE1001 and <= DiagnosticId.PULSE1004, error.Diagnostic.ToString());
        }
    }
}
