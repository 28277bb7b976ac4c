using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// Which functions a table may hold. A table is closed when nothing outside the module and no instruction can change it: then its element
/// segments say everything.
/// </summary>
internal sealed class IndirectTargets
{
    private readonly Module _module;
    private readonly bool[] _isOpen;

    public IndirectTargets(Module module)
    {
        _module = module;
        _isOpen = [.. module.Tables.Select(table => table.Import is not null || table.Initial is not null)];
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Table))
        {
            Open(export.Index);
        }

        foreach (var function in module.Functions.Where(function => function.Body is not null))
        {
            OpenWritten(function.Body!);
        }
    }

    /// <summary>Whether the targets of <paramref name="call"/> are all known.</summary>
    public bool IsClosed(WasmCall call) => call.Table.Index < _isOpen.Length && !_isOpen[call.Table.Index];

    /// <summary>The functions of the called type that element segments put into the table, by rising index.</summary>
    public IEnumerable<FuncIndex> Of(WasmCall call)
    {
        var type = _module.Types[call.Type.Index];
        return _module.Elements
            .Where(segment => segment.Mode == SegmentMode.Active && segment.Table == call.Table)
            .SelectMany(segment => segment.UsesExpressions ? segment.Expressions.SelectMany(Named) : segment.Functions)
            .Where(function => function.Index < _module.Functions.Count && _module.TypeOf(function).Equals(type))
            .Distinct()
            .OrderBy(function => function.Index);
    }

    private static IEnumerable<FuncIndex> Named(ConstantExpression expression)
    {
        var functions = new List<FuncIndex>();
        var reader = new InstructionReader(expression.Code.Span, expression.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if (instruction.Info.Immediate == ImmediateKind.Function)
            {
                functions.Add(new FuncIndex(instruction.A));
            }
        }

        return functions;
    }

    private void OpenWritten(FunctionBody body)
    {
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if ((instruction.Info.Effects & Effects.WritesTable) != 0)
            {
                Open(instruction.Info.Immediate == ImmediateKind.ElementTable ? instruction.B : instruction.A);
            }
        }
    }

    private void Open(int table)
    {
        if (table < _isOpen.Length)
        {
            _isOpen[table] = true;
        }
    }
}
