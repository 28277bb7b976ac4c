using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Tests.Elf;

[TestClass]
public sealed class ElfTests
{
    [TestMethod]
    public void An_object_reads_back_as_it_was_written()
    {
        var read = ElfReader.ReadObject(ElfWriter.Write(Sample()), "a.o");
        CollectionAssert.AreEqual(new[] { ".text.f", ".rodata.k", ".data.d", ".bss.z", ".ARM.attributes" }, read.Sections.Select(s => s.Name).ToArray());
        var code = read.Find(".text.f")!;
        CollectionAssert.AreEqual(Sample().Find(".text.f")!.Content, code.Content);
        Assert.AreEqual(SectionFlags.Allocate | SectionFlags.Execute, code.Flags);
        Assert.AreEqual(4, code.Alignment);
        Assert.AreEqual(100u, read.Find(".bss.z")!.Size);
        Assert.AreEqual("0:ThumbCall:g,4:Abs32:d", string.Join(",", code.Relocations.Select(r => $"{r.Offset}:{r.Type}:{r.Symbol.Name}")));
        var f = read.Symbols.Find(s => s.Name == "f")!;
        Assert.AreEqual((1u, 8u, SymbolType.Function, SymbolBinding.Global, ".text.f"), (f.Value, f.Size, f.Type, f.Binding, f.Section!.Name));
        Assert.IsTrue(read.Symbols.Find(s => s.Name == "g")!.IsUndefined);
        Assert.AreEqual(2, read.Symbols.Count(s => s.IsMapping));
    }

    [TestMethod]
    public void Local_symbols_stand_before_global_ones_and_the_header_counts_them()
    {
        var source = new ElfObject();
        var section = source.AddCode("f", [0, 0, 0, 0]);
        source.DefineFunction("f", section, 0, 4);
        source.DefineFunction("local", section, 0, 4, SymbolBinding.Local);
        var read = ElfReader.ReadObject(ElfWriter.Write(source), "a.o");
        CollectionAssert.AreEqual(new[] { "local", "f" }, read.Symbols.Select(s => s.Name).ToArray());
    }

    [TestMethod]
    public void Writing_twice_gives_the_same_bytes() => CollectionAssert.AreEqual(ElfWriter.Write(Sample()), ElfWriter.Write(Sample()));

    [TestMethod]
    public void Two_names_may_stand_for_one_function()
    {
        var source = Sample();
        source.DefineFunction("alias", source.Sections[0], 0, 8);
        var read = ElfReader.ReadObject(ElfWriter.Write(source), "a.o");
        Assert.AreEqual(read.Symbols.Find(s => s.Name == "f")!.Value, read.Symbols.Find(s => s.Name == "alias")!.Value);
    }

    [TestMethod]
    public void A_reference_before_the_definition_follows_it()
    {
        var source = new ElfObject();
        var caller = source.AddCode("caller", [0, 0, 0, 0]);
        caller.Relocations.Add(new(0, RelocationType.ThumbCall, source.Reference("callee")));
        var callee = source.DefineFunction("callee", source.AddCode("callee", [0, 0]), 0, 2);
        Assert.AreSame(callee, caller.Relocations[0].Symbol);
        Assert.AreEqual(1, source.Symbols.Count(s => s.Name == "callee"));
    }

    [TestMethod]
    public void Defining_a_global_twice_is_our_defect()
    {
        var source = Sample();
        Assert.ThrowsExactly<InvariantException>(() => source.DefineObject("f", source.Sections[0], 0, 4));
    }

    [TestMethod]
    public void Build_attributes_are_those_of_a_Cortex_M3()
    {
        var bytes = BuildAttributes.CortexM3();
        Assert.AreEqual((byte)'A', bytes[0]);
        Assert.AreEqual(bytes.Length - 1, BitConverter.ToInt32(bytes, 1));
        StringAssert.Contains(System.Text.Encoding.ASCII.GetString(bytes), "Cortex-M3\0", StringComparison.Ordinal);
    }

    [TestMethod]
    public void An_image_reads_back_with_its_segments()
    {
        var read = ElfReader.ReadImage(ElfWriter.Write(SampleImage()), "a.elf");
        Assert.AreEqual(0x0800_0001u, read.Entry);
        Assert.AreEqual(2, read.Segments.Count);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4 }, read.Segments[0].Content.ToArray());
        Assert.AreEqual(64u, read.Segments[1].MemorySize);
        Assert.AreEqual(0x0800_0001u, read.Find("main")!.Value);
    }

    [TestMethod]
    public void An_image_is_not_an_object_and_an_object_no_image()
    {
        Assert.AreEqual(DiagnosticId.PULSE4030, Refused(() => ElfReader.ReadImage(ElfWriter.Write(Sample()), "a.o")).Id);
        Assert.AreEqual(DiagnosticId.PULSE4030, Refused(() => ElfReader.ReadObject(ElfWriter.Write(new ElfImage()), "a.elf")).Id);
    }

    [TestMethod]
    public void Every_truncation_is_refused_with_a_place()
    {
        var bytes = ElfWriter.Write(Sample());
        for (var length = 0; length < bytes.Length; length++)
        {
            var diagnostic = Refused(() => ElfReader.ReadObject(bytes.AsMemory(0, length), "cut.o"));
            Assert.AreEqual(DiagnosticId.PULSE4030, diagnostic.Id);
            Assert.AreEqual("cut.o", diagnostic.Location.File);
            Assert.IsTrue(diagnostic.Location.Offset >= 0);
        }
    }

    [TestMethod]
    public void Mutated_objects_are_read_or_refused_and_nothing_else()
    {
        var original = ElfWriter.Write(Sample());
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])original.Clone();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? 255 : random.Next(256));
            }

            try
            {
                ElfReader.ReadObject(bytes, "m.o");
            }
            catch (DiagnosticException e)
            {
                Assert.AreEqual(DiagnosticId.PULSE4030, e.Diagnostic.Id);
                refused++;
            }
        }

        Assert.IsTrue(refused > 1000);
    }

    /// <summary>An object with code, constants, data, relocations and attributes.</summary>
    internal static ElfObject Sample()
    {
        var source = new ElfObject();
        var code = source.AddCode("f", [0xFF, 0xF7, 0xFE, 0xFF, 0, 0, 0, 0]);
        source.Map(code, 0, isData: false);
        source.Map(code, 4, isData: true);
        source.DefineFunction("f", code, 0, 8);
        source.DefineObject("k", source.AddConstants("k", [1, 2, 3]), 0, 3);
        var data = source.DefineObject("d", source.AddData("d", [4, 5, 6, 7]), 0, 4);
        source.DefineObject("z", source.AddZero("z", 100), 0, 100);
        code.Relocations.Add(new(0, RelocationType.ThumbCall, source.Reference("g")));
        code.Relocations.Add(new(4, RelocationType.Abs32, data));
        source.AddInformation(BuildAttributes.SectionName, BuildAttributes.CortexM3(), SectionType.ArmAttributes);
        return source;
    }

    /// <summary>An image with a segment of code and one of zeros.</summary>
    internal static ElfImage SampleImage()
    {
        var image = new ElfImage { Entry = 0x0800_0001 };
        var text = new ElfSection(".text", SectionType.ProgBits, SectionFlags.Allocate | SectionFlags.Execute) { Content = [1, 2, 3, 4], Address = 0x0800_0000, Alignment = 4 };
        image.Sections.Add(text);
        image.Segments.Add(new(0x0800_0000, 0x0800_0000, text.Content, 4, SegmentFlags.Read | SegmentFlags.Execute));
        image.Segments.Add(new(0x2000_0000, 0x2000_0000, default, 64, SegmentFlags.Read | SegmentFlags.Write));
        image.Symbols.Add(new ElfSymbol("main", text, 0x0800_0001, 4, SymbolBinding.Global, SymbolType.Function));
        return image;
    }

    private static Diagnostic Refused(Action action) => Assert.ThrowsExactly<DiagnosticException>(action).Diagnostic;
}
