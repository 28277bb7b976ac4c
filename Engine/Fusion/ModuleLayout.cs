using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Fusion;

/// <summary>A place that holds an address.</summary>
/// <param name="Place">Of code: byte offset in the file of the instruction. Of data: byte offset from the start of segment <paramref name="In"/>.</param>
/// <param name="In">Segment that holds it, -1 for code.</param>
/// <param name="Segment">Segment that it points into.</param>
/// <param name="Value">What it holds.</param>
internal readonly record struct AddressSite(int Place, int In, int Segment, long Value);

/// <summary>A data segment.</summary>
/// <param name="Base">Its address as linked.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Alignment.</param>
/// <param name="IsZero">Whether it holds zeros only.</param>
internal readonly record struct SegmentLayout(long Base, int Size, int Alignment, bool IsZero);

/// <summary>
/// What a linked module consists of in memory, from the relocations that the linker left: segments, stack, and every place that holds
/// an address. A module is only moved when each relocation describes what is there, so that a module that a later tool has rewritten
/// is refused and never corrupted.
/// </summary>
/// <remarks>tool-conventions Linking.md#relocation-sections</remarks>
internal sealed class ModuleLayout
{
    private const string StackPointerName = "__stack_pointer";

    private readonly ModuleInstance _instance;
    private readonly List<AddressSite> _data = [];
    private readonly Dictionary<int, AddressSite> _code = [];

    private ModuleLayout(ModuleInstance instance) => _instance = instance;

    /// <summary>Data segments.</summary>
    public ImmutableArray<SegmentLayout> Segments { get; private set; } = [];

    /// <summary>The stack pointer global, or -1.</summary>
    public int StackPointer { get; private set; } = -1;

    /// <summary>Bytes of stack that the linker reserved.</summary>
    public long StackBytes { get; private set; }

    /// <summary>Address sites in code, by the byte offset of their instruction.</summary>
    public IReadOnlyDictionary<int, AddressSite> CodeSites => _code;

    /// <summary>Address sites in data.</summary>
    public IReadOnlyList<AddressSite> DataSites => _data;

    /// <summary>The layout of <paramref name="instance"/>; null, and why not, when it must keep its addresses.</summary>
    /// <param name="instance">The module instance.</param>
    /// <param name="usesGlobal">Whether a global of it is used.</param>
    /// <param name="reason">Why it cannot be moved.</param>
    public static ModuleLayout? Read(ModuleInstance instance, Func<int, bool> usesGlobal, out string reason)
    {
        var layout = new ModuleLayout(instance);
        try
        {
            reason = layout.Read(usesGlobal) ?? "";
        }
        catch (DiagnosticException malformed)
        {
            reason = malformed.Diagnostic.Message;
        }

        return reason.Length == 0 ? layout : null;
    }

    private string? Read(Func<int, bool> usesGlobal)
    {
        var module = _instance.Module;
        if (LinkingSection.Read(module, _instance.Source.Path) is not { } linking)
        {
            return "it has no relocations";
        }

        return ReadSegments(linking) ?? ReadGlobals(linking, usesGlobal) ?? ReadRelocations(linking);
    }

    private string? ReadSegments(LinkingSection linking)
    {
        var segments = ImmutableArray.CreateBuilder<SegmentLayout>();
        for (var i = 0; i < _instance.Module.Data.Count; i++)
        {
            var segment = _instance.Module.Data[i];
            if (segment.Mode != SegmentMode.Active || !segment.Offset!.TryEvaluate(out var offset))
            {
                return "it has data segments without a constant address";
            }

            var alignment = i < linking.Segments.Length ? 1 << Math.Clamp(linking.Segments[i].AlignLog2, 0, 16) : 16;
            segments.Add(new SegmentLayout((uint)offset.Bits, segment.Bytes.Length, alignment, segment.Bytes.Span.IndexOfAnyExcept((byte)0) < 0));
        }

        Segments = segments.ToImmutable();
        return null;
    }

    private string? ReadGlobals(LinkingSection linking, Func<int, bool> usesGlobal)
    {
        var module = _instance.Module;
        var names = NameSection.Read(module).Names(Wasm.IndexSpace.Global);
        for (var i = 0; i < module.Globals.Count; i++)
        {
            var global = module.Globals[i];
            var name = linking.Symbols.FirstOrDefault(s => s.Kind == SymbolKind.Global && s.Index == i)?.Name
                ?? names.GetValueOrDefault(i) ?? module.Exports.Find(e => e.Kind == ExternKind.Global && e.Index == i)?.Name ?? "";
            if (!usesGlobal(i))
            {
                continue;
            }

            if (name != StackPointerName)
            {
                if (name.StartsWith("__", StringComparison.Ordinal))
                {
                    return $"its code reads '{name}', which only the linker knows";
                }

                continue;
            }

            if (global.Initial is not { } initial || !initial.TryEvaluate(out var value))
            {
                return "its stack pointer has no constant start";
            }

            StackPointer = i;
            if (StackSize((uint)value.Bits) is not { } bytes)
            {
                return "its stack is not in front of its data or behind it";
            }

            StackBytes = bytes;
        }

        return null;
    }

    /// <summary>The linker puts the stack in front of all data, or behind it and in front of the heap.</summary>
    private long? StackSize(long top)
    {
        var low = Segments.Length == 0 ? long.MaxValue : Segments.Min(s => s.Base);
        var end = Segments.Length == 0 ? 0 : Segments.Max(s => s.Base + s.Size);
        return top <= low ? top : (end + 15) / 16 * 16 <= top ? top - ((end + 15) / 16 * 16) : null;
    }

    private string? ReadRelocations(LinkingSection linking)
    {
        var pending = new SortedDictionary<int, (RelocationEntry Entry, AddressSite Site)>();
        foreach (var section in RelocationSection.Read(_instance.Module, _instance.Source.Path))
        {
            if (section.TargetId is not (SectionId.Code or SectionId.Data))
            {
                continue;
            }

            foreach (var entry in section.Entries)
            {
                if (Target(linking, entry, out var site) is { } reason)
                {
                    return reason;
                }

                if (site is not { } found)
                {
                    continue;
                }

                var at = section.TargetOffset + entry.Offset;
                if (section.TargetId == SectionId.Code)
                {
                    pending[at] = (entry, found);
                }
                else if (DataSite(entry, at, found) is { } stale)
                {
                    return stale;
                }
            }
        }

        return CodeSitesOf(pending);
    }

    /// <summary>What the relocation points to; no site when it is not an address.</summary>
    private string? Target(LinkingSection linking, RelocationEntry entry, out AddressSite? site)
    {
        site = null;
        switch (entry.Type)
        {
            case RelocationType.FunctionIndexLeb or RelocationType.TableIndexSleb or RelocationType.TableIndexI32 or RelocationType.TypeIndexLeb
                or RelocationType.GlobalIndexLeb or RelocationType.GlobalIndexI32 or RelocationType.TableNumberLeb or RelocationType.FunctionIndexI32
                or RelocationType.TagIndexLeb:
                return null;
            case RelocationType.MemoryAddrLeb or RelocationType.MemoryAddrSleb or RelocationType.MemoryAddrI32:
                break;
            default:
                return $"it has a relocation of type {entry.Type}";
        }

        if (entry.Index >= linking.Symbols.Length || linking.Symbols[entry.Index] is not { Kind: SymbolKind.Data } symbol)
        {
            return "a relocation names a symbol that is not there";
        }

        if (symbol.IsUndefined)
        {
            return (symbol.Flags & SymbolFlags.BindingWeak) != 0 ? null : $"the symbol '{symbol.Name}' is not defined";
        }

        if ((symbol.Flags & (SymbolFlags.Absolute | SymbolFlags.ThreadLocal)) != 0 || (uint)symbol.Index >= (uint)Segments.Length
            || symbol.Offset > (ulong)Segments[symbol.Index].Size)
        {
            return $"it uses the address of '{symbol.Name}', which is in none of its segments";
        }

        site = new AddressSite(0, -1, symbol.Index, unchecked((uint)(Segments[symbol.Index].Base + (long)symbol.Offset + entry.Addend)));
        return null;
    }

    private string? DataSite(RelocationEntry entry, int at, AddressSite site)
    {
        for (var i = 0; i < _instance.Module.Data.Count; i++)
        {
            var segment = _instance.Module.Data[i];
            var place = at - segment.FileOffset;
            if (place < 0 || place > segment.Bytes.Length - 4)
            {
                continue;
            }

            var held = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(segment.Bytes.Span[place..]);
            if (entry.Type != RelocationType.MemoryAddrI32 || held != (uint)site.Value)
            {
                return Stale(at);
            }

            _data.Add(site with { Place = place, In = i });
            return null;
        }

        return Stale(at);
    }

    /// <summary>Finds the instruction around each relocation and checks that it holds what the symbol says.</summary>
    private string? CodeSitesOf(SortedDictionary<int, (RelocationEntry Entry, AddressSite Site)> pending)
    {
        foreach (var function in _instance.Module.Functions)
        {
            if (function.Body is not { } body)
            {
                continue;
            }

            var reader = new InstructionReader(body.Code.Span, body.Offset, _instance.Source.Path);
            while (reader.TryRead(out var instruction))
            {
                for (var at = instruction.Offset + 1; at < reader.Offset; at++)
                {
                    if (!pending.Remove(at, out var found))
                    {
                        continue;
                    }

                    var fits = found.Entry.Type == RelocationType.MemoryAddrLeb ? instruction.Info.Immediate == ImmediateKind.MemArg
                        : found.Entry.Type == RelocationType.MemoryAddrSleb && instruction.Opcode == Opcode.I32Const;
                    if (!fits || instruction.Wide != (uint)found.Site.Value || !_code.TryAdd(instruction.Offset, found.Site with { Place = instruction.Offset }))
                    {
                        return Stale(at);
                    }
                }
            }
        }

        return pending.Count == 0 ? null : Stale(pending.Keys.First());
    }

    private static string Stale(int at) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the relocation at byte 0x{at:x} does not describe what is there");
}
