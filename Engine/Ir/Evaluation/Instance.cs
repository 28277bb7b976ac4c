using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>
/// A module that is linked and runs: its memories, tables, globals and functions. State can be read and set between calls, so that a call
/// can be evaluated from any state.
/// </summary>
/// <example><code>
/// var instance = Instance.Create(module, new Imports());
/// var outcome = instance.Invoke("add", [RuntimeValue.I32(1), RuntimeValue.I32(2)]);
/// </code></example>
internal sealed class Instance
{
    private readonly List<byte[]?> _data;
    private readonly List<object?[]?> _elements;

    private Instance(Program program, Imports imports)
    {
        Program = program;
        var module = program.Module;
        for (var i = 0; i < module.Functions.Count; i++)
        {
            var index = new FuncIndex(i);
            Functions.Add(module.Functions[i].Import is { } import
                ? Linking.Function(imports, import, module.TypeOf(index))
                : new FunctionInstance(this, index, module.TypeOf(index)));
        }

        Memories.AddRange(module.Memories.Select(memory => Linking.Memory(imports, memory)));
        foreach (var global in module.Globals)
        {
            Globals.Add(Linking.Global(imports, global) ?? new GlobalInstance(Evaluate(global.Initial!, global.Type), global.IsMutable));
        }

        foreach (var table in module.Tables)
        {
            Tables.Add(Linking.Table(imports, table) ?? new TableInstance(
                table.ElementType, table.Limits, table.Initial is { } initial ? Evaluate(initial, table.ElementType).Reference : null));
        }

        _data = [.. module.Data.Select(segment => segment.Bytes.ToArray())];
        _elements = [.. module.Elements.Select(References)];
    }

    /// <summary>What runs.</summary>
    public Program Program { get; }

    /// <summary>Functions by index.</summary>
    public List<FunctionInstance> Functions { get; } = [];

    /// <summary>Memories by index.</summary>
    public List<MemoryInstance> Memories { get; } = [];

    /// <summary>Tables by index.</summary>
    public List<TableInstance> Tables { get; } = [];

    /// <summary>Globals by index.</summary>
    public List<GlobalInstance> Globals { get; } = [];

    /// <summary>Links, fills memories and tables from the active segments, and runs the start function.</summary>
    /// <exception cref="LinkException">An import does not fit.</exception>
    /// <exception cref="TrapException">A segment is out of bounds, or the start function traps.</exception>
    public static Instance Create(Program program, Imports imports, EvaluationOptions? options = null)
    {
        var instance = Link(program, imports);
        instance.Initialise();
        if (program.Module.Start is { } start)
        {
            var outcome = instance.Invoke(start, [], options);
            if (outcome.Kind == OutcomeKind.Trapped)
            {
                throw new TrapException(outcome.Trap);
            }
        }

        return instance;
    }

    /// <summary>As <see cref="Create(Program, Imports, EvaluationOptions?)"/>, for a module that is not in SSA form yet.</summary>
    public static Instance Create(Module module, Imports imports, EvaluationOptions? options = null) =>
        Create(ProgramReader.Read(module), imports, options);

    /// <summary>Links only: memories are zero, tables are empty, nothing has run. For evaluation from a given state.</summary>
    public static Instance Link(Program program, Imports imports) => new(program, imports);

    /// <summary>The exported function, memory, table or global, or null.</summary>
    public object? Export(string name) => Program.Module.Exports.Find(export => export.Name == name) is not { } export
        ? null
        : export.Kind switch
        {
            ExternKind.Function => Functions[export.Index],
            ExternKind.Memory => Memories[export.Index],
            ExternKind.Table => Tables[export.Index],
            _ => Globals[export.Index],
        };

    /// <summary>Calls an exported function.</summary>
    public Outcome Invoke(string export, ReadOnlySpan<RuntimeValue> arguments, EvaluationOptions? options = null) =>
        Export(export) is FunctionInstance function
            ? new Evaluator(options ?? new EvaluationOptions()).Call(function, arguments)
            : throw new LinkException($"no function is exported as '{export}'");

    /// <summary>Calls a function by index.</summary>
    public Outcome Invoke(FuncIndex function, ReadOnlySpan<RuntimeValue> arguments, EvaluationOptions? options = null) =>
        new Evaluator(options ?? new EvaluationOptions()).Call(Functions[function.Index], arguments);

    /// <summary>The bytes of a data segment; empty once it has been dropped.</summary>
    public ReadOnlySpan<byte> Data(int segment) => _data[segment];

    /// <summary>The references of an element segment; empty once it has been dropped.</summary>
    public ReadOnlySpan<object?> Elements(int segment) => _elements[segment];

    /// <summary><c>data.drop</c>.</summary>
    public void DropData(int segment) => _data[segment] = null;

    /// <summary><c>elem.drop</c>.</summary>
    public void DropElements(int segment) => _elements[segment] = null;

    /// <summary>Fills tables and memories from the active segments; those before one that does not fit stay written.</summary>
    public void Initialise()
    {
        var module = Program.Module;
        for (var i = 0; i < module.Elements.Count; i++)
        {
            if (module.Elements[i] is { Mode: SegmentMode.Active, Offset: { } offset } segment)
            {
                var start = Evaluate(offset, ValType.I32).Bits;
                BulkOperations.TableInit(Tables[segment.Table.Index], start, Elements(i), 0, (ulong)Elements(i).Length);
            }

            if (module.Elements[i].Mode != SegmentMode.Passive)
            {
                DropElements(i);
            }
        }

        for (var i = 0; i < module.Data.Count; i++)
        {
            if (module.Data[i] is { Mode: SegmentMode.Active, Offset: { } offset } segment)
            {
                var start = Evaluate(offset, ValType.I32).Bits;
                BulkOperations.MemoryInit(Memories[segment.Memory.Index], start, Data(i), 0, (ulong)Data(i).Length);
                DropData(i);
            }
        }
    }

    private object?[] References(ElementSegment segment)
    {
        if (segment.Expressions is { IsDefaultOrEmpty: false } expressions)
        {
            return [.. expressions.Select(expression => Evaluate(expression, segment.Type).Reference)];
        }

        return [.. (segment.Functions.IsDefault ? [] : segment.Functions).Select(index => Functions[index.Index])];
    }

    private RuntimeValue Evaluate(ConstantExpression expression, ValType type)
    {
        if (expression.TryGlobal(out var global))
        {
            return Globals[global.Index].Value;
        }

        if (expression.TryVector(out var vector))
        {
            return RuntimeValue.V128(vector);
        }

        if (!expression.TryEvaluate(out var value, index => new ConstantValue(Globals[index.Index].Value.Type, Globals[index.Index].Value.Bits)))
        {
            throw new EvaluationStoppedException(OutcomeKind.NotModelled);
        }

        return value.Type.IsReference()
            ? new RuntimeValue(type, 0, value.Function is { } function ? Functions[function.Index] : null)
            : new RuntimeValue(value.Type, value.Bits);
    }
}
