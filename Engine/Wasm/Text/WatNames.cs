using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// The identifiers that a module's text can have: the names of its name section that name something, are not empty and are unique in their
/// space. When they give back exactly that section, the text needs no copy of it.
/// </summary>
internal sealed class WatNames
{
    private readonly NameSection _names;

    /// <summary>Takes the usable names of <paramref name="module"/>.</summary>
    public WatNames(Module module)
    {
        _names = NameSection.Read(module);
        _names.ModuleName = _names.ModuleName is { Length: > 0 } name ? name : null;
        foreach (var space in Enum.GetValues<IndexSpace>())
        {
            Clean(_names.Names(space), Count(module, space));
        }

        CleanOwned(_names.LocalNames, module, (function, type) => type.Parameters.Length + function.Body!.Locals.Sum(group => (long)group.Count));
        CleanOwned(_names.LabelNames, module, (function, _) => CountBlocks(function.Body!), uniqueOnly: false);
        var section = module.CustomSections.Find(custom => custom.Name == NameSection.SectionName);
        var regenerated = new Module();
        _names.WriteTo(regenerated);
        CoversSection = section is null
            ? regenerated.CustomSections.Count == 0
            : regenerated.CustomSections is [var only] && only.Bytes.Span.SequenceEqual(section.Bytes.Span);
    }

    /// <summary>Whether the identifiers alone give back the module's name section.</summary>
    public bool CoversSection { get; }

    /// <summary>The module's identifier with a space before it, or nothing.</summary>
    public string ModuleId => _names.ModuleName is { } name ? " " + WatStrings.Identifier(name) : "";

    /// <summary>The identifier of an entity, or its number.</summary>
    public string Reference(IndexSpace space, int index) =>
        _names.Names(space).TryGetValue(index, out var name) ? WatStrings.Identifier(name) : WatPrinter.Number(index);

    /// <summary>What stands behind the keyword of a definition: the identifier if any, and the number as a comment.</summary>
    public string Definition(IndexSpace space, int index) =>
        _names.Names(space).TryGetValue(index, out var name) ? $" {WatStrings.Identifier(name)} (;{WatPrinter.Number(index)};)" : $" (;{WatPrinter.Number(index)};)";

    /// <summary>The identifier of a local, or null.</summary>
    public string? Local(int function, int local) =>
        _names.LocalNames.TryGetValue(function, out var names) && names.TryGetValue(local, out var name) ? WatStrings.Identifier(name) : null;

    /// <summary>Whether any of the first <paramref name="count"/> locals has a name.</summary>
    public bool NamesLocals(int function, int count) => _names.LocalNames.TryGetValue(function, out var names) && names.Count > 0 && names.First().Key < count;

    /// <summary>The name of the <paramref name="block"/>-th block instruction of a function, or null.</summary>
    public string? Label(int function, int block) =>
        _names.LabelNames.TryGetValue(function, out var names) && names.TryGetValue(block, out var name) ? name : null;

    private static void CleanOwned(
        SortedDictionary<int, SortedDictionary<int, string>> owners, Module module, Func<ModuleFunction, FuncType, long> count, bool uniqueOnly = true)
    {
        foreach (var (owner, names) in owners.ToList())
        {
            var function = owner < module.Functions.Count ? module.Functions[owner] : null;
            if (function?.Body is null)
            {
                owners.Remove(owner);
                continue;
            }

            Clean(names, count(function, module.TypeOf(new FuncIndex(owner))), uniqueOnly);
            if (names.Count == 0)
            {
                owners.Remove(owner);
            }
        }
    }

    private static void Clean(SortedDictionary<int, string> names, long count, bool uniqueOnly = true)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, name) in names.ToList())
        {
            if (index >= count || name.Length == 0 || (!seen.Add(name) && uniqueOnly))
            {
                names.Remove(index);
            }
        }
    }

    private static int Count(Module module, IndexSpace space) => space switch
    {
        IndexSpace.Type => module.Types.Count,
        IndexSpace.Function => module.Functions.Count,
        IndexSpace.Table => module.Tables.Count,
        IndexSpace.Memory => module.Memories.Count,
        IndexSpace.Global => module.Globals.Count,
        IndexSpace.Element => module.Elements.Count,
        _ => module.Data.Count,
    };

    private static int CountBlocks(FunctionBody body)
    {
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        var count = 0;
        while (reader.TryRead(out var instruction))
        {
            count += instruction.Info.Immediate == ImmediateKind.BlockType ? 1 : 0;
        }

        return count;
    }
}
