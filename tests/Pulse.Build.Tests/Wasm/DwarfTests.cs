using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Dwarf;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class DwarfTests
{
    private static readonly string[] Goldens = ["hotpath/seam-dwarf4.wasm", "hotpath/seam-dwarf5.wasm"];

    [TestMethod]
    public void Calls_have_the_positions_of_their_source()
    {
        foreach (var golden in Goldens)
        {
            var module = ModuleReader.Read(GoldenFiles.Bytes(golden), golden);
            var info = DwarfInfo.Read(module, golden);
            var positions = Calls(module, golden).Select(offset => info.Find(offset)).ToArray();
            CollectionAssert.AreEqual(
                new SourcePosition?[] { new("/src/seam.c", 10, 62), new("/src/seam.c", 15, 18), new("/src/seam.c", 15, 12) },
                positions, golden);
            Assert.IsTrue(info.Diagnostics.IsEmpty, golden);
        }
    }

    [TestMethod]
    public void Compiler_generated_code_has_no_position()
    {
        foreach (var golden in Goldens)
        {
            var module = ModuleReader.Read(GoldenFiles.Bytes(golden), golden);
            var code = CodeLayout.Of(module).ContentOffset;
            Assert.IsNull(DwarfInfo.Read(module, golden).Find(code + 0x60), golden);
            Assert.IsNull(DwarfInfo.Read(module, golden).Find(8), golden);
            Assert.IsNull(DwarfInfo.Read(module, golden).Find(int.MaxValue), golden);
        }
    }

    [TestMethod]
    public void A_copy_of_an_inlined_function_is_known_by_its_abstract_instance()
    {
        foreach (var golden in Goldens)
        {
            var info = DwarfInfo.Read(ModuleReader.Read(GoldenFiles.Bytes(golden), golden), golden);
            CollectionAssert.AreEqual(
                new[] { "clamp Inlined", "mix None", "scale None", "poll None" },
                info.Subprograms.Select(s => $"{s.Name} {s.Inline}").ToArray(), golden);
        }
    }

    [TestMethod]
    public void Lines_that_belong_to_other_code_are_not_believed()
    {
        foreach (var golden in Goldens)
        {
            var module = ModuleReader.Read(GoldenFiles.Bytes(golden), golden);
            var grown = module.Functions[1].Body!;
            module.Functions[1] = module.Functions[1] with { Body = grown with { Code = (byte[])[0x01, .. grown.Code.Span] } };
            var rewritten = ModuleReader.Read(ModuleWriter.Write(module), golden);
            var info = DwarfInfo.Read(rewritten, golden);
            Assert.IsTrue(Calls(rewritten, golden).All(offset => info.Find(offset) is null), golden);
            Assert.AreEqual(DiagnosticId.PULSE1020, info.Diagnostics.Single().Id, golden);
            Assert.AreEqual(Severity.Message, info.Diagnostics.Single().Severity, golden);
        }
    }

    [TestMethod]
    public void A_truncated_section_gives_no_positions_and_a_message()
    {
        foreach (var golden in Goldens)
        {
            var info = DwarfInfo.Read(WithSection(golden, ".debug_line", bytes => bytes[..^9]), golden);
            Assert.IsFalse(info.HasLines, golden);
            var message = info.Diagnostics.Single();
            Assert.AreEqual(DiagnosticId.PULSE1020, message.Id, golden);
            Assert.IsTrue(message.Location.Offset > 0, golden);
            Assert.AreEqual(4, info.Subprograms.Length, golden);
        }
    }

    [TestMethod]
    public void Mutated_sections_never_throw()
    {
        string[] sections = [".debug_info", ".debug_abbrev", ".debug_line", ".debug_str_offsets", ".debug_addr"];
        foreach (var golden in Goldens)
        {
            var random = new Random(20);
            for (var round = 0; round < 400; round++)
            {
                var name = sections[round % sections.Length];
                var module = WithSection(golden, name, bytes => Mutate(bytes, random));
                var info = DwarfInfo.Read(module, golden);
                Assert.IsTrue(info.Diagnostics.All(d => d.Id == DiagnosticId.PULSE1020));
                foreach (var offset in Calls(module, golden))
                {
                    _ = info.Find(offset);
                }
            }
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        for (var left = random.Next(1, 4); left > 0 && bytes.Length > 0; left--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes = bytes[..at];
                    break;
                case 1:
                    bytes[at] = 0xFF;
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]];
                    break;
            }
        }

        return bytes;
    }

    /// <summary>The golden module with the content of a custom section changed.</summary>
    private static Module WithSection(string golden, string name, Func<byte[], byte[]> change)
    {
        var module = ModuleReader.Read(GoldenFiles.Bytes(golden), golden);
        var at = module.CustomSections.FindIndex(section => section.Name == name);
        if (at >= 0)
        {
            module.CustomSections[at] = module.CustomSections[at] with { Bytes = change(module.CustomSections[at].Bytes.ToArray()) };
        }

        return ModuleReader.Read(ModuleWriter.Write(module), golden);
    }

    private static List<int> Calls(Module module, string path)
    {
        var offsets = new List<int>();
        foreach (var function in module.Functions.Where(f => f.Body is not null))
        {
            var reader = new InstructionReader(function.Body!.Code.Span, function.Body.Offset, path);
            while (reader.TryRead(out var instruction))
            {
                if (instruction.Opcode == Opcode.Call)
                {
                    offsets.Add(instruction.Offset);
                }
            }
        }

        return offsets;
    }
}
