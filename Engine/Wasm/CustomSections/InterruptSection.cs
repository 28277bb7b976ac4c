using System.Collections.Immutable;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>A function that interrupts run.</summary>
/// <param name="Export">The export that is the handler.</param>
/// <param name="Vector">The vector's name, for people; empty when nobody said it.</param>
/// <param name="Priority">0 to 255, a lower number interrupts a higher one; null when it is not known.</param>
internal sealed record InterruptEntry(string Export, string Vector, int? Priority);

/// <summary>
/// The <c>pulse.interrupts</c> section: the exports of a module that interrupts run, at any moment and between any two instructions of its other
/// code. A module without the section has no handlers.
/// </summary>
/// <remarks>
/// <c>version:u32 = 1, vec(export:name, vector:name, priority:u32)</c>, numbers in LEB128; a priority is stored plus one, 0 is unknown.
/// The judge has a reader of its own.
/// </remarks>
internal static class InterruptSection
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "pulse.interrupts";

    private const uint Version = 1;

    /// <summary>The handlers of <paramref name="module"/>; a section that cannot be read is an error at its place in <paramref name="path"/>.</summary>
    public static ImmutableArray<InterruptEntry> Read(Module module, string path)
    {
        var handlers = ImmutableArray.CreateBuilder<InterruptEntry>();
        foreach (var section in module.CustomSections.Where(section => section.Name == SectionName))
        {
            var reader = new ByteReader(section.Bytes.Span, 0, path);
            if (reader.U32() != Version)
            {
                throw reader.Malformed($"a version of '{SectionName}' that this build does not know");
            }

            for (var count = reader.Count(); count > 0; count--)
            {
                var (export, vector, priority) = (reader.Name(), reader.Name(), reader.Index());
                handlers.Add(new InterruptEntry(export, vector, priority == 0 ? null : priority - 1));
            }

            if (!reader.AtEnd)
            {
                throw reader.Malformed($"'{SectionName}' is longer than its contents");
            }
        }

        return handlers.ToImmutable();
    }

    /// <summary>Puts <paramref name="handlers"/> into <paramref name="module"/>, in place of those it has.</summary>
    public static void Write(Module module, ImmutableArray<InterruptEntry> handlers)
    {
        module.CustomSections.RemoveAll(section => section.Name == SectionName);
        if (handlers.Length == 0)
        {
            return;
        }

        var writer = new ByteWriter();
        writer.Uleb(Version);
        writer.Uleb((ulong)handlers.Length);
        foreach (var handler in handlers.OrderBy(h => h.Export, StringComparer.Ordinal).ThenBy(h => h.Vector, StringComparer.Ordinal))
        {
            writer.Name(handler.Export);
            writer.Name(handler.Vector);
            writer.Uleb((ulong)(handler.Priority + 1 ?? 0));
        }

        module.CustomSections.Add(new CustomSection(SectionName, writer.ToArray(), SectionId.Data));
    }
}
