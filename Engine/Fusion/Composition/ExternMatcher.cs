using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>
/// Compares what an import asks for with what it is given, and makes what nobody gives. Both walk the declared type in order, so that
/// an abstract resource stands for the actual one in everything declared after it.
/// </summary>
/// <remarks>Binary.md #instance-definitions: "the actual type supplied is immediately substituted"</remarks>
internal sealed class ExternMatcher(TypeResolver types)
{
    /// <summary>The import module of what a world itself imports.</summary>
    public const string Root = "$root";

    /// <summary>Why <paramref name="actual"/> does not have the declared type; null when it has.</summary>
    public string? Mismatch(ExternType declared, Scope scope, Item actual, int offset)
    {
        switch (declared.Sort)
        {
            case Sort.Function:
                var wanted = scope.Get<FuncTypeItem>(Sort.Type, declared.Index, offset).Type;
                return actual is not FunctionItem given ? "it is not a function"
                    : given.Type.Key == wanted.Key ? null : $"'{given.Type}' is given where '{wanted}' is needed";
            case Sort.Instance:
                var type = scope.Get<ExternTypeItem>(Sort.Type, declared.Index, offset);
                return actual is not InstanceItem instance || type.Type is not InstanceTypeExpression expression
                    ? "it is not an instance" : InstanceMismatch(expression, type.Scope, instance);
            case Sort.Type when declared.Index < 0:
                return actual is ResourceItem ? null : "it is not a resource type";
            case Sort.Type:
                return SameType(scope.Get<Item>(Sort.Type, declared.Index, offset), actual) ? null : "the types differ";
            case Sort.Component:
                return actual is ComponentItem ? null : "it is not a component";
            default:
                return actual is CoreModuleItem ? null : "it is not a core module";
        }
    }

    /// <summary>What the host gives for an import of the declared type.</summary>
    public Item Host(ExternType declared, Scope scope, string name, int offset, string module = Root)
    {
        switch (declared.Sort)
        {
            case Sort.Function:
                return new HostFunction(Root, name, scope.Get<FuncTypeItem>(Sort.Type, declared.Index, offset).Type);
            case Sort.Instance:
                var type = scope.Get<ExternTypeItem>(Sort.Type, declared.Index, offset);
                return type.Type is InstanceTypeExpression expression
                    ? HostInstance(expression, type.Scope, name) : throw scope.Invalid("an instance import has another type", offset);
            case Sort.Type:
                return declared.Index < 0 ? types.HostResource(module, name, scope, offset) : scope.Get<Item>(Sort.Type, declared.Index, offset);
            default:
                throw new DiagnosticException(DiagnosticId.PULSE2002, Location.AtOffset(scope.Path, offset), $"imports of a {declared.Sort.Name()} from the host");
        }
    }

    private string? InstanceMismatch(InstanceTypeExpression expression, Scope outer, InstanceItem actual)
    {
        var scope = new Scope(outer.Path, outer);
        foreach (var definition in expression.Declarations)
        {
            if (definition is not ExportDeclaration export)
            {
                Declare(definition, scope);
                continue;
            }

            if (actual.Find(export.Name) is not { } item)
            {
                return $"there is no '{export.Name}' in it";
            }

            if (Mismatch(export.Type, scope, item, export.Offset) is { } why)
            {
                return $"of '{export.Name}': {why}";
            }

            scope.Add(export.Type.Sort, item);
        }

        return null;
    }

    private InstanceItem HostInstance(InstanceTypeExpression expression, Scope outer, string name)
    {
        var scope = new Scope(outer.Path, outer);
        var instance = new InstanceItem();
        foreach (var definition in expression.Declarations)
        {
            if (definition is not ExportDeclaration export)
            {
                Declare(definition, scope);
                continue;
            }

            var item = export.Type.Sort == Sort.Function
                ? new HostFunction(name, export.Name, scope.Get<FuncTypeItem>(Sort.Type, export.Type.Index, export.Offset).Type)
                : Host(export.Type, scope, export.Name, export.Offset, name);
            scope.Add(export.Type.Sort, item);
            instance.Exports.Add((export.Name, item));
        }

        return instance;
    }

    private void Declare(Definition definition, Scope scope)
    {
        switch (definition)
        {
            case TypeDefinition type:
                scope.Add(Sort.Type, types.Define(type.Type, scope, type.Offset, null));
                break;
            case CoreTypeDefinition:
                scope.Add(Sort.CoreType, new CoreTypeItem());
                break;
            case OuterAliasDefinition alias:
                scope.Add(alias.Sort, scope.Outer(alias.Count, alias.Offset).Get(new SortIndex(alias.Sort, alias.Index), alias.Offset));
                break;
            case ExportAliasDefinition alias:
                var found = scope.Get<InstanceItem>(Sort.Instance, alias.Instance, alias.Offset).Find(alias.Name);
                scope.Add(alias.Sort, found ?? throw scope.Invalid($"the instance has no '{alias.Name}'", alias.Offset));
                break;
            default:
                throw scope.Invalid("a declaration does not belong into an instance type", definition.Offset);
        }
    }

    private static bool SameType(Item wanted, Item given) => (wanted, given) switch
    {
        (ValueTypeItem a, ValueTypeItem b) => a.Type.Key == b.Type.Key,
        (FuncTypeItem a, FuncTypeItem b) => a.Type.Key == b.Type.Key,
        (ResourceItem a, ResourceItem b) => ReferenceEquals(a.Type, b.Type),
        (ExternTypeItem, ExternTypeItem) => true,
        _ => false,
    };
}
