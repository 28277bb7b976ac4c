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

        module.Elements.ForEach(e => Require(module, e.Mode != SegmentMode.Active || e.Table < module.Tables.Count, "an element segment names no table"));
        module.Data.ForEach(d => Require(module, d.Mode != SegmentMode.Active || d.Memory < module.Memories.Count, "a data segment names no memory"));
        var initials = module.Globals.Select(g => g.Initial).Concat(module.Tables.Select(t => t.Fill)).Concat(module.Data.Select(d => d.Offset))
            .Concat(module.Elements.SelectMany(e => e.Items.Append(e.Offset)));
        foreach (var initial in initials.OfType<Initial>())
        {
            Require(module, initial.Kind != InitialKind.Function || initial.Value < (ulong)module.Functions.Count, "a function index is out of range");
            Require(module, initial.Reads.All(g => g < module.Globals.Count), "a global index is out of range");
        }
    }

    private static void Require(DecodedModule module, bool holds, string what)
    {
        if (!holds)
        {
            throw new DiagnosticException(DiagnosticId.PULSE1001, Location.AtOffset(module.File, 0), what);
        }
    }
}
