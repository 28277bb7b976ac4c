using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Checks the indices that sections hold, once every index space is complete.</summary>
internal static class IndexCheck
{
    public static void Run(DecodedModule module)
    {
        foreach (var export in module.Exports)
        {
            var size = export.Kind switch
            {
                EntityKind.Function => module.Functions.Count,
                EntityKind.Table => module.Tables.Count,
                EntityKind.Memory => module.Memories.Count,
                EntityKind.Global => module.Globals.Count,
                EntityKind.Tag => module.Tags.Count,
                _ => 0,
            };
            Require(module, export.Index < size, $"export '{export.Name}' names nothing");
        }

        Require(module, module.Start is not { } start || start < module.Functions.Count, "the start function does not exist");
        foreach (var handler in module.Handlers)
        {
            Require(module, module.Exports.Exists(e => e.Kind == EntityKind.Function && e.Name == handler), $"the handler '{handler}' is not exported");
        }

        foreach (var global in module.Globals.Where(g => g.Initial is not null))
        {
            Check(module, global.Initial!);
        }

        foreach (var segment in module.Elements)
        {
            Require(module, segment.Mode != SegmentMode.Active || segment.Table < module.Tables.Count, "an element segment names no table");
            foreach (var item in segment.Offset is null ? segment.Items : segment.Items.Add(segment.Offset))
            {
                Check(module, item);
            }
        }

        foreach (var segment in module.Data)
        {
            Require(module, segment.Mode != SegmentMode.Active || segment.Memory < module.Memories.Count, "a data segment names no memory");
            if (segment.Offset is not null)
            {
                Check(module, segment.Offset);
            }
        }
    }

    private static void Check(DecodedModule module, Initial initial)
    {
        Require(module, initial.Kind != InitialKind.Function || initial.Value < (ulong)module.Functions.Count, "a function index is out of range");
        Require(module, initial.Globals.IsDefault || initial.Globals.All(g => g >= 0 && g < module.Globals.Count), "a global index is out of range");
        Require(module, initial.Kind != InitialKind.ImportedGlobal || initial.Value < (ulong)module.Globals.Count, "a global index is out of range");
    }

    private static void Require(DecodedModule module, bool holds, string what)
    {
        if (!holds)
        {
            throw new DiagnosticException(DiagnosticId.PULSE1001, Location.AtOffset(module.File, 0), what);
        }
    }
}
