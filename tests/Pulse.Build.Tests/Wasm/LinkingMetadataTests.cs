using System.Buffers.Binary;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class LinkingMetadataTests
{
    [TestMethod]
    public void A_relocation_of_the_sample_points_at_the_value_its_symbol_has()
    {
        var checkedPlaces = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(SharedMaterial.Repository, "samples/gust-firmware/components"), "*.wasm"))
        {
            var bytes = File.ReadAllBytes(file);
            checkedPlaces += CoreModules(bytes, file).Sum(module => CheckRelocations(module, bytes, file));
        }

        Assert.IsTrue(checkedPlaces > 50, $"{checkedPlaces} places");
    }

    [TestMethod]
    [DataRow("reloc.CODE", new byte[] { 9, 0 }, "relocations for a section that does not exist")]
    [DataRow("reloc.CODE", new byte[] { 0, 1, 99, 0, 0 }, "unknown relocation type 99")]
    [DataRow("reloc.CODE", new byte[] { 0, 1, 0, 50, 0 }, "relocation outside its section")]
    [DataRow("reloc.CODE", new byte[] { 0, 100, 0, 50, 0 }, "length out of bounds")]
    public void A_relocation_section_that_makes_no_sense_is_refused(string name, byte[] content, string message)
    {
        var module = new Module();
        module.Types.Add(new FuncType([], []));
        module.CustomSections.Add(new CustomSection(name, content, SectionId.Type));
        var read = ModuleReader.Read(ModuleWriter.Write(module), "m.wasm");
        var error = Assert.ThrowsExactly<DiagnosticException>(() => RelocationSection.Read(read, "m.wasm"));
        Assert.AreEqual(DiagnosticId.PULSE1001, error.Diagnostic.Id);
        StringAssert.Contains(error.Diagnostic.Message, message);
        Assert.IsTrue(error.Diagnostic.Location.Offset > 0);
    }

    [TestMethod]
    public void A_linking_section_of_another_version_is_refused()
    {
        var module = new Module();
        module.CustomSections.Add(new CustomSection("linking", new byte[] { 1 }, 0));
        var read = ModuleReader.Read(ModuleWriter.Write(module), "m.wasm");
        var error = Assert.ThrowsExactly<DiagnosticException>(() => LinkingSection.Read(read, "m.wasm"));
        StringAssert.Contains(error.Diagnostic.Message, "version 1");
    }

    private static int CheckRelocations(Module module, byte[] file, string path)
    {
        var linking = LinkingSection.Read(module, path);
        var count = 0;
        foreach (var section in RelocationSection.Read(module, path).Where(s => s.TargetId is SectionId.Code or SectionId.Data))
        {
            Assert.IsNotNull(linking);
            foreach (var entry in section.Entries)
            {
                var place = file.AsSpan(section.TargetOffset + entry.Offset);
                var expected = Expected(module, linking, entry);
                Assert.AreEqual(expected, Stored(entry.Type, place), $"{path} {entry}");
                count++;
            }
        }

        return count;
    }

    private static long Expected(Module module, LinkingSection linking, RelocationEntry entry)
    {
        if (entry.Type == RelocationType.TypeIndexLeb)
        {
            return entry.Index;
        }

        var symbol = linking.Symbols[entry.Index];
        if (symbol.Kind != SymbolKind.Data)
        {
            var isTableIndex = entry.Type is RelocationType.TableIndexI32 or RelocationType.TableIndexSleb;
            return isTableIndex ? TableSlot(module, symbol.Index) : symbol.Index;
        }

        Assert.IsTrue(module.Data[symbol.Index].Offset!.TryEvaluate(out var address));
        return (long)(address.Bits + symbol.Offset) + entry.Addend;
    }

    private static long TableSlot(Module module, int function)
    {
        var segment = module.Elements.Single();
        Assert.IsTrue(segment.Offset!.TryEvaluate(out var first));
        return (long)first.Bits + segment.Functions.IndexOf(new FuncIndex(function));
    }

    private static long Stored(RelocationType type, ReadOnlySpan<byte> place)
    {
        var reader = new ByteReader(place, 0, "");
        return type switch
        {
            RelocationType.MemoryAddrI32 or RelocationType.TableIndexI32 => BinaryPrimitives.ReadUInt32LittleEndian(place),
            RelocationType.MemoryAddrSleb or RelocationType.TableIndexSleb => reader.S32(),
            _ => reader.U32(),
        };
    }

    private static IEnumerable<Module> CoreModules(byte[] component, string path)
    {
        for (var at = 8; at < component.Length;)
        {
            var reader = new ByteReader(component.AsSpan(at), at, path);
            var id = reader.U8();
            var size = (int)reader.U32();
            var start = reader.Offset;
            if (id == 1)
            {
                yield return ModuleReader.Read(component.AsMemory(start, size), path, start);
            }

            at = start + size;
        }
    }
}
