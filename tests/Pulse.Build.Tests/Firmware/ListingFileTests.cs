using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;

namespace Pulse.Build.Tests.Firmware;

[TestClass]
public sealed class ListingFileTests
{
    [TestMethod]
    public void Functions_have_names_sizes_origins_and_data_is_not_decoded_as_code()
    {
        var compiled = new ElfObject();
        var section = compiled.AddCode(".text.mix", [0x70, 0x47, 0x00, 0xbf, 0x78, 0x56, 0x34, 0x12]);
        compiled.Map(section, 0, isData: false);
        compiled.DefineFunction("mix", section, 0, 8);
        compiled.Map(section, 4, isData: true);
        var text = ListingFile.Write(compiled.Sections, compiled.Symbols, name => name == "mix" ? "mixer.wasm mix" : null);
        Assert.AreEqual(
            """

            00000000 <mix>  8 bytes  ; mixer.wasm mix
              00000000  4770       bx lr
              00000002  bf00       nop
              00000004  12345678   .word 0x12345678

            """,
            text);
    }
}
