using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Fusion;

/// <summary>
/// Strings between every pair of encodings: the bytes that arrive, and every allocation that the callee is asked for, are those of the
/// specification's <c>store_string_into_range</c>, which <see cref="Expected"/> follows branch by branch.
/// </summary>
[TestClass]
public class StringEncodingTests
{
    private const uint Tag = 0x8000_0000;
    private const int Source = 256;

    private static readonly string[] _texts = ["", "a", "plain", "é", "né", "éa\u0080ÿ", "€", "aé€", "😀", "x😀", "\uFFFF\uE000\uD7FF", "Ā", "ÿĀ", "\u007F\u0080\u07FF\u0800", "é😀é", "\U0010FFFF\0"];

    private static readonly Module _module = ModuleReader.Read(FusionGoldenTests.Fuse("encodings", MemoryMode.Auto, out _)!.Module, "encodings");

    public static IEnumerable<object[]> Directions() => from s in new[] { "8", "16", "l" } from t in new[] { "8", "16", "l" } select new object[] { s, t };

    [TestMethod]
    [DynamicData(nameof(Directions))]
    public void A_string_arrives_as_the_specification_stores_it(string from, string to)
    {
        foreach (var text in _texts)
        {
            var forms = from == "l" ? text.All(c => c < 256) ? new[] { "latin1", "16" } : ["16"] : [from];
            foreach (var form in forms)
            {
                var bytes = Encode(form, text);
                var units = (uint)(form == "16" ? bytes.Length / 2 : bytes.Length) | (from == "l" && form == "16" ? Tag : 0);
                var instance = New(bytes);
                var outcome = instance.Invoke($"from-{from}-to-{to}", [RuntimeValue.I32(Source), RuntimeValue.I32(unchecked((int)units))]);
                Assert.IsTrue(outcome.Returned, $"{from}({form}) to {to}, '{text}': {outcome}");
                Assert.AreEqual(Expected(from, form, to, text, (int)(units & ~Tag)), Got(instance, to), $"{from}({form}) to {to}, '{text}'");
            }
        }
    }

    [TestMethod]
    [DataRow("8", "80")]
    [DataRow("8", "C0 80")]
    [DataRow("8", "C1 BF")]
    [DataRow("8", "61 C3")]
    [DataRow("8", "E0 80 80")]
    [DataRow("8", "E0 9F BF")]
    [DataRow("8", "ED A0 80")]
    [DataRow("8", "ED BF BF")]
    [DataRow("8", "F0 80 80 80")]
    [DataRow("8", "F0 8F BF BF")]
    [DataRow("8", "F4 90 80 80")]
    [DataRow("8", "F5 80 80 80")]
    [DataRow("8", "E2 82")]
    [DataRow("8", "E2 28 A1")]
    [DataRow("8", "FF")]
    [DataRow("16", "3D D8")]
    [DataRow("16", "00 DE")]
    [DataRow("16", "3D D8 61 00")]
    [DataRow("16", "61 00 00 DE 3D D8")]
    [DataRow("16", "3D D8 3D D8")]
    public void Text_that_is_not_well_formed_traps_in_every_direction(string form, string hexadecimal)
    {
        var bytes = hexadecimal.Split(' ').Select(b => byte.Parse(b, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
        foreach (var to in new[] { "8", "16", "l" })
        {
            Traps(form, to, bytes, Source, (uint)(form == "16" ? bytes.Length / 2 : bytes.Length));
            if (form == "16")
            {
                Traps("l", to, bytes, Source, (uint)(bytes.Length / 2) | Tag);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Directions))]
    public void An_address_or_length_that_no_string_has_traps(string from, string to)
    {
        Traps(from, to, [], 65536 - 2, 3);
        Traps(from, to, [], unchecked((int)0xFFFF_FFFE), 2);
        Traps(from, to, [], Source, 0x7FFF_FFFF);
        Traps(from, to, [], Source, 1 << 28);
        Traps(from, to, [], 65536 + 2, 0);
        if (from != "8")
        {
            Traps(from, to, new byte[8], Source + 1, 1);
            Traps(from, to, new byte[8], Source + 1, 0);
        }

        if (from == "l")
        {
            Traps(from, to, new byte[8], Source + 1, 1 | Tag);
            Traps(from, to, [], 65536 - 2, 2 | Tag);
            Traps(from, to, [], Source, 0xFFFF_FFFF);
        }
    }

    private static void Traps(string from, string to, byte[] bytes, int address, uint units)
    {
        var outcome = New(bytes).Invoke($"from-{from}-to-{to}", [RuntimeValue.I32(address), RuntimeValue.I32(unchecked((int)units))]);
        Assert.AreEqual(OutcomeKind.Trapped, outcome.Kind, $"{from} to {to}, {units:x} units at {address:x}: {outcome}");
    }

    private static Instance New(byte[] bytes)
    {
        var instance = Instance.Create(_module, new Imports());
        for (var i = 0; i < bytes.Length; i++)
        {
            instance.Invoke("poke", [RuntimeValue.I32(Source + i), RuntimeValue.I32(bytes[i])]);
        }

        return instance;
    }

    private static byte[] Encode(string form, string text) => (form == "8" ? Encoding.UTF8 : form == "16" ? Encoding.Unicode : Encoding.Latin1).GetBytes(text);

    /// <summary>The allocations without their addresses, the length and the bytes.</summary>
    private static string Got(Instance instance, string to)
    {
        uint Peek(uint at) => (uint)instance.Invoke("peek", [RuntimeValue.I32(unchecked((int)at))]).Results[0].Bits;
        var log = new StringBuilder();
        for (var i = 0u; i < Peek(8); i++)
        {
            log.Append(CultureInfo.InvariantCulture, $"realloc({Peek(20 + 16 * i)}, {Peek(24 + 16 * i)}, {Peek(28 + 16 * i)}) ");
        }

        var (address, units) = (Peek(0), Peek(4));
        var length = (units & ~Tag) * (to == "16" || (units & Tag) != 0 ? 2u : 1u);
        log.Append(CultureInfo.InvariantCulture, $"{units:x}:");
        for (var i = 0u; i < length; i++)
        {
            log.Append(CultureInfo.InvariantCulture, $" {(byte)Peek(address + i):x2}");
        }

        return log.ToString();
    }

    private static string Expected(string from, string form, string to, string text, int units)
    {
        var log = new StringBuilder();
        void Realloc(int old, int alignment, int size) => log.Append(CultureInfo.InvariantCulture, $"realloc({old}, {alignment}, {size}) ");
        string Done(string encoding, bool tagged = false)
        {
            var bytes = Encode(encoding, text);
            var length = (uint)(encoding == "16" ? bytes.Length / 2 : bytes.Length) | (tagged ? Tag : 0);
            return log.Append(CultureInfo.InvariantCulture, $"{length:x}:").Append(string.Concat(bytes.Select(b => $" {b:x2}"))).ToString();
        }

        var narrow = text.All(c => c < 256);
        var (utf8, utf16) = (Encode("8", text).Length, Encode("16", text).Length);
        switch (to, form)
        {
            case ("8", "8"):
                Realloc(0, 1, units);
                return Done("8");
            case ("8", _):
                Realloc(0, 1, units);
                var worst = units * (form == "16" ? 3 : 2);
                if (text.Any(c => c >= 0x80))
                {
                    Realloc(units, 1, worst);
                    if (worst > utf8)
                    {
                        Realloc(worst, 1, utf8);
                    }
                }

                return Done("8");
            case ("16", "8"):
                Realloc(0, 2, 2 * units);
                if (utf16 < 2 * units)
                {
                    Realloc(2 * units, 2, utf16);
                }

                return Done("16");
            case ("16", _):
                Realloc(0, 2, 2 * units);
                return Done("16");
            case (_, "latin1"):
                Realloc(0, 2, units);
                return Done("latin1");
            case (_, "16") when from == "l":
                Realloc(0, 2, 2 * units);
                if (narrow)
                {
                    Realloc(2 * units, 1, units);
                }

                return Done(narrow ? "latin1" : "16", !narrow);
            default:
                Realloc(0, 2, units);
                if (narrow)
                {
                    if (text.Length < units)
                    {
                        Realloc(units, 2, text.Length);
                    }

                    return Done("latin1");
                }

                Realloc(units, 2, 2 * units);
                if (2 * units > utf16)
                {
                    Realloc(2 * units, 2, utf16);
                }

                return Done("16", true);
        }
    }
}
