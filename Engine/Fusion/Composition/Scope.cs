using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>The index spaces of one component instance, or of one component or instance type, while its definitions are walked.</summary>
/// <param name="path">File, for diagnostics.</param>
/// <param name="outer">The enclosing scope, for outer aliases.</param>
internal sealed class Scope(string path, Scope? outer)
{
    private readonly Dictionary<Sort, List<Item>> _spaces = [];

    /// <summary>File, for diagnostics.</summary>
    public string Path => path;

    /// <summary>Appends <paramref name="item"/> to the index space of <paramref name="sort"/>.</summary>
    public void Add(Sort sort, Item item)
    {
        if (!_spaces.TryGetValue(sort, out var space))
        {
            _spaces[sort] = space = [];
        }

        space.Add(item);
    }

    /// <summary>The item at <paramref name="index"/>, which is a <typeparamref name="T"/>; else PULSE2003 at <paramref name="offset"/>.</summary>
    public T Get<T>(Sort sort, int index, int offset) where T : Item
    {
        if (!_spaces.TryGetValue(sort, out var space) || index >= space.Count)
        {
            throw Invalid($"{sort.Name()} {index} does not exist here", offset);
        }

        return space[index] as T ?? throw Invalid($"{sort.Name()} {index} is not what is needed here", offset);
    }

    /// <summary>The item that <paramref name="item"/> names, whatever it is.</summary>
    public Item Get(SortIndex item, int offset) => Get<Item>(item.Sort, item.Index, offset);

    /// <summary>The scope <paramref name="count"/> scopes out.</summary>
    public Scope Outer(int count, int offset)
    {
        var scope = this;
        for (; count > 0; count--)
        {
            scope = scope.Enclosing ?? throw Invalid("an outer alias counts more scopes than there are", offset);
        }

        return scope;
    }

    /// <summary>PULSE2003.</summary>
    public DiagnosticException Invalid(string what, int offset) => new(DiagnosticId.PULSE2003, Location.AtOffset(path, offset), what);

    private Scope? Enclosing => outer;
}
