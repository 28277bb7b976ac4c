namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>A core module as the judge reads it; it shares no code with the reader that the optimiser uses.</summary>
internal sealed class DecodedModule(byte[] bytes, string file)
{
    /// <summary>The whole file.</summary>
    public byte[] Bytes { get; } = bytes;

    /// <summary>The name for diagnostics.</summary>
    public string File { get; } = file;

    public List<Signature> Types { get; } = [];

    /// <summary>Imports first, as in every index space here.</summary>
    public List<FunctionEntity> Functions { get; } = [];

    public List<TableEntity> Tables { get; } = [];

    public List<MemoryEntity> Memories { get; } = [];

    public List<GlobalEntity> Globals { get; } = [];

    public List<ExportEntity> Exports { get; } = [];

    public List<ElementSegment> Elements { get; } = [];

    public List<DataSegment> Data { get; } = [];

    /// <summary>Functions that interrupts run, by export.</summary>
    public List<string> Handlers { get; } = [];

    /// <summary>Names of the name section, for people and as a hint; never needed for a verdict.</summary>
    public Dictionary<int, string> FunctionNames { get; } = [];

    public int? Start { get; set; }

    public List<TagEntity> Tags { get; } = [];

    /// <summary>The custom sections of this SDK, in order.</summary>
    public List<CustomSection> Customs { get; } = [];

    /// <summary>The name of a function for reports.</summary>
    public string NameOf(int function)
    {
        if (FunctionNames.TryGetValue(function, out var name))
        {
            return name;
        }

        var export = Exports.Find(e => e.Kind == EntityKind.Function && e.Index == function);
        return export is not null ? export.Name : Functions[function].Import is { } import ? import.ToString() : $"#{function}";
    }
}
