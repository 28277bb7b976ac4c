using System.Collections.Immutable;
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

/// <summary>A value type, by its byte in the binary format.</summary>
internal enum ValueKind : byte { I32 = 0x7F, I64 = 0x7E, F32 = 0x7D, F64 = 0x7C, V128 = 0x7B, FunctionReference = 0x70, ExternReference = 0x6F }

/// <summary>A function type; two of the same text are the same type.</summary>
internal sealed record Signature(ImmutableArray<ValueKind> Parameters, ImmutableArray<ValueKind> Results)
{
    public string Text { get; } = $"({string.Join(' ', Parameters)})->({string.Join(' ', Results)})";

    public bool Equals(Signature? other) => other is not null && other.Text == Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Where an import comes from.</summary>
internal sealed record ImportName(string Module, string Name)
{
    /// <summary>For people: joined by a dot where no other pair of names reads the same, else each name in quotes.</summary>
    public override string ToString() => Module.Length == 0 || Module.Contains('.') || Name.Contains('.') ? $"\"{Module}\" \"{Name}\"" : $"{Module}.{Name}";

    /// <summary>A text that no other pair of names has.</summary>
    public string Key { get; } = FormattableString.Invariant($"{Module.Length}:{Module}{Name.Length}:{Name}");
}

/// <summary>The limits of a memory (in pages) or a table (in entries).</summary>
internal readonly record struct Limits(ulong Minimum, ulong? Maximum, bool Is64, bool Shared, int PageSizeLog2 = 16);

/// <summary>What a constant expression gives.</summary>
internal enum InitialKind { Constant, ImportedGlobal, Function, Null, Vector, Other }

/// <summary>
/// A constant expression. <see cref="InitialKind.Other"/> is one that reads imported globals in arithmetic: it equals another of the same text
/// whose <paramref name="Globals"/>, in order, are the same imports.
/// </summary>
internal sealed record Initial(InitialKind Kind, ulong Value, string Text, ImmutableArray<int> Globals = default)
{
    /// <summary>Every global that it reads.</summary>
    public ImmutableArray<int> Reads => Kind == InitialKind.ImportedGlobal ? [(int)Value] : Globals.IsDefault ? [] : Globals;

    /// <summary>The high half of a vector.</summary>
    public ulong High { get; init; }
}

internal sealed record FunctionEntity(int Index, Signature Signature, ImportName? Import, BodyRange? Body);

/// <summary>A function body in the file: its expression runs to <paramref name="End"/>.</summary>
internal sealed record BodyRange(int Start, int End, ImmutableArray<ValueKind> Locals);

internal sealed record TableEntity(int Index, ValueKind Kind, Limits Limits, ImportName? Import, Initial? Fill);

internal sealed record MemoryEntity(int Index, Limits Limits, ImportName? Import);

internal sealed record GlobalEntity(int Index, ValueKind Kind, bool Mutable, ImportName? Import, Initial? Initial);

/// <summary>An exception tag, by what it carries.</summary>
internal sealed record TagEntity(Signature Signature, ImportName? Import);

/// <summary>A custom section; one of this SDK, named <c>pulse.…</c>, later stages obey.</summary>
internal sealed record CustomSection(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>External kinds, by their byte.</summary>
internal enum EntityKind : byte { Function = 0, Table = 1, Memory = 2, Global = 3, Tag = 4 }

internal sealed record ExportEntity(string Name, EntityKind Kind, int Index);

/// <summary>How a segment is used.</summary>
internal enum SegmentMode { Active, Passive, Declarative }

internal sealed record ElementSegment(int Index, SegmentMode Mode, int Table, Initial? Offset, ValueKind Kind, ImmutableArray<Initial> Items);

internal sealed record DataSegment(int Index, SegmentMode Mode, int Memory, Initial? Offset, ReadOnlyMemory<byte> Bytes);
