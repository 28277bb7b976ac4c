using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Prints a module so that <see cref="WatParser"/> reads the same module back: same indices, same code in its shortest encoding, same custom
/// sections. What is lost: how locals are grouped, and the length of LEB128 integers. A body that does not decode cannot be printed
/// and gives the reader's diagnostic.
/// </summary>
internal sealed class WatPrinter
{
    /// <summary>Locals that all functions together may have: some hundred megabytes of text.</summary>
    private const int MaximumPrintedLocals = 1 << 24;

    /// <summary>Characters of a text; twice as many are more than one string can have.</summary>
    private const int MaximumLength = 1 << 29;

    /// <summary>Parameters and results of a type that every function repeats.</summary>
    private const int MaximumSpelled = 10;

    private readonly Module _module;
    private readonly string _path;
    private readonly WatNames _names;
    private readonly StringBuilder _output = new();
    private long _locals;

    private WatPrinter(Module module, string path)
    {
        _module = module;
        _path = path;
        _names = new WatNames(module);
    }

    /// <summary>The text of <paramref name="module"/>; <paramref name="path"/> is for diagnostics.</summary>
    public static string Print(Module module, string path = "") => new WatPrinter(module, path).Print();

    /// <summary>A number as the text format has it.</summary>
    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private string Print()
    {
        _output.Append("(module").Append(_names.ModuleId);
        for (var i = 0; i < _module.Types.Count; i++)
        {
            Field($"type{_names.Definition(IndexSpace.Type, i)} (func{Signature(_module.Types[i])})");
        }

        Imports();
        Definitions();
        foreach (var export in _module.Exports)
        {
            Field($"export {WatStrings.Quote(export.Name)} ({Keyword(export.Kind)} {_names.Reference(SpaceOf(export.Kind), export.Index)})");
        }

        if (_module.Start is { } start)
        {
            Field($"start {_names.Reference(IndexSpace.Function, start.Index)}");
        }

        Segments();
        if (_module.HasDataCount)
        {
            Field("@datacount");
        }

        CustomSections();
        return _output.Append(")\n").ToString();
    }

    private void Field(string text) => _output.Append("\n  (").Append(text).Append(')');

    private static string Keyword(ExternKind kind) => kind switch
    {
        ExternKind.Function => "func",
        ExternKind.Table => "table",
        ExternKind.Memory => "memory",
        _ => "global",
    };

    private static IndexSpace SpaceOf(ExternKind kind) => kind switch
    {
        ExternKind.Function => IndexSpace.Function,
        ExternKind.Table => IndexSpace.Table,
        ExternKind.Memory => IndexSpace.Memory,
        _ => IndexSpace.Global,
    };

    private static string Signature(FuncType type) => Types(" (param", type.Parameters) + Types(" (result", type.Results);

    private static string Types(string head, ImmutableArray<ValType> types) =>
        types.IsEmpty ? "" : $"{head} {string.Join(' ', types.Select(ValTypes.Name))})";

    private void Imports()
    {
        var next = new int[4];
        foreach (var import in _module.Imports)
        {
            var index = next[(int)import.Kind]++;
            var type = import.Kind switch
            {
                ExternKind.Function => $" (type {_names.Reference(IndexSpace.Type, _module.Functions[index].Type.Index)})",
                ExternKind.Table => TableType(_module.Tables[index]),
                ExternKind.Memory => MemoryType(_module.Memories[index]),
                _ => GlobalType(_module.Globals[index]),
            };
            var definition = _names.Definition(SpaceOf(import.Kind), index);
            Field($"import {WatStrings.Quote(import.Module)} {WatStrings.Quote(import.Name)} ({Keyword(import.Kind)}{definition}{type})");
        }
    }

    private void Definitions()
    {
        for (var i = 0; i < _module.Tables.Count; i++)
        {
            var table = _module.Tables[i];
            if (table.Import is null)
            {
                var initial = table.Initial is { } expression ? " " + Expression(expression) : "";
                Field($"table{_names.Definition(IndexSpace.Table, i)}{TableType(table)}{initial}");
            }
        }

        for (var i = 0; i < _module.Memories.Count; i++)
        {
            if (_module.Memories[i].Import is null)
            {
                Field($"memory{_names.Definition(IndexSpace.Memory, i)}{MemoryType(_module.Memories[i])}");
            }
        }

        for (var i = 0; i < _module.Globals.Count; i++)
        {
            if (_module.Globals[i] is { Initial: { } initial } global)
            {
                Field($"global{_names.Definition(IndexSpace.Global, i)}{GlobalType(global)} {Expression(initial)}");
            }
        }

        for (var i = 0; i < _module.Functions.Count; i++)
        {
            if (_module.Functions[i].Body is { } body)
            {
                Function(i, body);
            }
        }
    }

    private void Function(int index, FunctionBody body)
    {
        var type = _module.TypeOf(new FuncIndex(index));
        var head = $"\n  (func{_names.Definition(IndexSpace.Function, index)} (type {_names.Reference(IndexSpace.Type, _module.Functions[index].Type.Index)})";
        _output.Append(head);
        var isSpelled = IsSpelled(type, index);
        CheckLocals(body);
        var local = 0;
        if (isSpelled)
        {
            Locals("param", type.Parameters.Select(parameter => (1u, parameter)), index, ref local);
            _output.Append(Types(" (result", type.Results));
        }
        else
        {
            local = type.Parameters.Length;
        }

        Locals("local", body.Locals.Select(group => (group.Count, group.Type)), index, ref local);
        new WatInstructionPrinter(_names, index).Body(_output, body, _path);
        _output.Append(')');
        if (_output.Length > MaximumLength)
        {
            throw new DiagnosticException(DiagnosticId.PULSE1002, Location.AtOffset(_path, body.Offset), $"implementation limit: a text of more than {MaximumLength} characters");
        }
    }

    /// <summary>Whether a function repeats its type. Of a long one it does so only where it names parameters: many functions may have it.</summary>
    private bool IsSpelled(FuncType type, int function)
    {
        var count = type.Parameters.Length + type.Results.Length;
        if (count <= MaximumSpelled)
        {
            return true;
        }

        var isNamed = _names.NamesLocals(function, type.Parameters.Length);
        _locals += isNamed ? count : 0;
        return isNamed;
    }

    /// <summary>Text has a word for every local, where the binary has a count for many: what would fill the memory is refused before.</summary>
    private void CheckLocals(FunctionBody body)
    {
        var count = body.Locals.Sum(group => (long)group.Count);
        _locals += count;
        var (limit, where) = count > ValidationContext.MaximumLocals ? (ValidationContext.MaximumLocals, "") : (MaximumPrintedLocals, " in all functions of a text");
        if (count > limit || _locals > MaximumPrintedLocals)
        {
            throw new DiagnosticException(DiagnosticId.PULSE1002, Location.AtOffset(_path, body.Offset), $"implementation limit: more than {limit} locals{where}");
        }
    }

    private void Locals(string keyword, IEnumerable<(uint Count, ValType Type)> groups, int function, ref int local)
    {
        var isOpen = false;
        foreach (var (count, type) in groups)
        {
            for (var i = 0u; i < count; i++, local++)
            {
                var id = _names.Local(function, local);
                if (id is not null)
                {
                    _output.Append(isOpen ? ")" : "").Append(" (").Append(keyword).Append(' ').Append(id).Append(' ').Append(type.Name()).Append(')');
                    isOpen = false;
                    continue;
                }

                _output.Append(isOpen ? "" : " (" + keyword).Append(' ').Append(type.Name());
                isOpen = true;
            }
        }

        _output.Append(isOpen ? ")" : "");
    }

    private string Expression(ConstantExpression expression) => new WatInstructionPrinter(_names, -1).Expression(expression, _path);

    private static string Limits(Limits limits)
    {
        var maximum = limits.Maximum is { } value ? string.Create(CultureInfo.InvariantCulture, $" {value}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{(limits.Is64 ? " i64" : "")} {limits.Minimum}{maximum}{(limits.Shared ? " shared" : "")}");
    }

    private static string TableType(ModuleTable table) => $"{Limits(table.Limits)} {table.ElementType.Name()}";

    private static string MemoryType(ModuleMemory memory) =>
        Limits(memory.Limits) + (memory.StatedPageSizeLog2 is { } stated ? string.Create(CultureInfo.InvariantCulture, $" (pagesize {1UL << stated})") : "");

    private static string GlobalType(ModuleGlobal global) => global.IsMutable ? $" (mut {global.Type.Name()})" : " " + global.Type.Name();

    private void Segments()
    {
        for (var i = 0; i < _module.Elements.Count; i++)
        {
            var segment = _module.Elements[i];
            var place = segment.Mode switch
            {
                SegmentMode.Active => $" (table {_names.Reference(IndexSpace.Table, segment.Table.Index)}) (offset {Expression(segment.Offset!)})",
                SegmentMode.Passive => "",
                _ => " declare",
            };
            var entries = segment.UsesExpressions
                ? segment.Type.Name() + string.Concat(segment.Expressions.Select(entry => $" (item {Expression(entry)})"))
                : "func" + string.Concat(segment.Functions.Select(entry => " " + _names.Reference(IndexSpace.Function, entry.Index)));
            Field($"elem{_names.Definition(IndexSpace.Element, i)}{place} {entries}");
        }

        for (var i = 0; i < _module.Data.Count; i++)
        {
            var segment = _module.Data[i];
            var place = segment.Mode == SegmentMode.Passive
                ? ""
                : $" (memory {_names.Reference(IndexSpace.Memory, segment.Memory.Index)}) (offset {Expression(segment.Offset!)})";
            Field($"data{_names.Definition(IndexSpace.Data, i)}{place} {WatStrings.Quote(segment.Bytes.Span)}");
        }
    }

    /// <summary>A name section that the identifiers give back is printed without content: the parser fills it in at that place.</summary>
    private void CustomSections()
    {
        foreach (var section in _module.CustomSections)
        {
            var place = section.After == 0 ? "(before first)" : $"(after {SectionId.NameOf(section.After)})";
            var content = section.Name == NameSection.SectionName && _names.CoversSection ? "" : " " + WatStrings.Quote(section.Bytes.Span);
            Field($"@custom {WatStrings.Quote(section.Name)} {place}{content}");
        }
    }
}
