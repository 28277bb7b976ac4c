using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Handles;

/// <summary>
/// Makes resources part of the fused module: what becomes of the built-ins, and of a handle that passes from one owner to another.
/// Between components no host is asked: a handle leaves one table as the representation and enters the other. Where one component has
/// handles and passes them to the host alone, the host's table is that component's, and there is no other.
/// </summary>
/// <remarks>CanonicalABI.md <c>lift_own</c>, <c>lift_borrow</c>, <c>lower_own</c>, <c>lower_borrow</c>, #canon-resourcenew and following</remarks>
internal sealed class ResourceBinder(IFusedEntities entities, HandlePlan plan)
{
    private readonly SortedDictionary<int, ComponentInstance> _holders = [];
    private readonly Dictionary<int, HandleTable> _tables = [];
    private readonly HashSet<int> _given = [];
    private readonly HashSet<int> _exported = [];
    private bool _passesInside;

    private ComponentGraph Graph => entities.Graph;

    /// <summary>Whether any handle exists.</summary>
    public bool IsUsed => _holders.Count > 0;

    /// <summary>Whether one instance has handles and passes them to and from the host alone, which knows all their resources.</summary>
    public bool FitsHostTable => _holders.Count == 1 && !_passesInside && Graph.Resources.All(
        r => r.Owner is null || r.Owner.Number != _holders.Keys.First() || Graph.WorldResources.Any(w => w.Resource == r));

    /// <summary>Whose the handles of <paramref name="instance"/> are, which has some.</summary>
    public HandleOwner OwnerOf(ComponentInstance instance)
    {
        _holders[instance.Number] = instance;
        return plan.UsesHostTable ? HandleOwner.Host : new HandleOwner(instance.Number);
    }

    /// <summary>Handles pass from one component to another.</summary>
    public void PassInside() => _passesInside = true;

    /// <summary>The function that a call of the built-in <paramref name="builtin"/> calls.</summary>
    public FunctionId Builtin(BuiltinFunction builtin)
    {
        var resource = builtin.Resource!;
        var number = resource.Type.Number;
        if (OwnerOf(builtin.Owner).IsHost)
        {
            return HostBuiltin(resource, builtin.Name);
        }

        var table = Table(builtin.Owner.Number);
        return builtin.Name switch
        {
            "resource.new" => Bound($"new-handle-{number}:{builtin.Owner.Name}", table.Add(), HandleTable.WordOf(number, true)),
            "resource.rep" => Bound($"representation-{number}:{builtin.Owner.Name}", table.Look(), HandleTable.WordOf(number, false)),
            _ => table.Drop(number, DropTarget(resource), resource.Owner is null ? HostBuiltin(resource, builtin.Name) : null),
        };
    }

    /// <summary>Turns the handle on the stack, of type <paramref name="type"/>, from an index of one owner into one of the other.</summary>
    public void Cross(CodeBuilder code, ComponentType type, CanonicalContext source, CanonicalContext target)
    {
        var (from, to) = (source.Handles!, target.Handles!);
        if (from.IsHost && to.IsHost)
        {
            return;
        }

        var resource = Graph.Resources[type.Resource!.Number];
        if (type.Kind == TypeKind.Own)
        {
            Lift(code, resource, from);
            Lower(code, resource, to);
            return;
        }

        if (!from.IsHost)
        {
            var table = Table(from.Instance);
            code.I32(HandleTable.WordOf(resource.Type.Number, false)).Call(source.Lends ? table.Lend() : table.Look());
        }

        if (!to.IsHost && resource.Owner?.Number != to.Instance)
        {
            var wanted = from.IsHost && resource.Owner is null ? HandleTable.FromHost : 0;
            code.I32(HandleTable.WordOf(resource.Type.Number, false) | wanted).Call(Table(to.Instance).AddBorrow());
        }
    }

    /// <summary>The table that counts the borrows which a call of <paramref name="type"/> gives <paramref name="target"/>; null when it gives none.</summary>
    public HandleTable? BorrowTable(ComponentFuncType type, HandleOwner? target) =>
        target is { IsHost: false } && type.Parameters.Any(p => p.Type!.Any(
            part => part.Kind == TypeKind.Borrow && Graph.Resources[part.Resource!.Number].Owner?.Number != target.Instance)) ? Table(target.Instance) : null;

    /// <summary>The table of instance number <paramref name="instance"/>.</summary>
    public HandleTable Table(int instance)
    {
        if (!_tables.TryGetValue(instance, out var table))
        {
            _tables[instance] = table = new HandleTable(entities, plan, _holders[instance]);
        }

        return table;
    }

    /// <summary>
    /// Whether a call must count what it lends: <paramref name="caller"/>'s handles could be taken away while it runs, by the call itself
    /// or because code of a component inside the caller can call back.
    /// </summary>
    public bool MustCountLends(ComponentFuncType type, ComponentInstance caller)
    {
        var borrows = type.Parameters.Any(p => p.Type!.Any(part => part.Kind == TypeKind.Borrow));
        return borrows && (type.Parameters.Any(p => p.Type!.Any(part => part.Kind == TypeKind.Own)) || Graph.Modules.Any(m => m.Owner.IsWithin(caller)));
    }

    /// <summary>Refuses handles in <paramref name="type"/> that cannot pass to or from the host.</summary>
    public void RequireBorder(ComponentInstance owner, ComponentFuncType type, bool isImport)
    {
        void Refuse(string what) => throw new DiagnosticException(DiagnosticId.PULSE2010, new Location(owner.Path), owner.Name, what);
        foreach (var resource in Graph.Resources.Where(r => r.Owner is not null && type.Find(part => part.Resource == r.Type) is not null))
        {
            if (!Graph.WorldResources.Any(w => w.Resource == resource))
            {
                Refuse($"the resource '{resource.Type.Name}', which passes to the host but which the world does not export,");
            }

            if (isImport && type.Find(part => part.Kind == TypeKind.Borrow && part.Resource == resource.Type) is { } borrow)
            {
                Refuse($"passing {borrow}, which a component defines, to the host");
            }
        }
    }

    /// <summary>
    /// The parameter whose handles the host finds in memory, which the component may not expect to change; null when there is none, or
    /// when all are the host's anyway. That is taken for granted until it is known.
    /// </summary>
    public ComponentType? HandlesInMemory(ComponentInstance owner, ComponentFuncType type) =>
        ReferenceEquals(plan, HandlePlan.Unknown) || OwnerOf(owner).IsHost ? null
            : type.Parameters.FirstOrDefault(p => p.Type!.HasHandles && (p.Type.HasPointers || CanonicalAbi.SpillsParameters(type))).Type;

    /// <summary>Exports the destructors of resources that the host has handles of; whether there is a new one.</summary>
    public bool ExportDestructors()
    {
        var before = entities.Exports.Count;
        foreach (var (module, name, resource) in Graph.WorldResources)
        {
            if (resource.Destructor is not null && _given.Contains(resource.Type.Number) && _exported.Add(resource.Type.Number))
            {
                var export = module == ExternMatcher.Root ? $"[dtor]{name}" : $"{module}#[dtor]{name}";
                entities.Exports.Add((export, plan.UsesHostTable ? DropTarget(resource)!.Value : HostDestructor(export, resource), resource.Owner!.Name));
            }
        }

        return entities.Exports.Count > before;
    }

    private void Lift(CodeBuilder code, ResourceItem resource, HandleOwner from)
    {
        if (!from.IsHost)
        {
            code.I32(HandleTable.WordOf(resource.Type.Number, true)).Call(Table(from.Instance).Take());
        }
        else if (resource.Owner is not null)
        {
            code.Call(TakeFromHost(resource));
        }
    }

    private void Lower(CodeBuilder code, ResourceItem resource, HandleOwner to)
    {
        if (!to.IsHost)
        {
            code.I32(HandleTable.WordOf(resource.Type.Number, true)).Call(Table(to.Instance).Add());
        }
        else if (resource.Owner is not null)
        {
            code.Call(HostBuiltin(resource, "resource.new"));
        }
    }

    /// <summary>The host's table has no way to give up a handle but to drop it, which calls the destructor: that is held back.</summary>
    private FunctionId TakeFromHost(ResourceItem resource) => entities.Generated($"take from host {resource.Type.Number}", () =>
    {
        var code = new CodeBuilder(CoreLinker.RepType);
        code.Get(0).Call(HostBuiltin(resource, "resource.rep"));
        void Drop() => code.Get(0).Call(HostBuiltin(resource, "resource.drop"));
        if (resource.Destructor is null)
        {
            Drop();
        }
        else
        {
            OwnerOf(resource.Owner!);
            Table(resource.Owner!.Number).HoldDestructors(code, Drop);
        }

        return new GeneratedFunction($"take-from-host:{resource.Type.Name}", null, code.Type, code.Finish());
    });

    private FunctionId HostDestructor(string export, ResourceItem resource) => entities.Generated($"destructor {resource.Type.Number}", () =>
    {
        var code = new CodeBuilder(CoreLinker.DropType);
        OwnerOf(resource.Owner!);
        Table(resource.Owner!.Number).AreDestructorsHeld(code);
        code.Op(Opcode.I32Eqz).If(() => code.Get(0).Call(DropTarget(resource)!.Value));
        return new GeneratedFunction(export, $"host -> {resource.Owner!.Name}", code.Type, code.Finish());
    });

    /// <summary>What is called with the representation of a resource whose owning handle goes.</summary>
    private FunctionId? DropTarget(ResourceItem resource)
    {
        if (resource.Owner is null)
        {
            return HostBuiltin(resource, "resource.drop");
        }

        CoreLinker.CheckDestructor(resource);
        return resource.Destructor is { } destructor ? entities.Function(destructor) : null;
    }

    /// <summary>The import by which the host does what <paramref name="builtin"/> says, under the name that tools give it.</summary>
    private FunctionId HostBuiltin(ResourceItem resource, string builtin)
    {
        var (module, name) = resource.Owner is null ? (resource.HostModule, resource.Type.Name) : WorldName(resource);
        if (builtin == "resource.new")
        {
            _given.Add(resource.Type.Number);
        }

        return entities.Add(new HostNode(module, $"[{builtin.Replace('.', '-')}]{name}", builtin == "resource.drop" ? CoreLinker.DropType : CoreLinker.RepType));
    }

    private (string Module, string Name) WorldName(ResourceItem resource)
    {
        var world = Graph.WorldResources.First(w => w.Resource == resource);
        return ("[export]" + world.Interface, world.Name);
    }

    private FunctionId Bound(string name, FunctionId function, int word) => entities.Generated(name, () =>
    {
        var code = new CodeBuilder(CoreLinker.RepType);
        code.Get(0).I32(word).Call(function);
        return new GeneratedFunction(name, null, code.Type, code.Finish());
    });
}
