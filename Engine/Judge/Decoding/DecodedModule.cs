using Pulse.Build.Engine.Judge.Instructions;

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

    public int? Start { get; set; }

    public List<TagEntity> Tags { get; } = [];

    /// <summary>The custom sections, in order.</summary>
    public List<CustomSection> Customs { get; } = [];

    /// <summary>Whether an immediate names something, if it is an index of what this module has.</summary>
    public bool Has(RawOperand operand) => SizeOf(operand.Kind) is not { } size || operand.Value < (ulong)size;

    private int? SizeOf(OperandKind kind) => kind switch
    {
        OperandKind.Function => Functions.Count,
        OperandKind.Type => Types.Count,
        OperandKind.Table => Tables.Count,
        OperandKind.Memory => Memories.Count,
        OperandKind.Global => Globals.Count,
        OperandKind.Data => Data.Count,
        OperandKind.Element => Elements.Count,
        _ => null,
    };
}
