using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Handles;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion;

/// <summary>
/// Lays out linear memory byte by byte: one stack at the bottom, so that overflowing it runs below address 0 and traps, then the data of
/// all modules, then their zeros. A module whose relocations do not hold keeps its addresses.
/// </summary>
internal sealed class MemoryPlanner
{
    private const long PageBytes = 65536;

    /// <summary>Data never lies at address 0, which is C's null pointer.</summary>
    private const long LowestAddress = 16;

    private readonly ReachableProgram _program;
    private readonly IReadOnlyDictionary<int, long> _stackSizes;
    private readonly ModuleLayout?[] _layouts;
    private readonly long[] _bases;
    private readonly string[] _reasons;
    private readonly Dictionary<ModuleInstance, MovedModule> _moved = [];
    private readonly Dictionary<EntityNode, StackPointer> _stackPointers = [];

    private MemoryPlanner(ReachableProgram program, IReadOnlyDictionary<int, long>? stackSizes = null)
    {
        _program = program;
        _stackSizes = stackSizes ?? new Dictionary<int, long>();
        _layouts = new ModuleLayout?[program.Memories.Count];
        _reasons = new string[program.Memories.Count];
        _bases = new long[program.Memories.Count];
        foreach (var i in Defined)
        {
            _layouts[i] = Layout(new MemoryId(i), out _reasons[i]);
        }
    }

    /// <summary>The memories of modules.</summary>
    private IEnumerable<int> Defined => Enumerable.Range(0, _layouts.Length).Where(i => _program.Memories[i] is DefinedMemory);

    /// <summary>The tables of handles.</summary>
    private IEnumerable<int> Tables => Enumerable.Range(0, _layouts.Length).Where(i => _program.Memories[i] is HandleMemory);

    /// <summary>The plan for <paramref name="program"/>; stacks have the bytes that <paramref name="stackSizes"/> says of their memory, else what modules reserved.</summary>
    public static MemoryPlan Plan(ReachableProgram program, bool shares, IReadOnlyDictionary<int, long>? stackSizes = null)
    {
        var planner = new MemoryPlanner(program, stackSizes);
        return shares ? planner.Shared() : planner.Multi();
    }

    /// <summary>Whether all memories of <paramref name="program"/> become one.</summary>
    public static bool Shares(ReachableProgram program, MemoryStrategy strategy) => new MemoryPlanner(program).Shares(strategy);

    private bool Shares(MemoryStrategy strategy) =>
        _layouts.Length > 1 && (strategy == MemoryStrategy.Shared || (strategy == MemoryStrategy.Auto && Defined.All(i => _layouts[i] is not null)));

    private MemoryPlan Multi()
    {
        var memories = _layouts.Select((layout, i) => layout is not null ? Packed([i], 0, i, [], []) : _program.Memories[i] switch
        {
            HandleMemory table => Table(table),
            HostTransferMemory => new PlannedMemory(PageBytes, 1, null, [new Region("host", "border", 0, PageBytes)], null),
            _ => Fixed(i),
        });
        return new MemoryPlan([.. memories], [.. Enumerable.Range(0, _layouts.Length)], [.. _bases], _moved, _stackPointers);
    }

    private MemoryPlan Shared()
    {
        var keepers = Defined.Where(i => _layouts[i] is null).ToList();
        foreach (var i in keepers)
        {
            var memory = new MemoryId(i);
            var owner = OwnerOf(i);
            if (_program.Grown.Contains(memory) || _program.Sized.Contains(memory))
            {
                throw new DiagnosticException(DiagnosticId.PULSE2011, new Location(owner.Path), owner.Name, _reasons[i]);
            }
        }

        if (keepers.Count > 1)
        {
            var second = OwnerOf(keepers[1]);
            throw new DiagnosticException(DiagnosticId.PULSE2012, new Location(second.Path), second.Name, _reasons[keepers[1]]);
        }

        var regions = new List<Region>();
        StackRange? keptStack = null;
        long start = 0;
        if (keepers is [var keeper])
        {
            var kept = Fixed(keeper);
            regions.AddRange(kept.Regions);
            keptStack = kept.KeptStack;
            start = kept.Bytes;
        }

        var movers = Defined.Where(i => _layouts[i] is not null).ToList();
        return new MemoryPlan([Packed(movers, start, 0, regions, Tables) with { KeptStack = keptStack }], [.. _layouts.Select(_ => 0)], [.. _bases], _moved, _stackPointers);
    }

    /// <summary>The memories in <paramref name="members"/>, packed into one from <paramref name="start"/> on, and handle tables behind them.</summary>
    private PlannedMemory Packed(List<int> members, long start, int group, List<Region> regions, IEnumerable<int> tables)
    {
        var address = PlaceStack(members.Where(i => _layouts[i]!.StackBytes > 0).ToList(), start, group, regions);
        var stack = new StackRange(start, address);
        var bases = members.ToDictionary(i => i, i => new long[_layouts[i]!.Segments.Length]);
        address = Math.Max(address, start + LowestAddress);
        foreach (var zero in new[] { false, true })
        {
            foreach (var i in members)
            {
                address = Place(i, zero, address, bases[i], regions);
            }
        }

        foreach (var i in tables)
        {
            var table = (HandleMemory)_program.Memories[i];
            _bases[i] = address = Align(address, HandleTable.HandleBytes);
            regions.Add(new Region(table.Owner.Name, "handles", address, BytesOf(table)));
            address += BytesOf(table);
        }

        foreach (var i in members)
        {
            var instance = ((DefinedMemory)_program.Memories[i]).Instance;
            _moved[instance] = new MovedModule(_layouts[i]!, [.. bases[i]]);
            if (_layouts[i]!.StackPointer >= 0)
            {
                _stackPointers[new EntityNode(instance, ExternKind.Global, _layouts[i]!.StackPointer)] = new StackPointer(group, stack.High);
            }
        }

        var bytes = Align(address, 8);
        var pages = (ulong)((bytes + PageBytes - 1) / PageBytes);
        return new PlannedMemory(bytes, pages, pages, [.. regions], stack.High > stack.Low ? stack : null);
    }

    /// <summary>One stack; where nobody measured it, it is as large as all that modules reserved.</summary>
    private long PlaceStack(List<int> users, long address, int group, List<Region> regions)
    {
        if (_stackSizes.TryGetValue(group, out var bytes))
        {
            var size = Align(bytes, 16);
            regions.Add(new Region(string.Join(", ", users.Select(NameOf).Distinct(StringComparer.Ordinal)), "stack", address, size));
            return address + size;
        }

        foreach (var i in users)
        {
            var size = Align(_layouts[i]!.StackBytes, 16);
            regions.Add(new Region(NameOf(i), "stack", address, size));
            address += size;
        }

        return address;
    }

    private long Place(int memory, bool zero, long address, long[] bases, List<Region> regions)
    {
        var segments = _layouts[memory]!.Segments;
        var first = -1L;
        for (var s = 0; s < segments.Length; s++)
        {
            if (segments[s].IsZero != zero || segments[s].Size == 0)
            {
                // An empty segment holds nothing, but addresses may point to its end.
                bases[s] = segments[s].Size == 0 ? address : bases[s];
                continue;
            }

            address = Align(address, segments[s].Alignment);
            first = first < 0 ? address : first;
            bases[s] = address;
            address += segments[s].Size;
        }

        if (first >= 0)
        {
            regions.Add(new Region(NameOf(memory), zero ? "bss" : "data", first, address - first));
        }

        return address;
    }

    private static long BytesOf(HandleMemory table) => HandleTable.HeaderBytes + (long)HandleTable.HandleBytes * table.Capacity;

    /// <summary>A memory that is a handle table. One that grows starts with a page, and ends where indices have 28 bits.</summary>
    private static PlannedMemory Table(HandleMemory table)
    {
        var bytes = table.Capacity > 0 ? BytesOf(table) : PageBytes;
        var pages = (ulong)((bytes + PageBytes - 1) / PageBytes);
        var most = table.Capacity > 0 ? pages : (1UL << 28) * HandleTable.HandleBytes / PageBytes;
        return new PlannedMemory(bytes, pages, most, [new Region(table.Owner.Name, "handles", 0, bytes)], null);
    }

    private PlannedMemory Fixed(int memory)
    {
        var limits = ((DefinedMemory)_program.Memories[memory]).Limits;
        var bytes = (long)limits.Minimum * PageBytes;
        var maximum = _program.Grown.Contains(new MemoryId(memory)) ? limits.Maximum : limits.Minimum;
        return new PlannedMemory(bytes, limits.Minimum, maximum, [new Region(NameOf(memory), "module", 0, bytes)], null)
        {
            KeptStack = StackRegion.Of(((DefinedMemory)_program.Memories[memory]).Instance.Module, ((DefinedMemory)_program.Memories[memory]).Instance.Source.Path),
        };
    }

    /// <summary>The layout of the one module that uses <paramref name="memory"/>.</summary>
    private ModuleLayout? Layout(MemoryId memory, out string reason)
    {
        var node = ((DefinedMemory)_program.Memories[memory.Index]).Entity;
        if (_program.Grown.Contains(memory) || _program.Sized.Contains(memory))
        {
            reason = _program.Grown.Contains(memory) ? "it grows its memory" : "it asks for the size of its memory";
            return null;
        }

        var others = _program.Graph.Modules.Any(m => m != node.Instance && m.Module.Memories.Count > 0
            && Enumerable.Range(0, m.Module.Memories.Count).Any(i => CoreLinker.Resolve(m, ExternKind.Memory, i) is CoreEntity found
                && found.Instance == node.Instance && found.Index == node.Index));
        if (others || node.Instance.Module.Memories.Count != 1)
        {
            reason = "several core modules use its memory";
            return null;
        }

        return ModuleLayout.Read(node.Instance, i => _program.Entities.Contains(new EntityNode(node.Instance, ExternKind.Global, i)), out reason);
    }

    private ComponentInstance OwnerOf(int memory) => ((DefinedMemory)_program.Memories[memory]).Instance.Owner;

    private string NameOf(int memory) => OwnerOf(memory).Name;

    private static long Align(long address, long alignment) => (address + alignment - 1) / alignment * alignment;
}
