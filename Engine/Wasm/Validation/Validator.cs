using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Wasm.Validation;

/// <summary>
/// Validates a module as the specification says, and everything the reader left open: the encoding of bodies and the features that are
/// switched off. Throws at the first error: PULSE1002 with byte offset, function and instruction; PULSE1001 for a malformed body;
/// PULSE1006 for a feature that is switched off. After it, no index in the module is out of range.
/// </summary>
/// <remarks>Core 3.0 #valid-module</remarks>
internal sealed class Validator
{
    private readonly Module _module;
    private readonly ValidationContext _context;
    private readonly CodeValidator _code;
    private readonly IndexVisitor _declare;

    private Validator(Module module, string path, WasmFeatures features)
    {
        _module = module;
        _context = new ValidationContext(module, path, features);
        _code = new CodeValidator(_context);
        _declare = Declare;
    }

    /// <summary>Requires that a module that was made here is valid; <paramref name="what"/> it is, for the report of a defect.</summary>
    public static void Require(Module module, string what)
    {
        try
        {
            Validate(module, what);
        }
        catch (DiagnosticException invalid)
        {
            throw new InvariantException($"the {what} module is not valid: {invalid.Diagnostic.Message}", invalid);
        }
    }

    /// <summary>Throws unless <paramref name="module"/> is valid.</summary>
    public static void Validate(Module module, string path, WasmFeatures features = WasmFeatures.Default) =>
        new Validator(module, path, features).Validate();

    private void Validate()
    {
        CheckTypes();
        CheckFunctionTypes();
        CollectDeclaredReferences();
        CheckTables();
        CheckMemories();
        CheckGlobals();
        CheckExports();
        CheckStart();
        CheckElements();
        CheckData();
        CheckBodies();
        if (!_context.HasAllFeatures)
        {
            new FeatureUse(_module, _context).Check();
        }
    }

    private int Place(int section) => _module.Source?.Find(section)?.ContentOffset ?? -1;

    private void CheckTypes()
    {
        var at = Place(SectionId.Type);
        foreach (var type in _module.Types)
        {
            if (Math.Max(type.Parameters.Length, type.Results.Length) > ValidationContext.MaximumArity)
            {
                throw _context.Invalid($"implementation limit: a function type with more than {ValidationContext.MaximumArity} parameters or results", at);
            }
        }
    }

    private void CheckFunctionTypes()
    {
        foreach (var function in _module.Functions)
        {
            var at = Place(function.Import is null ? SectionId.Function : SectionId.Import);
            _context.RequireIndex(function.Type.Index, _module.Types.Count, "type", at);
        }
    }

    /// <summary>Indices are checked later: a set must not grow to what a hostile one names.</summary>
    private void Declare(FuncIndex function)
    {
        if (function.Index < _module.Functions.Count)
        {
            _context.DeclaredReferences.Add(function);
        }
    }

    private void CollectDeclaredReferences()
    {
        foreach (var export in _module.Exports.Where(export => export.Kind == ExternKind.Function))
        {
            Declare(new FuncIndex(export.Index));
        }

        foreach (var segment in _module.Elements)
        {
            foreach (var function in segment.Functions)
            {
                Declare(function);
            }

            foreach (var expression in segment.Expressions)
            {
                Declare(expression);
            }
        }

        _module.Globals.ForEach(global => Declare(global.Initial));
        _module.Tables.ForEach(table => Declare(table.Initial));
    }

    private void Declare(ConstantExpression? expression)
    {
        if (expression is not null)
        {
            BodyRewriter.VisitIndices(expression.Code.Span, _declare);
        }
    }

    private void Declare(IndexSpace space, int index)
    {
        if (space == IndexSpace.Function)
        {
            Declare(new FuncIndex(index));
        }
    }

    private void CheckTables()
    {
        // The table section stands before the global section.
        _context.VisibleGlobals = _module.ImportedGlobals;
        foreach (var table in _module.Tables)
        {
            var at = Place(table.Import is null ? SectionId.Table : SectionId.Import);
            CheckOrder(table.Limits, "size minimum must not be greater than maximum", at);
            if (!table.Limits.Is64 && (table.Limits.Minimum > uint.MaxValue || table.Limits.Maximum > uint.MaxValue))
            {
                throw _context.Invalid("table size must be at most 2^32-1", at);
            }

            if (table.Initial is { } initial)
            {
                _code.CheckConstant(initial, table.ElementType);
            }
        }
    }

    private void CheckOrder(Limits limits, string message, int at)
    {
        if (limits.Maximum < limits.Minimum)
        {
            throw _context.Invalid(message, at);
        }
    }

    private void CheckMemories()
    {
        foreach (var memory in _module.Memories)
        {
            var at = Place(memory.Import is null ? SectionId.Memory : SectionId.Import);
            CheckMemory(memory, at);
            CheckOrder(memory.Limits, "size minimum must not be greater than maximum", at);
        }
    }

    private void CheckMemory(ModuleMemory memory, int at)
    {
        var limits = memory.Limits;
        if (limits.Shared && limits.Maximum is null)
        {
            throw _context.Invalid("shared memory must have maximum", at);
        }

        if (memory.PageSizeLog2 is not (0 or 16))
        {
            throw _context.Invalid("invalid custom page size", at);
        }

        var pages = ((limits.Is64 ? ulong.MaxValue : uint.MaxValue) >> memory.PageSizeLog2) + (memory.PageSizeLog2 > 0 ? 1UL : 0);
        if (limits.Minimum > pages || limits.Maximum > pages)
        {
            throw _context.Invalid($"memory size must be at most {pages} pages", at);
        }
    }

    private void CheckGlobals()
    {
        for (var i = 0; i < _module.Globals.Count; i++)
        {
            var global = _module.Globals[i];
            _context.VisibleGlobals = i;
            if (global.Initial is { } initial)
            {
                _code.CheckConstant(initial, global.Type);
            }
        }

        _context.VisibleGlobals = _module.Globals.Count;
    }

    private void CheckExports()
    {
        var at = Place(SectionId.Export);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var export in _module.Exports)
        {
            var (count, what) = export.Kind switch
            {
                ExternKind.Function => (_module.Functions.Count, "function"),
                ExternKind.Table => (_module.Tables.Count, "table"),
                ExternKind.Memory => (_module.Memories.Count, "memory"),
                _ => (_module.Globals.Count, "global"),
            };
            _context.RequireIndex(export.Index, count, what, at, $"export '{export.Name}'");
            if (!names.Add(export.Name))
            {
                throw _context.Invalid("duplicate export name", at, $"export '{export.Name}'");
            }
        }
    }

    private void CheckStart()
    {
        if (_module.Start is not { } start)
        {
            return;
        }

        var at = Place(SectionId.Start);
        _context.RequireIndex(start.Index, _module.Functions.Count, "function", at, "start");
        if (_module.TypeOf(start) is not { Parameters.IsEmpty: true, Results.IsEmpty: true })
        {
            throw _context.Invalid("start function must have no parameters and no results", at);
        }
    }

    private void CheckElements()
    {
        foreach (var segment in _module.Elements)
        {
            var at = segment.Offset?.Offset ?? Place(SectionId.Element);
            if (segment.Mode == SegmentMode.Active)
            {
                _context.RequireIndex(segment.Table.Index, _module.Tables.Count, "table", at);
                var table = _module.Tables[segment.Table.Index];
                if (table.ElementType != segment.Type)
                {
                    throw _context.Invalid($"type mismatch: a table of {table.ElementType.Name()} cannot hold {segment.Type.Name()}", at, "elem");
                }

                _code.CheckConstant(Required(segment.Offset), table.Limits.Is64 ? ValType.I64 : ValType.I32);
            }

            foreach (var function in segment.Functions)
            {
                _context.RequireIndex(function.Index, _module.Functions.Count, "function", at, "elem");
            }

            foreach (var expression in segment.Expressions)
            {
                _code.CheckConstant(expression, segment.Type);
            }
        }
    }

    private void CheckData()
    {
        foreach (var segment in _module.Data.Where(segment => segment.Mode == SegmentMode.Active))
        {
            _context.RequireIndex(segment.Memory.Index, _module.Memories.Count, "memory", segment.Offset?.Offset ?? Place(SectionId.Data), "data");
            _code.CheckConstant(Required(segment.Offset), _module.Memories[segment.Memory.Index].Limits.Is64 ? ValType.I64 : ValType.I32);
        }
    }

    private void CheckBodies()
    {
        for (var i = 0; i < _module.Functions.Count; i++)
        {
            if (_module.Functions[i].Import is null)
            {
                _context.Function = i;
                _code.CheckBody(_module.TypeOf(new FuncIndex(i)), Required(_module.Functions[i].Body));
            }
        }
    }

    private static T Required<T>(T? value) where T : class => value ?? throw new InvariantException("a defined entity has its body or offset");
}
