using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>
/// What a host gives by the two names of each import of the original module, and what it sees and writes of a module: exports, and what it gave.
/// </summary>
internal sealed class HostView
{
    private readonly Module _module;
    private readonly Dictionary<FunctionInstance, string> _names = [];
    private readonly SortedDictionary<string, MemoryInstance> _memories = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, TableInstance> _tables = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, GlobalInstance> _globals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FunctionInstance> _functions = new(StringComparer.Ordinal);
    private readonly HashSet<object> _imported = [];

    public HostView(Module module, Module original, Func<string, FuncType, RuntimeValue[], RuntimeValue[]> called)
    {
        _module = module;
        foreach (var (index, function) in original.Functions.Index().Where(f => f.Item.Import is not null))
        {
            Give(function.Import!, Host(Name(function.Import!), original.TypeOf(new FuncIndex(index)), called));
        }

        foreach (var memory in original.Memories.Where(m => m.Import is not null))
        {
            var given = new MemoryInstance(memory.Limits, memory.PageSizeLog2);
            given.WriteBytes(0, Encoding.UTF8.GetBytes(Name(memory.Import!)).AsSpan(0, (int)Math.Min(given.Bytes, (ulong)Name(memory.Import!).Length)));
            Give(memory.Import!, given);
        }

        foreach (var table in original.Tables.Where(t => t.Import is not null))
        {
            var given = new TableInstance(table.ElementType, table.Limits);
            for (var i = 0UL; i < Math.Min(given.Size, 3); i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{Name(table.Import!)}[{i}]");
                given[i] = table.ElementType == ValType.ExternRef ? name : original.Types.Count == 0 ? null : Host(name, original.Types[(int)i % original.Types.Count], called);
            }

            Give(table.Import!, given);
        }

        foreach (var global in original.Globals.Where(g => g.Import is not null))
        {
            var bits = new FuzzRandom((ulong)Name(global.Import!).Aggregate(17, (hash, c) => unchecked((hash * 31) + c))).Next();
            var value = global.Type.IsReference() ? RuntimeValue.Zero(global.Type) : RuntimeValue.OfBits(global.Type, global.Type.Bits() == 32 ? bits & 0x3FFF : bits & 0x3FFF_FFFF);
            Give(global.Import!, new GlobalInstance(value, global.IsMutable));
        }
    }

    public Imports Imports { get; } = new();

    /// <summary>What the module asks for and offers, types and limits included, and what later stages obey.</summary>
    public string Surface
    {
        get
        {
            var exports = _module.Exports.Select(e => $"{e.Name}: {Type(e.Kind, e.Index)}").Order(StringComparer.Ordinal);
            var sections = _module.CustomSections.Where(s => s.Name.StartsWith("pulse.", StringComparison.Ordinal) && !SaysNothing(s)).Select(s => s.Name + Convert.ToHexString(s.Bytes.Span));
            return $"exports {string.Join("; ", exports)} sections {string.Join("; ", sections)}";
        }
    }

    /// <summary>Every import with its type: a rewrite may need fewer, and no others.</summary>
    public static IEnumerable<string> Needs(Module module)
    {
        var view = new HostView(module, new Module(), (_, _, _) => []);
        var next = new int[4];
        return [.. module.Imports.Select(import => $"{Name(import)}: {view.Type(import.Kind, next[(int)import.Kind]++)}")];
    }

    /// <summary>Takes note of what the instance exports.</summary>
    public void Attach(Instance instance)
    {
        foreach (var export in _module.Exports)
        {
            Note(export.Name, instance.Export(export.Name)!);
        }
    }

    /// <summary>A function that the host can call: an export, or what stands in a table that it can reach.</summary>
    public (string Name, FunctionInstance Function)? Entries(FuzzRandom random)
    {
        var all = _functions.Select(f => (f.Key, f.Value)).ToList();
        foreach (var (name, table) in _tables)
        {
            for (var i = 0UL; i < Math.Min(table.Size, 4); i++)
            {
                if (table[i] is FunctionInstance { Host: null } function)
                {
                    all.Add((string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"), function));
                }
            }
        }

        return all.Count == 0 ? null : random.Pick(all);
    }

    /// <summary>The host changes something of what it can reach.</summary>
    public void Write(HostScript script, FuzzRandom random, bool exports)
    {
        foreach (var memory in Reachable(_memories, exports).Select(m => m.Value).Distinct().Where(_ => random.Once(2)))
        {
            var address = random.Once(2) ? random.Pick(script.Telling) & uint.MaxValue : (ulong)random.Below(256);
            var bytes = 1 << random.Below(4);
            if (memory.Holds(address, (ulong)bytes))
            {
                memory.Write(address, bytes, (ulong)script.Value(ValType.I64, random));
            }

            if (random.Once(12))
            {
                memory.Grow(1);
            }
        }

        foreach (var global in Reachable(_globals, exports).Select(g => g.Value).Distinct().Where(g => g.IsMutable && random.Once(3)))
        {
            global.Value = global.Value.Type.IsReference() ? global.Value : RuntimeValue.OfBits(global.Value.Type, script.Value(global.Value.Type, random));
        }

        foreach (var table in Reachable(_tables, exports).Select(t => t.Value).Distinct().Where(t => t.Size > 0 && random.Once(8)))
        {
            table[(ulong)random.Below((int)table.Size)] = null;
        }
    }

    /// <summary>All that the host can see at this moment.</summary>
    public string State(bool exports)
    {
        var text = new StringBuilder();
        foreach (var (name, memory) in Reachable(_memories, exports))
        {
            text.Append(CultureInfo.InvariantCulture, $" {name}={memory.Pages} pages").Append(Contents(memory));
        }

        foreach (var (name, global) in Reachable(_globals, exports))
        {
            text.Append(CultureInfo.InvariantCulture, $" {name}={Text(global.Value)}");
        }

        foreach (var (name, table) in Reachable(_tables, exports))
        {
            var entries = Enumerable.Range(0, (int)Math.Min(table.Size, 64)).Select(i => Reference(table[(ulong)i]));
            text.Append(CultureInfo.InvariantCulture, $" {name}={table.Size} entries {string.Join(",", entries)}");
        }

        return text.ToString();
    }

    public string Text(RuntimeValue value) => value.Type.IsReference() ? Reference(value.Reference) : value.AsV128.ToString("x", CultureInfo.InvariantCulture);

    private static string Name(Import import) => $"\"{import.Module}\" \"{import.Name}\"";

    /// <summary>Whether all of each memory is laid out, as it is where no section says so.</summary>
    private bool SaysNothing(CustomSection section)
    {
        var all = new ByteWriter();
        _module.Memories.ForEach(memory => all.Uleb(memory.Limits.Minimum << memory.PageSizeLog2));
        return section.Name == "pulse.memory" && section.Bytes.Span.SequenceEqual(all.ToArray());
    }

    /// <summary>The bytes that are not zero while they are few, else a digest of them.</summary>
    private static string Contents(MemoryInstance memory)
    {
        var text = new StringBuilder();
        var (count, digest) = (0, 17UL);
        foreach (var (address, bytes) in memory.Written.OrderBy(part => part.Address))
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] != 0)
                {
                    digest = unchecked((digest ^ (address + (ulong)i + ((ulong)bytes[i] << 48))) * 0x100_0000_01B3);
                    if (count++ < 24)
                    {
                        text.Append(CultureInfo.InvariantCulture, $" {address + (ulong)i:x}:{bytes[i]:x2}");
                    }
                }
            }
        }

        return count <= 24 ? text.ToString() : string.Create(CultureInfo.InvariantCulture, $"{text} and {count - 24} more, {digest:x}");
    }

    private IEnumerable<KeyValuePair<string, T>> Reachable<T>(SortedDictionary<string, T> all, bool exports)
        where T : class => exports ? all : all.Where(one => _imported.Contains(one.Value));

    private void Give(Import import, object item)
    {
        Imports.Add(import.Module, import.Name, item);
        _imported.Add(item);
        if (item is not FunctionInstance)
        {
            Note("import " + Name(import), item);
        }
    }

    private void Note(string name, object item)
    {
        switch (item)
        {
            case MemoryInstance memory: _memories[name] = memory; break;
            case TableInstance table: _tables[name] = table; break;
            case GlobalInstance global: _globals[name] = global; break;
            default: _functions[name] = (FunctionInstance)item; break;
        }
    }

    private FunctionInstance Host(string name, FuncType type, Func<string, FuncType, RuntimeValue[], RuntimeValue[]> called)
    {
        var function = new FunctionInstance(type, arguments => called(name, type, arguments.ToArray()));
        _names[function] = name;
        return function;
    }

    private string Reference(object? reference) => reference switch
    {
        null => "null",
        FunctionInstance function => _names.TryGetValue(function, out var name) ? name : "function " + function.Type,
        _ => reference.ToString()!,
    };

    private string Type(ExternKind kind, int index) => kind switch
    {
        ExternKind.Function => _module.TypeOf(new FuncIndex(index)).ToString(),
        ExternKind.Memory => $"{_module.Memories[index].Limits} {_module.Memories[index].PageSizeLog2}",
        ExternKind.Table => $"{_module.Tables[index].ElementType} {_module.Tables[index].Limits}",
        _ => $"{_module.Globals[index].Type} {_module.Globals[index].IsMutable}",
    };
}
