using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Fusion;

/// <summary>
/// Where a linked module that keeps its addresses has its stack. LLVM's linker puts it in front of all data, or behind data and zeros. Zeros are
/// seen only where it left its symbols (<c>--emit-relocs</c>) or says where they end (<c>--export=__data_end</c>).
/// </summary>
internal static class StackRegion
{
    private const string PointerName = "__stack_pointer", DataEndName = "__data_end";
    private const uint Alignment = 16;

    /// <summary>The stack of <paramref name="module"/>; null when it has none, or nobody can tell where it ends.</summary>
    public static StackRange? Of(Module module, string path)
    {
        try
        {
            return Find(module, path);
        }
        catch (DiagnosticException)
        {
            // Symbols that are not what they should be say nothing.
            return null;
        }
    }

    private static StackRange? Find(Module module, string path)
    {
        var pointer = NameSection.Read(module).Names(IndexSpace.Global).Where(name => name.Value == PointerName && name.Key < module.Globals.Count)
            .Select(name => name.Key).DefaultIfEmpty(-1).First();
        if (pointer < 0 || module.Memories.Count != 1 || Constant(module.Globals[pointer].Initial) is not { } top)
        {
            return null;
        }

        var segments = new List<(uint Start, ulong End)>();
        foreach (var segment in module.Data.Where(segment => segment.Mode == SegmentMode.Active && segment.Bytes.Length > 0))
        {
            if (Constant(segment.Offset) is not { } start)
            {
                return null;
            }

            segments.Add((start, start + (ulong)segment.Bytes.Length));
        }

        if (segments.Count > 0 && segments.TrueForAll(segment => segment.Start >= top))
        {
            return new StackRange(0, top);
        }

        var end = LinkingSection.Read(module, path) is { } linking && Describes(linking, module) ? segments.Where(segment => segment.End <= top).Select(segment => segment.End).DefaultIfEmpty(0UL).Max()
            : module.Exports.Find(e => e.Kind == ExternKind.Global && e.Name == DataEndName) is { } export && Constant(module.Globals[export.Index].Initial) is { } known ? known
            : (ulong?)null;
        return end is { } low && (low + Alignment - 1) / Alignment * Alignment is var aligned && aligned <= top ? new StackRange((long)aligned, top) : null;
    }

    /// <summary>Whether the symbols speak of the segments that are there: tools that drop or shorten segments may leave the section as it was.</summary>
    private static bool Describes(LinkingSection linking, Module module) => linking.Segments.Length == module.Data.Count
        && linking.Symbols.Where(symbol => symbol is { Kind: SymbolKind.Data, Index: >= 0 } && (symbol.Flags & SymbolFlags.Absolute) == 0)
            .All(symbol => symbol.Index < module.Data.Count && (UInt128)symbol.Offset + symbol.Size <= (ulong)module.Data[symbol.Index].Bytes.Length);

    private static uint? Constant(ConstantExpression? expression)
        => expression is not null && expression.TryEvaluate(out var value) && value.Type == ValType.I32 ? (uint)value.Bits : null;
}
