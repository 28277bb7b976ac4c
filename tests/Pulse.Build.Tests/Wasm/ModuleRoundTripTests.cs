using System.Runtime.InteropServices;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class ModuleRoundTripTests
{
    [TestMethod]
    public void Compiled_modules_come_back_byte_for_byte()
    {
        foreach (var file in SharedMaterial.Files("suites/build", "*.core.wasm"))
        {
            var bytes = File.ReadAllBytes(file);
            CollectionAssert.AreEqual(bytes, ModuleWriter.Write(ModuleReader.Read(bytes, file)), file);
        }
    }

    [TestMethod]
    public void Compiled_modules_keep_their_content_when_every_section_is_encoded_anew()
    {
        foreach (var file in SharedMaterial.Files("suites/build", "*.core.wasm"))
        {
            var first = ModuleReader.Read(File.ReadAllBytes(file), file);
            first.Source = null;
            var bytes = ModuleWriter.Write(first);
            var second = ModuleReader.Read(bytes, file);
            second.Source = null;
            CollectionAssert.AreEqual(bytes, ModuleWriter.Write(second), file);
            Assert.AreEqual(first.Functions.Count, second.Functions.Count, file);
            Assert.AreEqual(first.CustomSections.Count, second.CustomSections.Count, file);
        }
    }

    [TestMethod]
    public void A_changed_body_is_written_and_the_other_sections_keep_their_bytes()
    {
        var module = new Module();
        module.Functions.Add(new ModuleFunction(module.AddType(FuncType.Of([], [])), null, new FunctionBody([], new byte[] { 0x0B })));
        var read = ModuleReader.Read(ModuleWriter.Write(module), "in.wasm");
        read.Functions[0] = read.Functions[0] with { Body = new FunctionBody([], new byte[] { 0x01, 0x0B }) };
        var again = ModuleReader.Read(ModuleWriter.Write(read), "in.wasm");
        CollectionAssert.AreEqual(new byte[] { 0x01, 0x0B }, again.Functions[0].Body!.Code.ToArray());
    }

    [TestMethod]
    public void Every_instruction_of_compiled_modules_is_read_and_written_as_it_was()
    {
        foreach (var file in SharedMaterial.Files("suites/build", "*.core.wasm"))
        {
            foreach (var function in ModuleReader.Read(File.ReadAllBytes(file), file).Functions)
            {
                if (function.Body is { } body)
                {
                    AssertInstructionsSurvive(body, file);
                }
            }
        }
    }

    [TestMethod]
    public void Only_what_changed_is_encoded_anew()
    {
        // Types and a custom section whose sizes are padded to five bytes.
        var bytes = Convert.FromHexString("0061736D01000000" + "018480808000" + "01600000" + "00838080800001" + "6101");
        var module = ModuleReader.Read(bytes, "m.wasm");
        CollectionAssert.AreEqual(bytes, ModuleWriter.Write(module));
        module.CustomSections[0] = module.CustomSections[0] with { Bytes = new byte[] { 2 } };
        var expected = Convert.FromHexString("0061736D01000000" + "018480808000" + "01600000" + "0003016102");
        CollectionAssert.AreEqual(expected, ModuleWriter.Write(module));
        module.Types.Add(new FuncType([ValType.I32], []));
        expected = Convert.FromHexString("0061736D01000000" + "0108" + "0260000060017F00" + "0003016102");
        CollectionAssert.AreEqual(expected, ModuleWriter.Write(module));
    }

    [TestMethod]
    public void Unchanged_sections_are_written_from_where_they_were_read()
    {
        var bytes = ModuleWriter.Write(WatParser.Parse("(module (memory 1) (func (nop)) (data (i32.const 0) \"abc\"))", "m.wat"));
        var module = ModuleReader.Read(bytes, "m.wasm");
        var parts = ModuleWriter.Parts(module);
        CollectionAssert.AreEqual(bytes, parts.SelectMany(part => part.ToArray()).ToArray());
        var ownBytes = parts.Where(part => !MemoryMarshal.TryGetArray(part, out var segment) || segment.Array != bytes).Sum(part => part.Length);
        Assert.AreEqual(8, ownBytes, "only the header is new");
    }

    private static void AssertInstructionsSurvive(FunctionBody body, string file)
    {
        var output = new ByteWriter();
        var writer = new InstructionWriter(output);
        var before = new List<string>();
        var reader = new InstructionReader(body.Code.Span, body.Offset, file);
        while (reader.TryRead(out var instruction))
        {
            before.Add(Describe(instruction));
            writer.Write(instruction);
        }

        var after = new List<string>();
        reader = new InstructionReader(output.Written, 0, file);
        while (reader.TryRead(out var instruction))
        {
            after.Add(Describe(instruction));
        }

        Assert.IsTrue(output.Length <= body.Code.Length, file);
        CollectionAssert.AreEqual(before, after, file);
    }

    private static string Describe(in Instruction i) => $"{i.Info.Mnemonic} {i.A} {i.B} {i.Wide} {string.Join(',', i.Labels ?? [])}";
}
