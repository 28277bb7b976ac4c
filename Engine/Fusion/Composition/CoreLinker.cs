using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>
/// Follows core imports to what finally satisfies them, and checks that each has the type its importer declares: core types are the
/// one thing that symbolic instantiation takes on trust.
/// </summary>
internal static class CoreLinker
{
    private static readonly FuncType ReallocType = FuncType.Of([ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.I32]);

    /// <summary>The type of <c>resource.new</c> and <c>resource.rep</c>.</summary>
    public static FuncType RepType { get; } = FuncType.Of([ValType.I32], [ValType.I32]);

    /// <summary>The type of <c>resource.drop</c> and of destructors.</summary>
    public static FuncType DropType { get; } = FuncType.Of([ValType.I32], []);

    /// <summary>What <paramref name="item"/> is: an entity that its instance defines, a lowered function or a built-in.</summary>
    public static CoreItem Resolve(CoreItem item)
    {
        while (item is CoreEntity entity && ImportOf(entity) is { } import)
        {
            item = entity.Instance.Arguments[import.Module].Find(import.Name)!;
        }

        return item;
    }

    /// <summary>What entity <paramref name="index"/> of <paramref name="instance"/> is.</summary>
    public static CoreItem Resolve(ModuleInstance instance, ExternKind kind, int index) => Resolve(new CoreEntity(instance, kind, index));

    /// <summary>The signature of the function <paramref name="item"/>, which is resolved; null for a built-in and for what is no function.</summary>
    public static FuncType? TypeOf(CoreItem item) => item switch
    {
        CoreEntity { Kind: ExternKind.Function } entity => entity.Instance.Module.TypeOf(new FuncIndex(entity.Index)),
        LoweredFunction lowered when !lowered.Options.IsAsync => CanonicalAbi.LowerSignature(lowered.Target.Type),
        HostCoreFunction host => host.Type,
        BuiltinFunction { Resource: not null } builtin => builtin.Name == "resource.drop" ? DropType : RepType,
        _ => null,
    };

    /// <summary>Checks every import of every module instance.</summary>
    public static void CheckImports(ComponentGraph graph)
    {
        foreach (var instance in graph.Modules)
        {
            CheckSpace(instance, ExternKind.Function, instance.Module.Functions.Count, i => instance.Module.Functions[i].Import);
            CheckSpace(instance, ExternKind.Table, instance.Module.Tables.Count, i => instance.Module.Tables[i].Import);
            CheckSpace(instance, ExternKind.Memory, instance.Module.Memories.Count, i => instance.Module.Memories[i].Import);
            CheckSpace(instance, ExternKind.Global, instance.Module.Globals.Count, i => instance.Module.Globals[i].Import);
        }
    }

    /// <summary>Checks the core signatures of a lift: its function, its allocator, its post-return function.</summary>
    public static void CheckLift(LiftedFunction lifted)
    {
        var signature = CanonicalAbi.LiftSignature(lifted.Type);
        Check(lifted.Owner, lifted.Core, signature, "the lifted function");
        Check(lifted.Owner, lifted.Options.PostReturn, FuncType.Of(signature.Results, []), "the post-return function");
        CheckRealloc(lifted.Owner, lifted.Options);
    }

    /// <summary>Checks the core signature of an allocator.</summary>
    public static void CheckRealloc(ComponentInstance owner, ResolvedOptions options) => Check(owner, options.Realloc, ReallocType, "the allocator");

    /// <summary>Checks the core signature of a resource's destructor.</summary>
    public static void CheckDestructor(ResourceItem resource) => Check(resource.Owner!, resource.Destructor, DropType, "the destructor");

    private static void Check(ComponentInstance owner, CoreItem? item, FuncType expected, string what)
    {
        if (item is not null && TypeOf(Resolve(item)) is { } type && !type.Equals(expected))
        {
            throw new DiagnosticException(DiagnosticId.PULSE2003, new Location(owner.Path), $"{what} of '{owner.Name}' has type {type} where {expected} is needed");
        }
    }

    private static void CheckSpace(ModuleInstance instance, ExternKind kind, int count, Func<int, Import?> importOf)
    {
        for (var i = 0; i < count && importOf(i) is { } import; i++)
        {
            if (!Fits(instance, kind, i, Resolve(instance, kind, i)))
            {
                throw new DiagnosticException(DiagnosticId.PULSE2003, Location.AtOffset(instance.Source.Path, instance.Source.Offset),
                    $"what satisfies the core import '{import.Module}' '{import.Name}' is of another type");
            }
        }
    }

    private static bool Fits(ModuleInstance instance, ExternKind kind, int index, CoreItem given)
    {
        if (given is not CoreEntity entity)
        {
            return kind == ExternKind.Function && (TypeOf(given)?.Equals(instance.Module.TypeOf(new FuncIndex(index))) ?? true);
        }

        var (wants, has) = (instance.Module, entity.Instance.Module);
        return entity.Kind == kind && kind switch
        {
            ExternKind.Function => wants.TypeOf(new FuncIndex(index)).Equals(has.TypeOf(new FuncIndex(entity.Index))),
            ExternKind.Table => wants.Tables[index].ElementType == has.Tables[entity.Index].ElementType && Within(has.Tables[entity.Index].Limits, wants.Tables[index].Limits),
            ExternKind.Memory => Within(has.Memories[entity.Index].Limits, wants.Memories[index].Limits),
            _ => (wants.Globals[index].Type, wants.Globals[index].IsMutable) == (has.Globals[entity.Index].Type, has.Globals[entity.Index].IsMutable),
        };
    }

    private static bool Within(Limits given, Limits wanted) =>
        given.Is64 == wanted.Is64 && given.Minimum >= wanted.Minimum && (wanted.Maximum is not { } most || given.Maximum <= most);

    private static Import? ImportOf(CoreEntity entity) => entity.Kind switch
    {
        ExternKind.Function => At(entity.Instance.Module.Functions, entity.Index)?.Import,
        ExternKind.Table => At(entity.Instance.Module.Tables, entity.Index)?.Import,
        ExternKind.Memory => At(entity.Instance.Module.Memories, entity.Index)?.Import,
        _ => At(entity.Instance.Module.Globals, entity.Index)?.Import,
    };

    private static T? At<T>(List<T> space, int index) where T : class => index < space.Count ? space[index] : null;
}
