using System.Globalization;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen;

/// <summary>
/// The C identifiers of an object's functions and variables, for its symbols and its header alike. What the compiler adds begins with the name
/// of the object: <c>app_memory</c>. Names that come out alike are told apart by a <c>_</c> at the end; one that is an identifier keeps it.
/// </summary>
internal sealed class CNames
{
    private readonly Dictionary<string, string> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _own = new(StringComparer.Ordinal);

    private readonly HashSet<string> _taken;

    /// <summary>Names what the module of <paramref name="plan"/> exports and imports as an object called <paramref name="name"/>.</summary>
    public CNames(ModulePlan plan, string name)
    {
        Prefix = CIdentifier.Of(name);
        var exports = plan.Module.Exports.Where(export => export.Kind == ExternKind.Function).Select(export => export.Name);
        var imports = plan.Module.Functions.Select((function, i) => (function, i)).Where(pair => pair.function.Import is not null).Select(pair => plan.FunctionSymbol(new FuncIndex(pair.i)));
        var symbols = exports.Concat(imports).Distinct(StringComparer.Ordinal).ToList();
        _taken = symbols.ToHashSet(StringComparer.Ordinal);
        foreach (var symbol in symbols)
        {
            var identifier = CIdentifier.Of(symbol);
            _functions.Add(symbol, identifier == symbol ? symbol : Free(identifier));
        }
    }

    /// <summary>The object's name as an identifier.</summary>
    public string Prefix { get; }

    /// <summary>The function that initialises the object.</summary>
    public string Initialization => Own("init");

    /// <summary>Whether <paramref name="symbol"/> is of a function that is exported or imported.</summary>
    public bool IsFunction(string symbol) => _functions.ContainsKey(symbol);

    /// <summary>The identifier of an exported or imported function by its symbol.</summary>
    public string Function(string symbol) => _functions[symbol];

    /// <summary>The bytes of a memory.</summary>
    public string Memory(int memory) => Own("memory", memory);

    /// <summary>The variable with the size of a memory that grows.</summary>
    public string MemorySize(int memory) => Own("memory_size", memory);

    /// <summary>The inline function that gives the address of an offset in a memory.</summary>
    public string Address(int memory) => Own("address", memory);

    private string Own(string what, int index = 0)
    {
        var plain = index == 0 ? $"{Prefix}_{what}" : string.Create(CultureInfo.InvariantCulture, $"{Prefix}_{what}{index}");
        return _own.TryGetValue(plain, out var name) ? name : _own[plain] = Free(plain);
    }

    private string Free(string name)
    {
        while (!_taken.Add(name))
        {
            name += "_";
        }

        return name;
    }
}
