using System.Buffers.Binary;
using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Fusion;

/// <summary>
/// Gives the entities of a program their indices and writes the module. Every body is rewritten once, from the module it came in:
/// indices and addresses in the same step, so that nothing can undo what another step did.
/// </summary>
internal sealed class FusedEmitter
{
    private readonly ReachableProgram _program;
    private readonly MemoryPlan _plan;
    private readonly FunctionNames _names = new();
    private readonly Module _module = new();
    private readonly int[] _functionIndex;
    private readonly List<FunctionId> _order = [];
    private readonly Dictionary<EntityNode, int> _tables = [];
    private readonly Dictionary<EntityNode, int> _globals = [];
    private readonly Dictionary<SegmentNode, int> _segments = [];
    private readonly Dictionary<int, int> _stackGlobals = [];
    private readonly List<FunctionOrigin> _origins = [];
    private readonly CodeNotes _notes = new();

    private FusedEmitter(ReachableProgram program, MemoryPlan plan)
    {
        (_program, _plan) = (program, plan);
        _functionIndex = new int[program.Functions.Count];
    }

    /// <summary>The module of <paramref name="program"/>.</summary>
    public static FusedModule Emit(ReachableProgram program, MemoryPlan plan, IReadOnlyCollection<string> kept) => new FusedEmitter(program, plan).Run(kept);

    private FusedModule Run(IReadOnlyCollection<string> kept)
    {
        OrderFunctions();
        Memories();
        NumberEntities();
        var start = new StartSequence(_program);
        NumberSegments(start);
        Globals();
        Tables();
        Functions();
        Segments(start);
        Start(start);
        var border = Exports(kept);
        FunctionDeclarations.Complete(_module);
        Custom();
        _notes.WriteTo(_module);
        var stacks = _stackGlobals.OrderBy(stack => stack.Key).Where(stack => _plan.Memories[stack.Key].Stack is not null)
            .Select(stack => new FusedStack(stack.Key, stack.Value, _plan.Memories[stack.Key].Stack!.Value.High - _plan.Memories[stack.Key].Stack!.Value.Low));
        return new FusedModule(_module, new ProvenanceMap([.. _origins], [.. _program.Edges], _plan.Memories, border), [.. stacks]);
    }

    /// <summary>Imports first, then the code of each module in instantiation order, then what was generated.</summary>
    private void OrderFunctions()
    {
        var ids = Enumerable.Range(0, _program.Functions.Count).Select(i => new FunctionId(i)).ToList();
        _order.AddRange(ids.Where(id => _program.Functions[id.Index] is HostNode));
        _order.AddRange(ids.Where(id => _program.Functions[id.Index] is CodeNode).OrderBy(id => ((CodeNode)_program.Functions[id.Index]).Instance.Number)
            .ThenBy(id => ((CodeNode)_program.Functions[id.Index]).Index));
        _order.AddRange(ids.Where(id => _program.Functions[id.Index] is GeneratedNode));
        for (var i = 0; i < _order.Count; i++)
        {
            _functionIndex[_order[i].Index] = i;
        }
    }

    private void Memories()
    {
        foreach (var memory in _plan.Memories)
        {
            _module.Memories.Add(new ModuleMemory(new Limits(memory.Pages, memory.MaximumPages), null));
        }
    }

    private void NumberEntities()
    {
        foreach (var node in _program.Entities.OrderBy(e => e.Instance.Number).ThenBy(e => e.Index))
        {
            if (node.Kind == ExternKind.Table)
            {
                _tables[node] = _tables.Count;
            }
            else if (_plan.StackPointers.TryGetValue(node, out var stack))
            {
                if (!_stackGlobals.TryGetValue(stack.Group, out var shared))
                {
                    _stackGlobals[stack.Group] = shared = _globals.Values.Distinct().Count();
                }

                _globals[node] = shared;
            }
            else
            {
                _globals[node] = _globals.Values.Distinct().Count();
            }
        }
    }

    /// <summary>Zeros need no segment: memory starts with them.</summary>
    private void NumberSegments(StartSequence start)
    {
        var (data, elements) = (0, 0);
        foreach (var node in _program.Segments.OrderBy(s => s.Instance.Number).ThenBy(s => s.Index))
        {
            var isZero = node.IsData && node.Instance.Module.Data[node.Index] is { Mode: SegmentMode.Active } segment
                && segment.Bytes.Span.IndexOfAnyExcept((byte)0) < 0 && _plan.Moved.ContainsKey(node.Instance);
            if (!isZero || start.IsLate(node))
            {
                _segments[node] = node.IsData ? data++ : elements++;
            }
        }
    }

    private void Globals()
    {
        var done = new HashSet<int>();
        foreach (var (node, index) in _globals.OrderBy(g => g.Value).ThenBy(g => g.Key.Instance.Number))
        {
            if (!done.Add(index))
            {
                continue;
            }

            var global = node.Instance.Module.Globals[node.Index];
            var initial = _plan.StackPointers.TryGetValue(node, out var stack)
                ? ConstantExpression.I32(unchecked((int)stack.Initial)) : Constant(node.Instance, global.Initial!);
            _module.Globals.Add(new ModuleGlobal(global.Type, global.IsMutable, null, initial));
        }

        foreach (var _ in _program.Flags)
        {
            _module.Globals.Add(new ModuleGlobal(ValType.I32, true, null, ConstantExpression.I32(0)));
        }
    }

    private void Tables()
    {
        foreach (var (node, _) in _tables.OrderBy(t => t.Value))
        {
            var table = node.Instance.Module.Tables[node.Index];
            _module.Tables.Add(table with { Initial = table.Initial is { } initial ? Constant(node.Instance, initial) : null });
        }
    }

    private void Functions()
    {
        var names = new NameSection();
        foreach (var id in _order)
        {
            var origin = _program.Functions[id.Index] switch
            {
                HostNode host => Import(host),
                CodeNode code => Code(code),
                var node => Generated(_program.Generated((GeneratedNode)node)),
            };
            _origins.Add(origin);
            names.FunctionNames[origin.Index] = origin.Name;
        }

        foreach (var (_, index) in _stackGlobals)
        {
            names.Names(IndexSpace.Global)[index] = "__stack_pointer";
        }

        foreach (var (number, flag) in _program.Flags.Index())
        {
            names.Names(IndexSpace.Global)[_module.Globals.Count - _program.Flags.Count + number] = $"fusion!{flag.Name}:{flag.Instance.Name}";
        }

        names.WriteTo(_module);
    }

    private FunctionOrigin Import(HostNode host)
    {
        var import = new Import(host.Module, host.Name, ExternKind.Function);
        _module.Imports.Add(import);
        _module.Functions.Add(new ModuleFunction(_module.AddType(host.Type), import, null));
        return new FunctionOrigin(_module.Functions.Count - 1, $"{host.Module}#{host.Name}", "import");
    }

    private FunctionOrigin Code(CodeNode code)
    {
        var (instance, source) = (code.Instance, code.Instance.Module.Functions[code.Index]);
        var type = _module.AddType(instance.Module.TypeOf(new FuncIndex(code.Index)));
        var moved = _plan.Moved.GetValueOrDefault(instance);
        var body = BodyRewriter.Rewrite(source.Body!, (in instruction) => Rewrite(instance, moved, instruction));
        _module.Functions.Add(new ModuleFunction(type, null, body with { Offset = 0 }));
        _notes.Add(_module.Functions.Count - 1, body, instance.Module, new FuncIndex(code.Index), instance.Source.Path);
        return new FunctionOrigin(_module.Functions.Count - 1, $"{instance.Owner.Name}!{_names.Of(instance, code.Index)}", "code",
            instance.Owner.Name, Path.GetFileName(instance.Source.Path), code.Index, source.Body!.Offset);
    }

    private FunctionOrigin Generated(GeneratedFunction function)
    {
        var body = BodyRewriter.Rewrite(function.Body, (in instruction) => Rebase(instruction, (space, index) => space switch
        {
            IndexSpace.Function => _functionIndex[index],
            IndexSpace.Memory => _plan.IndexOf[index],
            IndexSpace.Global => _globals.Values.Distinct().Count() + index,
            _ => throw new InvariantException($"generated code refers to a {space}"),
        }));
        _module.Functions.Add(new ModuleFunction(_module.AddType(function.Type), null, body));
        var name = function.Edge is null ? "fusion!" + function.Name : $"{function.Edge}!{function.Name}";
        return new FunctionOrigin(_module.Functions.Count - 1, name, function.Edge is null ? "shared" : "adapter", Edge: function.Edge);
    }

    /// <summary>An instruction of generated code: an access to a handle table that is part of a memory moves to where that part is.</summary>
    private Instruction Rebase(in Instruction instruction, Func<IndexSpace, int, int> map)
    {
        var result = Renumber(instruction, map);
        return instruction.Info.Immediate == ImmediateKind.MemArg && _plan.BaseOf[instruction.A] is > 0 and var start
            ? result with { Wide = instruction.Wide + (ulong)start } : result;
    }

    private Instruction Rewrite(ModuleInstance instance, MovedModule? moved, in Instruction instruction)
    {
        var result = Renumber(instruction, (space, index) => Index(instance, space, index));
        return moved is not null && moved.Layout.CodeSites.TryGetValue(instruction.Offset, out var site) ? result with { Wide = moved.Value(site) } : result;
    }

    private static Instruction Renumber(in Instruction instruction, Func<IndexSpace, int, int> map)
    {
        var kind = instruction.Info.Immediate;
        var result = instruction;
        if (IndexImmediates.First(kind) is { } first && instruction.A >= 0)
        {
            result = result with { A = map(first, instruction.A) };
        }

        return IndexImmediates.Second(kind) is { } second ? result with { B = map(second, instruction.B) } : result;
    }

    /// <summary>The new index of what <paramref name="index"/> is in <paramref name="instance"/>.</summary>
    private int Index(ModuleInstance instance, IndexSpace space, int index) => space switch
    {
        IndexSpace.Type => _module.AddType(instance.Module.Types[index]).Index,
        IndexSpace.Function => Function(instance, index),
        IndexSpace.Table => _tables[_program.Entity(instance, ExternKind.Table, index)],
        IndexSpace.Global => _globals[_program.Entity(instance, ExternKind.Global, index)],
        IndexSpace.Memory => _plan.IndexOf[_program.Memory(instance, index).Index],
        _ => _segments[new SegmentNode(instance, space == IndexSpace.Data, index)],
    };

    private int Function(ModuleInstance instance, int index) => _functionIndex[_program.Function(instance, index).Index];

    private void Segments(StartSequence start)
    {
        foreach (var (node, _) in _segments.OrderBy(s => s.Value))
        {
            if (node.IsData)
            {
                Data(node, start.IsLate(node));
            }
            else
            {
                Element(node, start.IsLate(node));
            }
        }

        _module.HasDataCount = start.IsNeeded && _module.Data.Count > 0 || _program.Segments.Any(s => s.IsData && s.Instance.Module.Data[s.Index].Mode == SegmentMode.Passive);
    }

    private void Data(SegmentNode node, bool late)
    {
        var segment = node.Instance.Module.Data[node.Index];
        var bytes = segment.Bytes;
        if (_plan.Moved.TryGetValue(node.Instance, out var moved))
        {
            var patched = bytes.ToArray();
            foreach (var site in moved.Layout.DataSites.Where(s => s.In == node.Index))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(patched.AsSpan(site.Place), moved.Value(site));
            }

            bytes = late ? patched : patched.AsMemory(0, patched.AsSpan().LastIndexOfAnyExcept((byte)0) + 1);
        }

        var active = segment.Mode == SegmentMode.Active && !late;
        _module.Data.Add(new DataSegment(
            active ? SegmentMode.Active : SegmentMode.Passive,
            active ? new MemoryIndex(Index(node.Instance, IndexSpace.Memory, segment.Memory.Index)) : default,
            active ? ConstantExpression.I32(unchecked((int)AddressOf(node))) : null,
            bytes));
    }

    /// <summary>Where an active segment goes.</summary>
    private uint AddressOf(SegmentNode node) => _plan.Moved.TryGetValue(node.Instance, out var moved)
        ? (uint)moved.Bases[node.Index] : OffsetOf(node.Instance, node.Instance.Module.Data[node.Index].Offset!);

    private uint OffsetOf(ModuleInstance instance, ConstantExpression expression) =>
        Evaluate(instance, expression, 0) is { Function: null } value ? (uint)value.Bits : throw new InvariantException("a segment's offset is a number");

    private void Element(SegmentNode node, bool late)
    {
        var segment = node.Instance.Module.Elements[node.Index];
        var active = segment.Mode == SegmentMode.Active && !late;
        _module.Elements.Add(new ElementSegment(
            late ? SegmentMode.Passive : segment.Mode,
            active ? new TableIndex(Index(node.Instance, IndexSpace.Table, segment.Table.Index)) : default,
            active ? ConstantExpression.I32(unchecked((int)OffsetOf(node.Instance, segment.Offset!))) : null,
            segment.Type,
            [.. segment.Functions.Select(f => new FuncIndex(Function(node.Instance, f.Index)))],
            [.. segment.Expressions.Select(e => Constant(node.Instance, e))]));
    }

    private void Start(StartSequence start)
    {
        if (!start.IsNeeded)
        {
            var only = _program.Graph.Modules.FirstOrDefault(m => m.Module.Start is not null);
            _module.Start = only is null ? null : new FuncIndex(Function(only, only.Module.Start!.Value.Index));
            return;
        }

        var body = start.Write(
            node => _segments[node],
            node => (AddressOf(node), Index(node.Instance, IndexSpace.Memory, node.Instance.Module.Data[node.Index].Memory.Index)),
            node => (OffsetOf(node.Instance, node.Instance.Module.Elements[node.Index].Offset!), Index(node.Instance, IndexSpace.Table, node.Instance.Module.Elements[node.Index].Table.Index)),
            Function);
        _module.Functions.Add(new ModuleFunction(_module.AddType(FuncType.Of([], [])), null, body));
        _module.Start = new FuncIndex(_module.Functions.Count - 1);
        _origins.Add(new FunctionOrigin(_module.Functions.Count - 1, "fusion!start", "start"));
    }

    private ConstantExpression Constant(ModuleInstance instance, ConstantExpression expression)
    {
        var value = Evaluate(instance, expression, 0);
        return ConstantExpression.Of(value.Function is { } id ? value with { Function = new FuncIndex(_functionIndex[id.Index]) } : value);
    }

    /// <summary>The value of a constant expression; a function in it is a <see cref="FunctionId"/>.</summary>
    private ConstantValue Evaluate(ModuleInstance instance, ConstantExpression expression, int depth)
    {
        ConstantValue? Global(GlobalIndex global)
        {
            var node = _program.Entity(instance, ExternKind.Global, global.Index);
            return depth < 100 ? Evaluate(node.Instance, node.Instance.Module.Globals[node.Index].Initial!, depth + 1) : null;
        }

        if (!expression.TryEvaluate(out var value, Global))
        {
            throw new DiagnosticException(DiagnosticId.PULSE2003, Location.AtOffset(instance.Source.Path, expression.Offset), "a constant expression has no constant value");
        }

        return value.Function is { } function && !expression.TryGlobal(out _)
            ? value with { Function = new FuncIndex(_program.Function(instance, function.Index).Index) } : value;
    }

    /// <summary>The world's exports, and of the memory and its allocator what the host needs for them.</summary>
    private HostBoundaryRecord? Exports(IReadOnlyCollection<string> kept)
    {
        foreach (var (name, function, _) in _program.Exports)
        {
            _module.Exports.Add(new Export(name, ExternKind.Function, _functionIndex[function.Index]));
        }

        foreach (var export in _program.Graph.CoreExports)
        {
            var (instance, kind, index) = (export.Item.Instance, export.Item.Kind, export.Item.Index);
            _module.Exports.Add(new Export(export.Name, kind, kind switch
            {
                ExternKind.Function => Function(instance, index),
                ExternKind.Memory => Index(instance, IndexSpace.Memory, index),
                ExternKind.Table => Index(instance, IndexSpace.Table, index),
                _ => Index(instance, IndexSpace.Global, index),
            }));
        }

        if (!_program.Graph.CoreExports.IsEmpty)
        {
            return null;
        }

        var host = _program.HostSide;
        foreach (var name in host is null ? [] : new[] { KeptExports.Memory, KeptExports.Realloc })
        {
            if (_program.Exports.Find(e => e.Name == name) is { Name: not null } taken)
            {
                throw new DiagnosticException(DiagnosticId.PULSE2008, Location.None, taken.Instance, "the fused module", name);
            }
        }

        if (kept.Contains(KeptExports.Realloc) && host?.Realloc is null)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2009, Location.None, KeptExports.Realloc, "allocates nothing: the host passes no strings or lists in");
        }

        if (kept.Contains(KeptExports.Memory) && host is null && _module.Memories.Count != 1)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2009, Location.None, KeptExports.Memory, $"is one of {_module.Memories.Count} memories");
        }

        if (host is not null || kept.Contains(KeptExports.Memory))
        {
            _module.Exports.Add(new Export(KeptExports.Memory, ExternKind.Memory, host is null ? 0 : _plan.IndexOf[host.Memory!.Value.Index]));
        }

        if (host?.Realloc is { } allocator)
        {
            _module.Exports.Add(new Export(KeptExports.Realloc, ExternKind.Function, _functionIndex[allocator.Index]));
        }

        return host is null ? null : new HostBoundaryRecord(_plan.IndexOf[host.Memory!.Value.Index], host.Encoding switch
        {
            Components.StringEncoding.Utf8 => "utf8",
            Components.StringEncoding.Utf16 => "utf16",
            _ => "latin1+utf16",
        });
    }

    private void Custom()
    {
        if (_plan.Memories.IsEmpty)
        {
            return;
        }

        _module.CustomSections.Add(MemorySection.Write(_plan.Memories.Select(memory => (ulong)memory.Bytes)));
    }
}
