using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm.Rewriting;

/// <summary>
/// Removes what nothing can reach from the exports, the start function and the segments of what is reached: functions, tables, memories,
/// globals, segments, types, and imports of functions and globals. What can be seen from outside stays.
/// </summary>
/// <remarks>
/// An active segment goes with its table or memory only when it is known to lie inside: one that does not would trap when the module is
/// instantiated, and that can be seen.
/// </remarks>
internal static class ModulePruner
{
    /// <summary>The module without its dead entities, and the new index of each old one.</summary>
    public static (Module Module, IndexMaps Maps) Prune(Module module)
    {
        var live = new Reachability(module).Run();
        var maps = new IndexMaps
        {
            [IndexSpace.Type] = IndexMaps.Keeping(module.Types.Count, i => live.Has(IndexSpace.Type, i)),
            [IndexSpace.Function] = IndexMaps.Keeping(module.Functions.Count, i => live.Has(IndexSpace.Function, i)),
            [IndexSpace.Table] = IndexMaps.Keeping(module.Tables.Count, i => live.Has(IndexSpace.Table, i)),
            [IndexSpace.Memory] = IndexMaps.Keeping(module.Memories.Count, i => live.Has(IndexSpace.Memory, i)),
            [IndexSpace.Global] = IndexMaps.Keeping(module.Globals.Count, i => live.Has(IndexSpace.Global, i)),
            [IndexSpace.Element] = IndexMaps.Keeping(module.Elements.Count, i => live.Has(IndexSpace.Element, i)),
            [IndexSpace.Data] = IndexMaps.Keeping(module.Data.Count, i => live.Has(IndexSpace.Data, i)),
        };
        for (var i = 0; i < module.Elements.Count; i++)
        {
            var segment = module.Elements[i];
            if (segment.Mode == SegmentMode.Declarative)
            {
                // It only allows ref.func of its functions: those that are gone need no leave.
                module.Elements[i] = segment with { Functions = [.. segment.Functions.Where(f => live.Has(IndexSpace.Function, f.Index))] };
            }
        }

        var pruned = ModuleRemapper.Apply(module, maps);
        FunctionDeclarations.Complete(pruned);
        return (pruned, maps);
    }

    private sealed class Reachability(Module module)
    {
        private readonly HashSet<(IndexSpace Space, int Index)> _live = [];
        private readonly Stack<(IndexSpace Space, int Index)> _work = new();

        public bool Has(IndexSpace space, int index) => _live.Contains((space, index));

        public Reachability Run()
        {
            foreach (var export in module.Exports)
            {
                Mark(SpaceOf(export.Kind), export.Index);
            }

            if (module.Start is { } start)
            {
                Mark(IndexSpace.Function, start.Index);
            }

            // What the host shares can be seen by the host.
            MarkImported(IndexSpace.Table, module.Tables.Select(t => t.Import));
            MarkImported(IndexSpace.Memory, module.Memories.Select(m => m.Import));
            do
            {
                while (_work.TryPop(out var item))
                {
                    Visit(item.Space, item.Index);
                }

                MarkSegments();
            }
            while (_work.Count > 0);
            return this;
        }

        private static IndexSpace SpaceOf(ExternKind kind) => kind switch
        {
            ExternKind.Function => IndexSpace.Function,
            ExternKind.Table => IndexSpace.Table,
            ExternKind.Memory => IndexSpace.Memory,
            _ => IndexSpace.Global,
        };

        private void Mark(IndexSpace space, int index)
        {
            if (_live.Add((space, index)))
            {
                _work.Push((space, index));
            }
        }

        private void MarkImported(IndexSpace space, IEnumerable<Import?> imports)
        {
            foreach (var (index, import) in imports.Index())
            {
                if (import is not null)
                {
                    Mark(space, index);
                }
            }
        }

        private void Visit(IndexSpace space, int index)
        {
            switch (space)
            {
                case IndexSpace.Function:
                    Mark(IndexSpace.Type, module.Functions[index].Type.Index);
                    if (module.Functions[index].Body is { } body)
                    {
                        BodyRewriter.VisitIndices(body.Code.Span, Mark);
                    }

                    break;
                case IndexSpace.Global:
                    Visit(module.Globals[index].Initial);
                    break;
                case IndexSpace.Table:
                    Visit(module.Tables[index].Initial);
                    break;
                case IndexSpace.Element:
                    VisitElement(module.Elements[index]);
                    break;
                case IndexSpace.Data:
                    Visit(module.Data[index].Offset);
                    if (module.Data[index].Mode == SegmentMode.Active)
                    {
                        Mark(IndexSpace.Memory, module.Data[index].Memory.Index);
                    }

                    break;
            }
        }

        private void VisitElement(ElementSegment segment)
        {
            Visit(segment.Offset);
            if (segment.Mode == SegmentMode.Active)
            {
                Mark(IndexSpace.Table, segment.Table.Index);
            }

            if (segment.Mode != SegmentMode.Declarative)
            {
                foreach (var function in segment.Functions)
                {
                    Mark(IndexSpace.Function, function.Index);
                }
            }

            foreach (var expression in segment.Expressions)
            {
                Visit(expression);
            }
        }

        private void Visit(ConstantExpression? expression)
        {
            if (expression is not null)
            {
                BodyRewriter.VisitIndices(expression.Code.Span, Mark);
            }
        }

        private void MarkSegments()
        {
            foreach (var (index, segment) in module.Elements.Index())
            {
                var needed = segment.Mode switch
                {
                    SegmentMode.Active => Has(IndexSpace.Table, segment.Table.Index) || !Inside(segment),
                    SegmentMode.Declarative => segment.Expressions.IsEmpty ? segment.Functions.Any(f => Has(IndexSpace.Function, f.Index)) : true,
                    _ => false,
                };
                if (needed)
                {
                    Mark(IndexSpace.Element, index);
                }
            }

            foreach (var (index, segment) in module.Data.Index())
            {
                if (segment.Mode == SegmentMode.Active && (Has(IndexSpace.Memory, segment.Memory.Index) || !Inside(segment)))
                {
                    Mark(IndexSpace.Data, index);
                }
            }
        }

        private bool Inside(ElementSegment segment)
        {
            var count = Math.Max(segment.Functions.Length, segment.Expressions.Length);
            return Start(segment.Offset) is { } start && start + (ulong)count <= module.Tables[segment.Table.Index].Limits.Minimum;
        }

        private bool Inside(DataSegment segment)
        {
            var memory = module.Memories[segment.Memory.Index];
            return memory.Limits.Minimum <= uint.MaxValue
                && Start(segment.Offset) is { } start
                && start + (ulong)segment.Bytes.Length <= memory.Limits.Minimum << memory.PageSizeLog2;
        }

        /// <summary>The offset of a segment, when it is a constant of 32 bits.</summary>
        private static ulong? Start(ConstantExpression? offset) =>
            offset is not null && offset.TryEvaluate(out var value) && value.Bits <= uint.MaxValue ? value.Bits : null;
    }
}
