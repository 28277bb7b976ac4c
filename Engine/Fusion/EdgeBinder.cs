using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Adapters;

namespace Pulse.Build.Engine.Fusion;

/// <summary>How an edge between two components, or with the host, came out.</summary>
/// <param name="From">The calling instance, or "host".</param>
/// <param name="To">The called instance, or "host".</param>
/// <param name="Function">The component function, as its core name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Kind">"direct": the call goes straight to the target; "copy": an adapter; "import" and "export": the host's.</param>
internal sealed record EdgeRecord(string From, string To, string Function, string Type, string Kind);

/// <summary>
/// Decides what becomes of each lowered function. An edge that only forwards does not exist: the call goes to the lifted core function.
/// Every other edge is one adapter. An edge to the host is an import of the fused module.
/// </summary>
internal sealed class EdgeBinder(FusedProgram program)
{
    private readonly SharedParts _parts = new(program);
    private readonly Dictionary<LoweredFunction, FunctionId> _bound = new(ReferenceEqualityComparer.Instance);
    private readonly List<(Border Border, bool NeedsRealloc)> _borders = [];

    /// <summary>The edges in order of discovery.</summary>
    public List<EdgeRecord> Records { get; } = [];

    /// <summary>Every edge of the host that passes through memory.</summary>
    public IReadOnlyList<(Border Border, bool NeedsRealloc)> Borders => _borders;

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
            LiftedFunction lifted => Connect(lowered, lifted),
            _ => throw new Support.InvariantException("a function is lifted or the host's"),
        };
    }

    /// <summary>Makes <paramref name="export"/> an export of the fused module, as its lift has it: the host lifts and lowers.</summary>
    public void Export(WorldExport export)
    {
        if (export.Function is not LiftedFunction lifted)
        {
            var host = (HostFunction)export.Function;
            throw new DiagnosticException(DiagnosticId.PULSE2010, Location.None, export.Instance, $"the export '{export.Name}', which is the host's import '{host.Module}#{host.Name}'");
        }

        Refuse(lifted.Owner, lifted.Type, lifted.Options);
        CoreLinker.CheckLift(lifted);
        program.Exports.Add((export.Name, program.Function(lifted.Core), export.Instance));
        if (lifted.Options.PostReturn is { } post)
        {
            program.Exports.Add(("cabi_post_" + export.Name, program.Function(post), export.Instance));
        }

        Records.Add(new EdgeRecord("host", lifted.Owner.Name, export.Name, lifted.Type.Key, "export"));
        var allocates = CanonicalAbi.SpillsParameters(lifted.Type) || lifted.Type.Parameters.Any(p => p.Type!.HasPointers);
        if (allocates || CanonicalAbi.SpillsResult(lifted.Type))
        {
            AddBorder(lifted.Owner, lifted.Options, allocates, export.Name);
        }
    }

    private FunctionId Import(LoweredFunction lowered, HostFunction host)
    {
        var type = host.Type;
        Records.Add(new EdgeRecord(lowered.Owner.Name, "host", $"{host.Module}#{host.Name}", type.Key, "import"));
        var allocates = type.Result?.HasPointers == true;
        if (allocates || CanonicalAbi.SpillsParameters(type) || CanonicalAbi.SpillsResult(type) || type.Parameters.Any(p => p.Type!.HasPointers))
        {
            AddBorder(lowered.Owner, lowered.Options, allocates, $"{host.Module}#{host.Name}");
        }

        return program.Add(new HostNode(host.Module, host.Name, CanonicalAbi.LowerSignature(type)));
    }

    private FunctionId Connect(LoweredFunction lowered, LiftedFunction lifted)
    {
        Refuse(lifted.Owner, lifted.Type, lifted.Options);
        CoreLinker.CheckLift(lifted);
        var type = lifted.Type;
        var callee = program.Function(lifted.Core);
        var name = NameOf(lifted);
        var direct = AdapterBuilder.OnlyForwards(type, lifted.Options.PostReturn is not null);
        Records.Add(new EdgeRecord(lowered.Owner.Name, lifted.Owner.Name, name, type.Key, direct ? "direct" : "copy"));
        if (direct)
        {
            return callee;
        }

        if (type.Find(part => part.Kind == TypeKind.String) is not null
            && (lowered.Options.Encoding == StringEncoding.Latin1Utf16 || lifted.Options.Encoding == StringEncoding.Latin1Utf16))
        {
            throw new DiagnosticException(DiagnosticId.PULSE2010, new Location(lifted.Owner.Path), lifted.Owner.Name, "the string encoding latin1+utf16 between components");
        }

        var spills = (Parameters: CanonicalAbi.SpillsParameters(type), Result: CanonicalAbi.SpillsResult(type));
        var pointers = (Parameters: type.Parameters.Any(p => p.Type!.HasPointers), Result: type.Result?.HasPointers == true);
        var caller = SideOf(lowered.Owner, lowered.Options, spills.Parameters || spills.Result || pointers.Parameters, pointers.Result, name);
        var target = SideOf(lifted.Owner, lifted.Options, spills.Parameters || spills.Result || pointers.Parameters, spills.Parameters || pointers.Parameters, name);
        FunctionId? post = lifted.Options.PostReturn is { } item ? program.Function(item) : null;
        var edge = new AdapterEdge(name, $"{lowered.Owner.Name} -> {lifted.Owner.Name}", type, callee, post, caller, target);
        return program.Generated($"adapter {callee.Index} {post?.Index} {type.Key} {caller} {target}", () => AdapterBuilder.Build(edge, _parts));
    }

    private Side SideOf(ComponentInstance owner, ResolvedOptions options, bool needsMemory, bool needsRealloc, string function)
    {
        Require(owner, !needsMemory || options.Memory is not null, function, "memory");
        Require(owner, !needsRealloc || options.Realloc is not null, function, "realloc");
        return new Side(
            needsMemory ? program.Memory(options.Memory!) : null,
            options.Encoding,
            needsRealloc ? program.Function(options.Realloc!) : null);
    }

    private void AddBorder(ComponentInstance owner, ResolvedOptions options, bool needsRealloc, string function)
    {
        var side = SideOf(owner, options, true, needsRealloc, function);
        _borders.Add((new Border(side.Memory!.Value, side.Encoding, side.Realloc, owner.Name), needsRealloc));
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
            : type.Find(part => part.Kind is TypeKind.Own or TypeKind.Borrow) is { } handle ? $"the resource handle {handle}"
            : type.Find(part => part.Kind is TypeKind.Stream or TypeKind.Future) is { } stream ? $"the {stream.Kind.Row().Name} {stream} (Component Model P3)"
            : null;
        if (what is not null)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2010, new Location(owner.Path), owner.Name, what);
        }
    }

    /// <summary>The name of the core export that is lifted, or of the component.</summary>
    private static string NameOf(LiftedFunction lifted) =>
        CoreLinker.Resolve(lifted.Core) is CoreEntity entity && entity.Instance.Module.Exports.Find(e => e.Kind == Wasm.ExternKind.Function && e.Index == entity.Index) is { } export
            ? export.Name : lifted.Owner.Name;
}
