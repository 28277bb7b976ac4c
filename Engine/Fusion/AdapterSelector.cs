using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Adapters;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Handles;
using Pulse.Build.Engine.Fusion.Composition;

namespace Pulse.Build.Engine.Fusion;

/// <summary>How an edge between two components, or with the host, came out.</summary>
/// <param name="From">The calling instance, or "host".</param>
/// <param name="To">The called instance, or "host".</param>
/// <param name="Function">The component function, as its core name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Kind">"direct": the call goes straight to the target; "wrap": an adapter that brings scalars into
/// their ranges; "copy": an adapter that passes data; "import" and "export": the host's.</param>
internal sealed record EdgeRecord(string From, string To, string Function, string Type, string Kind);

/// <summary>
/// Decides what becomes of each lowered function. An edge that only forwards does not exist: the call goes to the lifted core function.
/// Every other edge is one adapter. An edge to the host is an import of the fused module.
/// </summary>
internal sealed class AdapterSelector(ReachableProgram program, HostBoundary? border, ResourceBinder resources)
{
    private readonly AdapterRuntime _parts = new(program, resources, border is { Options: null } ? new HostTransferBuffer(program) : null);
    private readonly Dictionary<LoweredFunction, FunctionId> _bound = new(ReferenceEqualityComparer.Instance);
    private readonly List<HostBoundaryUse> _uses = [];
    private readonly Dictionary<(string Module, string Name), (string Type, string Instance)> _hostTypes = [];

    /// <summary>The edges in order of discovery.</summary>
    public List<EdgeRecord> Records { get; } = [];

    /// <summary>Every edge of the host that passes through memory, with the options that its component has.</summary>
    public IReadOnlyList<HostBoundaryUse> HostBoundaryUses => _uses;

    /// <summary>Whether the host's edges need an area of their own, and can have it: they belong to several memories, encodings or allocators.</summary>
    public bool NeedsArea { get; private set; }

    /// <summary>What the host uses: a memory, and its allocator where it allocates.</summary>
    public CanonicalContext? HostSide => border is null ? null : border.HostAllocates ? Bridge : Bridge with { Realloc = null };

    /// <summary>The host's side of an adapter, which may allocate where the host does not.</summary>
    private CanonicalContext Bridge => border!.Options is { } options
        ? new(program.Memory(options.Memory!), border.Encoding, options.Realloc is { } realloc ? program.Callback(border.Owner, realloc) : null)
        : new(_parts.Area!.Memory, border.Encoding, _parts.Area.Realloc());

    /// <summary>The function that a call of <paramref name="lowered"/> calls.</summary>
    public FunctionId Bind(LoweredFunction lowered)
    {
        if (_bound.TryGetValue(lowered, out var bound))
        {
            return bound;
        }

        Refuse(lowered.Owner, lowered.Target.Type, lowered.Options);
        CoreLinker.CheckRealloc(lowered.Owner, lowered.Options);
        return _bound[lowered] = lowered.Target switch
        {
            HostFunction host => Import(lowered, host),
            LiftedFunction lifted => program.Entered(lowered.Owner, lifted.Owner, Connect(lowered, lifted), () => CanonicalAbi.LowerSignature(lifted.Type)),
            _ => throw new Support.InvariantException("a function is lifted or the host's"),
        };
    }

    /// <summary>Makes <paramref name="export"/> an export of the fused module, as its lift has it: the host lifts and lowers.</summary>
    public void Export(WorldExport export)
    {
        if (export.Function is not LiftedFunction lifted)
        {
            Export(export, (HostFunction)export.Function);
            return;
        }

        Refuse(lifted.Owner, lifted.Type, lifted.Options);
        CoreLinker.CheckLift(lifted);
        Records.Add(new EdgeRecord("host", lifted.Owner.Name, export.Name, lifted.Type.Key, "export"));
        var allocates = CanonicalAbi.SpillsParameters(lifted.Type) || lifted.Type.Parameters.Any(p => p.Type!.HasPointers);
        var passes = allocates || CanonicalAbi.SpillsResult(lifted.Type);
        var function = program.Function(lifted.Core);
        FunctionId? post = lifted.Options.PostReturn is { } item ? program.Callback(lifted.Owner, item) : null;
        var crosses = passes && Crosses(lifted.Owner, lifted.Options, allocates, CanonicalAbi.SpillsResult(lifted.Type), export.Name);
        var handles = BorderHandles(lifted.Owner, lifted.Type, isImport: false);
        if (crosses || handles is { IsHost: false })
        {
            var target = SideOf(lifted.Owner, lifted.Options, passes, allocates, export.Name) with { Handles = handles, IsInPlace = !crosses };
            var host = (crosses ? Bridge : target) with { Handles = HandleOwner.Host };
            var edge = new AdapterEdge(export.Name, $"host -> {lifted.Owner.Name}", lifted.Type, function, crosses ? post : null, host, target, Adapters.HostSide.Caller);
            function = program.Generated($"export {export.Name}", () => AdapterBuilder.Build(edge, _parts));
            post = crosses ? null : post;
        }

        function = program.Entered(null, lifted.Owner, function, () => CanonicalAbi.LiftSignature(lifted.Type));
        program.Exports.Add((export.Name, function, export.Instance));
        if (post is { } after)
        {
            program.Exports.Add(("cabi_post_" + export.Name, after, export.Instance));
        }
    }

    /// <summary>A function of the host that a component exports as it is: between the host and itself there is nothing to do.</summary>
    private void Export(WorldExport export, HostFunction host)
    {
        var type = host.Type;
        if (CanonicalAbi.SpillsParameters(type) || CanonicalAbi.SpillsResult(type) || type.Parameters.Any(p => p.Type!.HasPointers))
        {
            throw new DiagnosticException(DiagnosticId.PULSE2010, Location.None, export.Instance,
                $"the export '{export.Name}', which is the host's import '{host.Module}#{host.Name}' and passes data through memory,");
        }

        RequireOneType(host, export.Instance, Location.None);
        Records.Add(new EdgeRecord("host", "host", export.Name, type.Key, "direct"));
        program.Exports.Add((export.Name, program.Add(new HostNode(host.Module, host.Name, CanonicalAbi.LowerSignature(type))), export.Instance));
    }

    private FunctionId Import(LoweredFunction lowered, HostFunction host)
    {
        var type = host.Type;
        RequireOneType(host, lowered.Owner.Name, new Location(lowered.Owner.Path));
        Records.Add(new EdgeRecord(lowered.Owner.Name, "host", $"{host.Module}#{host.Name}", type.Key, "import"));
        var import = program.Add(new HostNode(host.Module, host.Name, CanonicalAbi.LowerSignature(type)));
        var allocates = type.Result?.HasPointers == true;
        var passes = CanonicalAbi.SpillsParameters(type) || type.Parameters.Any(p => p.Type!.HasPointers);
        var name = $"{host.Module}#{host.Name}";
        passes |= CanonicalAbi.SpillsResult(type);
        var crosses = (allocates || passes) && Crosses(lowered.Owner, lowered.Options, allocates, passes, name);
        var handles = BorderHandles(lowered.Owner, type, isImport: true);
        if (handles is not null && !crosses && resources.HandlesInMemory(lowered.Owner, type) is { } parameter)
        {
            NeedsArea = !border!.IsShared ? true : throw new DiagnosticException(DiagnosticId.PULSE2010, new Location(lowered.Owner.Path), lowered.Owner.Name,
                $"passing handles in a shared memory to the host ({parameter}) beside other components with handles");
        }

        if (!crosses && handles is not { IsHost: false })
        {
            return import;
        }

        var caller = SideOf(lowered.Owner, lowered.Options, allocates || passes, allocates, name) with
        {
            Handles = handles,
            Lends = handles is { IsHost: false } && resources.MustCountLends(type, lowered.Owner),
            IsInPlace = !crosses,
        };
        var target = (crosses ? Bridge : caller) with { Handles = HandleOwner.Host };
        var edge = new AdapterEdge(name, $"{lowered.Owner.Name} -> host", type, import, null, caller, target, Adapters.HostSide.Callee);
        return program.Generated($"import {name} {caller}", () => AdapterBuilder.Build(edge, _parts));
    }

    /// <summary>The host provides a function once, with one type.</summary>
    private void RequireOneType(HostFunction host, string instance, Location location)
    {
        if (!_hostTypes.TryAdd((host.Module, host.Name), (host.Type.Key, instance)) && _hostTypes[(host.Module, host.Name)] is var (type, other) && type != host.Type.Key)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2015, location, other, instance, $"{host.Module}#{host.Name}", type, host.Type.Key);
        }
    }

    private FunctionId Connect(LoweredFunction lowered, LiftedFunction lifted)
    {
        Refuse(lifted.Owner, lifted.Type, lifted.Options);
        CoreLinker.CheckLift(lifted);
        var type = lifted.Type;
        var callee = program.Function(lifted.Core);
        var name = NameOf(lifted);
        var direct = AdapterBuilder.OnlyForwards(type, lifted.Options.PostReturn is not null);
        Records.Add(new EdgeRecord(lowered.Owner.Name, lifted.Owner.Name, name, type.Key, direct ? "direct" : KindOf(lifted)));
        if (direct)
        {
            return callee;
        }

        var spills = (Parameters: CanonicalAbi.SpillsParameters(type), Result: CanonicalAbi.SpillsResult(type));
        var pointers = (Parameters: type.Parameters.Any(p => p.Type!.HasPointers), Result: type.Result?.HasPointers == true);
        var caller = SideOf(lowered.Owner, lowered.Options, spills.Parameters || spills.Result || pointers.Parameters, pointers.Result, name);
        var target = SideOf(lifted.Owner, lifted.Options, spills.Parameters || spills.Result || pointers.Parameters, spills.Parameters || pointers.Parameters, name);
        if (type.Find(part => part.Kind is TypeKind.Own or TypeKind.Borrow) is not null)
        {
            resources.PassInside();
            caller = caller with { Handles = resources.OwnerOf(lowered.Owner), Lends = resources.MustCountLends(type, lowered.Owner) };
            target = target with { Handles = resources.OwnerOf(lifted.Owner) };
        }

        FunctionId? post = lifted.Options.PostReturn is { } item ? program.Callback(lifted.Owner, item) : null;
        var edge = new AdapterEdge(name, $"{lowered.Owner.Name} -> {lifted.Owner.Name}", type, callee, post, caller, target);
        return program.Generated($"adapter {callee.Index} {post?.Index} {type.Key} {caller} {target}", () => AdapterBuilder.Build(edge, _parts));
    }

    /// <summary>Whose handles <paramref name="owner"/> passes to or from the host; null when it passes none.</summary>
    private HandleOwner? BorderHandles(ComponentInstance owner, ComponentFuncType type, bool isImport)
    {
        if (type.Find(part => part.Kind is TypeKind.Own or TypeKind.Borrow) is null)
        {
            return null;
        }

        resources.RequireBorder(owner, type, isImport);
        return resources.OwnerOf(owner);
    }

    private CanonicalContext SideOf(ComponentInstance owner, ResolvedOptions options, bool needsMemory, bool needsRealloc, string function)
    {
        Require(owner, !needsMemory || options.Memory is not null, function, "memory");
        Require(owner, !needsRealloc || options.Realloc is not null, function, "realloc");
        return new CanonicalContext(
            needsMemory ? program.Memory(options.Memory!) : null,
            options.Encoding,
            needsRealloc ? program.Callback(owner, options.Realloc!) : null);
    }

    /// <summary>Whether an edge of the host needs an adapter: its component has another memory, encoding or allocator than the host uses.</summary>
    /// <param name="owner">The component.</param>
    /// <param name="options">Its options.</param>
    /// <param name="allocates">Whether the host allocates with the component's allocator.</param>
    /// <param name="bridgeAllocates">Whether the adapter would allocate in the host's memory.</param>
    /// <param name="function">The function, for diagnostics.</param>
    private bool Crosses(ComponentInstance owner, ResolvedOptions options, bool allocates, bool bridgeAllocates, string function)
    {
        var side = SideOf(owner, options, true, allocates, function);
        _uses.Add(new HostBoundaryUse(owner, options, allocates));
        if (border?.Options is not { } host)
        {
            return border is not null;
        }

        if (border.SameMemory(side.Memory!.Value, program.Memory(host.Memory!)) && side.Encoding == border.Encoding
            && (!allocates || side.Realloc == Bridge.Realloc))
        {
            return false;
        }

        if (!border.IsShared)
        {
            // The program is built once more, with an area in which what the adapter allocates does not stay.
            NeedsArea = true;
            return false;
        }

        return host.Realloc is not null || !bridgeAllocates
            ? true : throw new DiagnosticException(DiagnosticId.PULSE2013, new Location(owner.Path), border.Owner.Name, owner.Name);
    }

    private static void Require(ComponentInstance owner, bool holds, string function, string option)
    {
        if (!holds)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2003, new Location(owner.Path), $"the lift or lowering of '{function}' in '{owner.Name}' lacks the option '{option}'");
        }
    }

    private static void Refuse(ComponentInstance owner, ComponentFuncType type, ResolvedOptions options)
    {
        var what = options.IsAsync ? "an async lift or lowering (Component Model P3)"
            : options.Memory is { } memory && CoreLinker.Resolve(memory) is CoreEntity found && found.Instance.Module.Memories[found.Index].Limits.Is64 ? "a 64-bit memory"
            : type.Find(part => part.Kind is TypeKind.Stream or TypeKind.Future) is { } stream ? $"the {stream.Kind.Row().Name} {stream} (Component Model P3)"
            : null;
        if (what is not null)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2010, new Location(owner.Path), owner.Name, what);
        }
    }

    /// <summary>Whether an adapter only brings scalars into their ranges.</summary>
    private static string KindOf(LiftedFunction lifted)
    {
        var type = lifted.Type;
        return lifted.Options.PostReturn is null && !CanonicalAbi.SpillsParameters(type) && !CanonicalAbi.SpillsResult(type)
            && type.Parameters.All(p => ScalarRules.IsScalar(p.Type!)) && (type.Result is null || ScalarRules.IsScalar(type.Result)) ? "wrap" : "copy";
    }

    /// <summary>The name of the core export that is lifted, or of the component.</summary>
    private static string NameOf(LiftedFunction lifted) =>
        CoreLinker.Resolve(lifted.Core) is CoreEntity entity && entity.Instance.Module.Exports.Find(e => e.Kind == Wasm.ExternKind.Function && e.Index == entity.Index) is { } export
            ? export.Name : lifted.Owner.Name;
}
