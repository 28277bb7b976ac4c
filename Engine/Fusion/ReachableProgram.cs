using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Adapters;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Handles;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Fusion;

/// <summary>
/// The entities of the fused module, found by following references from the world's exports and the start functions. What is not
/// reached does not exist: there is no dead code to remove afterwards, and nothing has an index before everything is known.
/// </summary>
internal sealed class ReachableProgram : IFusedEntities
{
    private readonly ComponentGraph _graph;
    private readonly TableContents _tables;
    private readonly CallGuards _guards;
    private readonly AdapterSelector _edges;
    private readonly ResourceBinder _resources;
    private readonly HandlePlan _handles;
    private readonly List<FunctionNode> _functions = [];
    private readonly Dictionary<FunctionNode, FunctionId> _functionIds = [];
    private readonly List<MemoryNode> _memories = [];
    private readonly Dictionary<MemoryNode, MemoryId> _memoryIds = [];
    private readonly HashSet<EntityNode> _entities = [];
    private readonly HashSet<SegmentNode> _segments = [];
    private readonly Dictionary<GeneratedNode, GeneratedFunction> _generated = [];
    private readonly Queue<FunctionId> _unscanned = [];
    private readonly List<Flag> _flags = [];

    private ReachableProgram(ComponentGraph graph, CallGuards guards, HostBoundary? border, HandlePlan handles)
    {
        (_graph, _guards, _handles) = (graph, guards, handles);
        _tables = new TableContents(graph);
        _resources = new ResourceBinder(this, handles);
        _edges = new AdapterSelector(this, border, _resources);
    }

    /// <summary>Functions in order of discovery.</summary>
    public IReadOnlyList<FunctionNode> Functions => _functions;

    /// <summary>Memories in order of discovery.</summary>
    public IReadOnlyList<MemoryNode> Memories => _memories;

    /// <summary>Tables and globals that are used.</summary>
    public IReadOnlySet<EntityNode> Entities => _entities;

    /// <summary>Segments that are used.</summary>
    public IReadOnlySet<SegmentNode> Segments => _segments;

    /// <summary>The instances of the program.</summary>
    public ComponentGraph Graph => _graph;

    /// <summary>Exports of the fused module: name and function.</summary>
    public List<(string Name, FunctionId Function, string Instance)> Exports { get; } = [];

    /// <summary>The host's edges that pass through memory.</summary>
    public IReadOnlyList<HostBoundaryUse> HostBoundaryUses => _edges.HostBoundaryUses;

    /// <summary>Whether what passes to and from the host has to be copied, and can be in an area of its own.</summary>
    public bool NeedsHostTransferBuffer => _edges.NeedsArea;

    /// <summary>Where the host passes data; null where it passes scalars only.</summary>
    public CanonicalContext? HostSide { get; private set; }

    /// <summary>Whether components have handles of resources.</summary>
    public bool UsesHandles => _resources.IsUsed;

    /// <summary>Whether the host's handle table is all that is needed.</summary>
    public bool FitsHostTable => _resources.FitsHostTable;

    /// <summary>The flags by number.</summary>
    public IReadOnlyList<Flag> Flags => _flags;

    /// <summary>The edges, for the provenance map.</summary>
    public IReadOnlyList<EdgeRecord> Edges => _edges.Records;

    /// <summary>Memories whose size code asks for, and those that it grows.</summary>
    public HashSet<MemoryId> Sized { get; } = [];

    /// <summary>Memories that code grows.</summary>
    public HashSet<MemoryId> Grown { get; } = [];

    /// <summary>
    /// Finds the entities of <paramref name="graph"/>. Without a <paramref name="border"/> the host's edges are taken as they are: that is
    /// how the border is found, and how <paramref name="handles"/> are.
    /// </summary>
    public static ReachableProgram Build(ComponentGraph graph, CallGuards guards, HostBoundary? border, HandlePlan handles)
    {
        var program = new ReachableProgram(graph, guards, border, handles);
        foreach (var instance in graph.Modules)
        {
            if (instance.Module.Start is { } start)
            {
                program.Function(instance, start.Index);
            }
        }

        foreach (var export in graph.Exports)
        {
            program._edges.Export(export);
        }

        foreach (var export in graph.CoreExports)
        {
            program.Reach(export.Item);
        }

        program.HostSide = program._edges.HostSide;
        do
        {
            program.Scan();
        }
        while (program._resources.ExportDestructors());

        return program;
    }

    private void Reach(CoreEntity entity)
    {
        switch (entity.Kind)
        {
            case ExternKind.Function:
                Function(entity);
                break;
            case ExternKind.Memory:
                Memory(entity);
                break;
            default:
                Entity(entity.Instance, entity.Kind, entity.Index);
                break;
        }
    }

    /// <summary>The function that index <paramref name="index"/> of <paramref name="instance"/> finally calls.</summary>
    public FunctionId Function(ModuleInstance instance, int index) => Function(new CoreEntity(instance, ExternKind.Function, index));

    /// <summary>The function that <paramref name="item"/> finally calls: imports followed, shims and forwarding edges dissolved.</summary>
    public FunctionId Function(CoreItem item)
    {
        CoreEntity? shim = null;
        for (var steps = 0; steps < 1000; steps++)
        {
            switch (CoreLinker.Resolve(item))
            {
                case LoweredFunction lowered:
                    return Checked(lowered, lowered.Owner, _edges.Bind(lowered));
                case HostCoreFunction host:
                    return Add(new HostNode(host.Module, host.Name, host.Type));
                case BuiltinFunction { Resource: not null } builtin:
                    return Checked(builtin, builtin.Owner, _resources.Builtin(builtin));
                case BuiltinFunction builtin:
                    throw new DiagnosticException(DiagnosticId.PULSE2010, Location.AtOffset(builtin.Owner.Path, builtin.Offset), builtin.Owner.Name, "canon " + builtin.Name);
                case CoreEntity { Kind: ExternKind.Function } entity when _tables.ShimTarget(entity) is { } target:
                    (shim, item) = (entity, target);
                    continue;
                case CoreEntity { Kind: ExternKind.Function } entity:
                    return Add(new CodeNode(entity.Instance, entity.Index));
                default:
                    throw new InvariantException("a checked core import is no function");
            }
        }

        throw new DiagnosticException(DiagnosticId.PULSE2010, Location.AtOffset(shim!.Instance.Source.Path, shim!.Instance.Source.Offset),
            shim!.Instance.Owner.Name, "a function that does nothing but call itself through a table");
    }

    /// <summary>The allocator or post-return function <paramref name="item"/> of <paramref name="owner"/>, which must not leave it.</summary>
    public FunctionId Callback(ComponentInstance owner, CoreItem item)
    {
        var function = Function(item);
        return !_guards.Leaving.IsClosed(owner, item) ? function : Generated($"stay {owner.Number} {function.Index}", () =>
        {
            var (flag, code) = (FlagOf(new Flag(owner, "stays")), new CodeBuilder(CoreLinker.TypeOf(CoreLinker.Resolve(item))!));
            code.SetFlag(flag, true).Forward(function).SetFlag(flag, false);
            return new GeneratedFunction($"stay:{owner.Name}", null, code.Type, code.Finish());
        });
    }

    /// <summary>The function that a call of <paramref name="item"/> by <paramref name="owner"/> calls, which traps while the owner must not be left.</summary>
    private FunctionId Checked(CoreItem item, ComponentInstance owner, FunctionId function) =>
        !_guards.Leaving.IsChecked(item) ? function : Generated($"leave {owner.Number} {function.Index}", () =>
        {
            var code = new CodeBuilder(CoreLinker.TypeOf(item)!);
            code.GetFlag(FlagOf(new Flag(owner, "stays"))).TrapIf().Forward(function);
            return new GeneratedFunction($"leave:{owner.Name}", null, code.Type, code.Finish());
        });

    /// <summary>
    /// The function that a call of <paramref name="function"/>, which belongs to <paramref name="callee"/>, calls: it notes which instances it
    /// enters, and traps when one was not left.
    /// </summary>
    public FunctionId Entered(ComponentInstance? caller, ComponentInstance callee, FunctionId function, Func<FuncType> signature)
    {
        var entered = _guards.Entering.Entered(caller, callee);
        return entered.Count == 0 ? function : Generated($"enter {caller?.Number} {callee.Number} {function.Index}", () =>
        {
            var code = new CodeBuilder(signature());
            var flags = entered.ConvertAll(instance => FlagOf(new Flag(instance, "entered")));
            flags.ForEach(flag => code.GetFlag(flag).TrapIf().SetFlag(flag, true));
            code.Forward(function);
            flags.ForEach(flag => code.SetFlag(flag, false));
            return new GeneratedFunction($"enter:{callee.Name}", null, code.Type, code.Finish());
        });
    }

    private FlagId FlagOf(Flag flag)
    {
        if (!_flags.Contains(flag))
        {
            _flags.Add(flag);
        }

        return new FlagId(_flags.IndexOf(flag));
    }

    /// <summary>The id of <paramref name="node"/>, found or made.</summary>
    public FunctionId Add(FunctionNode node)
    {
        if (!_functionIds.TryGetValue(node, out var id))
        {
            id = new FunctionId(_functions.Count);
            _functions.Add(node);
            _functionIds[node] = id;
            _unscanned.Enqueue(id);
        }

        return id;
    }

    /// <summary>The id of a generated function, made by <paramref name="make"/> when it is new.</summary>
    public FunctionId Generated(string key, Func<GeneratedFunction> make)
    {
        var node = new GeneratedNode(key);
        if (!_generated.ContainsKey(node))
        {
            _generated[node] = make();
        }

        return Add(node);
    }

    /// <summary>The generated function behind <paramref name="node"/>.</summary>
    public GeneratedFunction Generated(GeneratedNode node) => _generated[node];

    /// <summary>The memory that index <paramref name="index"/> of <paramref name="instance"/> finally is.</summary>
    public MemoryId Memory(ModuleInstance instance, int index)
    {
        var entity = (CoreEntity)CoreLinker.Resolve(instance, ExternKind.Memory, index);
        var node = new EntityNode(entity.Instance, ExternKind.Memory, entity.Index);
        if (_memoryIds.TryGetValue(new DefinedMemory(node), out var id))
        {
            return id;
        }

        var memory = node.Instance.Module.Memories[node.Index];
        if (memory.Limits.Is64 || memory.Limits.Shared || memory.PageSizeLog2 != 16)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2010, Location.AtOffset(node.Instance.Source.Path, node.Instance.Source.Offset),
                node.Instance.Owner.Name, memory.Limits.Is64 ? "a 64-bit memory" : memory.Limits.Shared ? "a memory shared between threads" : "a custom page size");
        }

        id = Add(new DefinedMemory(node));
        foreach (var owner in _graph.Modules)
        {
            for (var i = 0; i < owner.Module.Data.Count; i++)
            {
                if (owner.Module.Data[i].Mode == SegmentMode.Active && Is(owner, ExternKind.Memory, owner.Module.Data[i].Memory.Index, node))
                {
                    _segments.Add(new SegmentNode(owner, true, i));
                    Visit(owner, owner.Module.Data[i].Offset!.Code.Span);
                }
            }
        }

        return id;
    }

    /// <summary>The id of the memory <paramref name="memory"/>, which is used.</summary>
    public MemoryId Memory(CoreEntity memory) => Memory(memory.Instance, memory.Index);

    /// <summary>The memory of the handle table of <paramref name="owner"/>.</summary>
    public MemoryId HandleMemory(ComponentInstance owner)
    {
        var node = new HandleMemory(owner, _handles.Capacity);
        return _memoryIds.TryGetValue(node, out var id) ? id : Add(node);
    }

    /// <summary>The memory of the host's area.</summary>
    public MemoryId HostTransferMemory() => _memoryIds.TryGetValue(new HostTransferMemory(), out var id) ? id : Add(new HostTransferMemory());

    private MemoryId Add(MemoryNode node)
    {
        var id = new MemoryId(_memories.Count);
        _memories.Add(node);
        _memoryIds[node] = id;
        return id;
    }

    /// <summary>The table or global that index <paramref name="index"/> of <paramref name="instance"/> finally is.</summary>
    public EntityNode Entity(ModuleInstance instance, ExternKind kind, int index)
    {
        var entity = (CoreEntity)CoreLinker.Resolve(instance, kind, index);
        var node = new EntityNode(entity.Instance, kind, entity.Index);
        if (!_entities.Add(node))
        {
            return node;
        }

        if (kind == ExternKind.Global)
        {
            Visit(node.Instance, node.Instance.Module.Globals[node.Index].Initial!.Code.Span);
            return node;
        }

        if (node.Instance.Module.Tables[node.Index].Initial is { } initial)
        {
            Visit(node.Instance, initial.Code.Span);
        }

        foreach (var owner in _graph.Modules)
        {
            for (var i = 0; i < owner.Module.Elements.Count; i++)
            {
                if (owner.Module.Elements[i].Mode == SegmentMode.Active && Is(owner, ExternKind.Table, owner.Module.Elements[i].Table.Index, node))
                {
                    Segment(owner, false, i);
                }
            }
        }

        return node;
    }

    private static bool Is(ModuleInstance instance, ExternKind kind, int index, EntityNode node) =>
        CoreLinker.Resolve(instance, kind, index) is CoreEntity entity && new EntityNode(entity.Instance, kind, entity.Index) == node;

    private void Segment(ModuleInstance instance, bool isData, int index)
    {
        if (!_segments.Add(new SegmentNode(instance, isData, index)) || isData)
        {
            return;
        }

        var segment = instance.Module.Elements[index];
        foreach (var function in segment.Functions)
        {
            Function(instance, function.Index);
        }

        foreach (var expression in segment.Expressions)
        {
            Visit(instance, expression.Code.Span);
        }

        if (segment.Offset is { } offset)
        {
            Visit(instance, offset.Code.Span);
        }
    }

    private void Scan()
    {
        while (_unscanned.TryDequeue(out var id))
        {
            switch (_functions[id.Index])
            {
                case CodeNode code:
                    var body = code.Instance.Module.Functions[code.Index].Body!;
                    Visit(code.Instance, body.Code.Span);
                    FindSizes(code.Instance, body);
                    break;
                case GeneratedNode:
                case HostNode:
                    // Their references were made when they were: through Function, Generated and Memory.
                    break;
            }
        }
    }

    private void Visit(ModuleInstance instance, ReadOnlySpan<byte> code) => BodyRewriter.VisitIndices(code, (space, index) =>
    {
        switch (space)
        {
            case IndexSpace.Function:
                Function(instance, index);
                break;
            case IndexSpace.Table:
                Entity(instance, ExternKind.Table, index);
                break;
            case IndexSpace.Global:
                Entity(instance, ExternKind.Global, index);
                break;
            case IndexSpace.Memory:
                Memory(instance, index);
                break;
            case IndexSpace.Element:
                Segment(instance, false, index);
                break;
            case IndexSpace.Data:
                Segment(instance, true, index);
                break;
        }
    });

    private void FindSizes(ModuleInstance instance, FunctionBody body)
    {
        var reader = new InstructionReader(body.Code.Span, body.Offset, instance.Source.Path);
        while (reader.TryRead(out var instruction))
        {
            if (instruction.Opcode is Opcode.MemoryGrow or Opcode.MemorySize)
            {
                (instruction.Opcode == Opcode.MemoryGrow ? Grown : Sized).Add(Memory(instance, instruction.A));
            }
        }
    }
}
