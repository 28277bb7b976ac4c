using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion;

/// <summary>
/// An allocator and a post-return function must not leave their instance: calling an import, <c>resource.new</c> or <c>resource.drop</c>
/// traps while one runs. Few can reach any; where one can, it raises a flag of its instance, and what it can reach looks at the flag.
/// </summary>
/// <remarks>CanonicalABI.md <c>may_leave</c></remarks>
internal sealed class MayLeaveAnalysis
{
    private readonly ComponentGraph _graph;
    private readonly Dictionary<EntityNode, Reach> _reach = [];
    private readonly Dictionary<ComponentInstance, List<CoreItem>> _referenced = [];
    private readonly HashSet<(ComponentInstance Owner, object Function)> _closed = [];
    private readonly HashSet<CoreItem> _checked = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<EntityNode> _visited = [];
    private readonly Stack<CoreItem> _work = [];

    /// <summary>Follows every allocator and post-return function of <paramref name="graph"/>.</summary>
    public MayLeaveAnalysis(ComponentGraph graph)
    {
        _graph = graph;
        var seen = new HashSet<(ComponentInstance, object)>();
        foreach (var (owner, function) in graph.Callbacks)
        {
            if (seen.Add((owner, KeyOf(function))))
            {
                Follow(owner, function);
            }
        }
    }

    /// <summary>What a function calls.</summary>
    private sealed record Reach(int[] Calls, FuncType[] Indirect)
    {
        public static Reach Nothing { get; } = new([], []);
    }

    /// <summary>Whether <paramref name="function"/>, an allocator or post-return function of <paramref name="owner"/>, may reach what it must not.</summary>
    public bool IsClosed(ComponentInstance owner, CoreItem function) => _closed.Contains((owner, KeyOf(function)));

    /// <summary>Whether a call of <paramref name="item"/>, a lowered function or a built-in, may come from such a function.</summary>
    public bool IsChecked(CoreItem item) => _checked.Contains(item);

    private static object KeyOf(CoreItem function) => CoreLinker.Resolve(function) is CoreEntity entity ? NodeOf(entity) : CoreLinker.Resolve(function);

    private static EntityNode NodeOf(CoreEntity entity) => new(entity.Instance, ExternKind.Function, entity.Index);

    private static bool Leaves(ComponentInstance owner, CoreItem item) => item switch
    {
        LoweredFunction lowered => lowered.Owner == owner,
        BuiltinFunction builtin => builtin.Owner == owner && builtin.Name is "resource.new" or "resource.drop",
        _ => false,
    };

    private void Follow(ComponentInstance owner, CoreItem function)
    {
        var found = false;
        _visited.Clear();
        _work.Push(CoreLinker.Resolve(function));
        while (_work.TryPop(out var item))
        {
            if (Leaves(owner, item))
            {
                _checked.Add(item);
                found = true;
            }

            if (item is not CoreEntity { Kind: ExternKind.Function } entity || !_visited.Add(NodeOf(entity)))
            {
                continue;
            }

            var reach = ReachOf(entity);
            foreach (var call in reach.Calls)
            {
                _work.Push(CoreLinker.Resolve(entity.Instance, ExternKind.Function, call));
            }

            foreach (var type in reach.Indirect)
            {
                foreach (var target in Referenced(entity.Instance.Owner).Where(target => type.Equals(CoreLinker.TypeOf(target))))
                {
                    _work.Push(target);
                }
            }
        }

        if (found)
        {
            _closed.Add((owner, KeyOf(function)));
        }
    }

    private Reach ReachOf(CoreEntity entity)
    {
        if (_reach.TryGetValue(NodeOf(entity), out var known))
        {
            return known;
        }

        var (calls, indirect) = ((HashSet<int>?)null, (HashSet<FuncType>?)null);
        var module = entity.Instance.Module;
        if (module.Functions[entity.Index].Body is { } body)
        {
            var reader = new InstructionReader(body.Code.Span, body.Offset, entity.Instance.Source.Path);
            while (reader.TryRead(out var instruction))
            {
                if (instruction.Opcode is Opcode.Call or Opcode.ReturnCall)
                {
                    (calls ??= []).Add(instruction.A);
                }
                else if (instruction.Opcode is Opcode.CallIndirect or Opcode.ReturnCallIndirect)
                {
                    (indirect ??= []).Add(module.Types[instruction.A]);
                }
            }
        }

        return _reach[NodeOf(entity)] = calls is null && indirect is null ? Reach.Nothing : new Reach([.. calls ?? []], [.. indirect ?? []]);
    }

    /// <summary>Every function of which the modules of <paramref name="owner"/> can make a reference: tables do not pass between components.</summary>
    private List<CoreItem> Referenced(ComponentInstance owner)
    {
        if (_referenced.TryGetValue(owner, out var known))
        {
            return known;
        }

        var found = new List<CoreItem>();
        foreach (var instance in _graph.Modules.Where(m => m.Owner == owner))
        {
            var indices = new SortedSet<int>();
            void Visit(ReadOnlySpan<byte> code)
            {
                var reader = new InstructionReader(code, 0, instance.Source.Path);
                while (reader.TryRead(out var instruction))
                {
                    _ = instruction.Opcode == Opcode.RefFunc && indices.Add(instruction.A);
                }
            }

            var module = instance.Module;
            indices.UnionWith(module.Elements.SelectMany(e => e.Functions).Select(f => f.Index));
            module.Elements.SelectMany(e => e.Expressions).ToList().ForEach(e => Visit(e.Code.Span));
            module.Globals.ForEach(g => Visit(g.Initial is { } initial ? initial.Code.Span : []));
            module.Tables.ForEach(t => Visit(t.Initial is { } initial ? initial.Code.Span : []));
            module.Functions.ForEach(f => Visit(f.Body is { } body ? body.Code.Span : []));
            found.AddRange(indices.Select(i => CoreLinker.Resolve(instance, ExternKind.Function, i)));
        }

        return _referenced[owner] = found;
    }
}
