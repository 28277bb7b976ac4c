using System.Runtime.CompilerServices;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Tests.Components;

/// <summary>Component binaries for tests: those of the sample, and small ones put together section by section.</summary>
internal static class ComponentBytes
{
    public static readonly byte[] Preamble = [0, (byte)'a', (byte)'s', (byte)'m', 0x0D, 0, 1, 0];

    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Root(), "samples", "gust-firmware", "components", name + ".wasm"));

    /// <summary>A component of sections, each an id and its content.</summary>
    public static byte[] Of(params (byte Id, byte[] Content)[] sections)
    {
        var writer = new ByteWriter();
        writer.Bytes(Preamble);
        foreach (var (id, content) in sections)
        {
            writer.U8(id);
            writer.Vector(content);
        }

        return writer.ToArray();
    }
}
