using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>Turns types as written into types without indices.</summary>
internal sealed class TypeResolver
{
    /// <summary>More resource types than this are refused: a handle's tag has so many values.</summary>
    private const int MaxResources = 1023;

    private readonly List<ResourceItem> _resources = [];

    /// <summary>The resource types by number.</summary>
    public IReadOnlyList<ResourceItem> Resources => _resources;

    /// <summary>The host's resource type <paramref name="name"/> of <paramref name="module"/>: one, however many components import it.</summary>
    public ResourceItem HostResource(string module, string name, Scope scope, int offset) =>
        _resources.Find(r => r.Owner is null && r.HostModule == module && r.Type.Name == name) ?? Fresh(name, null, null, module, scope, offset);

    private ResourceItem Fresh(string name, ComponentInstance? owner, CoreItem? destructor, string module, Scope scope, int offset)
    {
        if (_resources.Count == MaxResources)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2002, Location.AtOffset(scope.Path, offset), $"more than {MaxResources} resource types");
        }

        var item = new ResourceItem(new ResourceType(_resources.Count, name, owner?.Number ?? -1), owner, destructor, module);
        _resources.Add(item);
        return item;
    }

    /// <summary>What the type definition <paramref name="type"/> adds to the type index space of <paramref name="scope"/>.</summary>
    public Item Define(TypeExpression type, Scope scope, int offset, ComponentInstance? owner) => type switch
    {
        ValueTypeExpression value => new ValueTypeItem(Value(value, scope, offset)),
        FuncTypeExpression func => new FuncTypeItem(Function(func, scope, offset)),
        ResourceTypeExpression resource when owner is not null => Fresh(
            $"{owner.Name}.resource", owner, resource.Destructor < 0 ? null : scope.Get<CoreItem>(Sort.CoreFunction, resource.Destructor, offset), "", scope, offset),
        ResourceTypeExpression => throw scope.Invalid("a resource type is defined inside a type", offset),
        _ => new ExternTypeItem(type, scope),
    };

    private static ComponentFuncType Function(FuncTypeExpression func, Scope scope, int offset)
    {
        ImmutableArray<Member> parameters = [.. func.Parameters.Select(p => new Member(p.Label, Reference(p.Type!.Value, scope, offset)))];
        ComponentType? result = func.Result is { } reference ? Reference(reference, scope, offset) : null;
        if (result?.Any(part => part.Kind == TypeKind.Borrow) == true)
        {
            throw scope.Invalid("a result contains a borrow", offset);
        }

        return new ComponentFuncType(parameters, result, func.IsAsync);
    }

    private static ComponentType Value(ValueTypeExpression value, Scope scope, int offset)
    {
        ImmutableArray<Member> members = [.. value.Members.Select(m => new Member(m.Label, m.Type is { } type ? Reference(type, scope, offset) : null))];
        var element = value.Element is { } reference ? Reference(reference, scope, offset) : null;
        var resource = value.Resource >= 0 ? scope.Get<ResourceItem>(Sort.Type, value.Resource, offset).Type : null;
        var resolved = new ComponentType(value.Kind, members, element, value.Length, resource);
        if (resolved.Parts > ComponentType.MaxParts)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2002, Location.AtOffset(scope.Path, offset), $"types of more than {ComponentType.MaxParts} parts");
        }

        return resolved.Layout.Size < TypeLayout.MaxSize ? resolved : throw scope.Invalid("a type is too large for any memory", offset);
    }

    private static ComponentType Reference(TypeReference reference, Scope scope, int offset) => reference.Primitive is { } primitive
        ? ComponentType.Primitive(primitive)
        : scope.Get<ValueTypeItem>(Sort.Type, reference.Index, offset).Type;
}
