using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>
/// The <c>name</c> section: what people call a module's entities. Names are a courtesy: a section that breaks its grammar is read as far as it
/// goes and never refused.
/// </summary>
/// <remarks>Core 3.0 #binary-namesec, and the extended-name-section proposal for the other index spaces</remarks>
internal sealed class NameSection
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "name";

    private const int ModuleNameId = 0;
    private const int LocalsId = 2;
    private const int LabelsId = 3;

    /// <summary>Subsection of each index space, by <see cref="IndexSpace"/>.</summary>
    private static readonly (int Id, IndexSpace Space)[] SpaceIds =
    [
        (1, IndexSpace.Function), (4, IndexSpace.Type), (5, IndexSpace.Table), (6, IndexSpace.Memory), (7, IndexSpace.Global),
        (8, IndexSpace.Element), (9, IndexSpace.Data),
    ];

    private readonly SortedDictionary<IndexSpace, SortedDictionary<int, string>> _spaces = [];

    /// <summary>The module's name.</summary>
    public string? ModuleName { get; set; }

    /// <summary>Names of functions, by index.</summary>
    public SortedDictionary<int, string> FunctionNames => Names(IndexSpace.Function);

    /// <summary>Names of locals, parameters included, by function and local.</summary>
    public SortedDictionary<int, SortedDictionary<int, string>> LocalNames { get; private set; } = [];

    /// <summary>Names of blocks, by function and position among the function's block instructions.</summary>
    public SortedDictionary<int, SortedDictionary<int, string>> LabelNames { get; private set; } = [];

    /// <summary>Names of the entities of <paramref name="space"/>, by index.</summary>
    public SortedDictionary<int, string> Names(IndexSpace space)
    {
        if (!_spaces.TryGetValue(space, out var names))
        {
            _spaces[space] = names = [];
        }

        return names;
    }

    /// <summary>The name of <paramref name="function"/>, or null.</summary>
    public string? Function(FuncIndex function) => FunctionNames.GetValueOrDefault(function.Index);

    /// <summary>Whether it names nothing.</summary>
    public bool IsEmpty => ModuleName is null && LocalNames.Count == 0 && LabelNames.Count == 0 && _spaces.Values.All(names => names.Count == 0);

    /// <summary>The names in <paramref name="module"/>; empty when it has no name section.</summary>
    public static NameSection Read(Module module)
    {
        var names = new NameSection();
        if (module.CustomSections.Find(section => section.Name == SectionName) is { } section)
        {
            try
            {
                names.ReadSubsections(section.Bytes.Span);
            }
            catch (DiagnosticException)
            {
                // What was read before the malformed byte is kept: the specification asks for errors here to be ignored.
            }
        }

        return names;
    }

    /// <summary>Puts these names into <paramref name="module"/>, in place of those it has.</summary>
    public void WriteTo(Module module)
    {
        var at = module.CustomSections.FindIndex(section => section.Name == SectionName);
        if (at >= 0 && IsEmpty)
        {
            module.CustomSections.RemoveAt(at);
        }
        else if (at >= 0)
        {
            module.CustomSections[at] = module.CustomSections[at] with { Bytes = Encode() };
        }
        else if (!IsEmpty)
        {
            module.CustomSections.Add(new CustomSection(SectionName, Encode(), SectionId.Data));
        }
    }

    /// <summary>Renumbers the names in <paramref name="module"/>, and drops those of entities that are gone.</summary>
    public static void Remap(Module module, IndexMaps maps)
    {
        var names = Read(module);
        if (names.IsEmpty || SpaceIds.All(row => maps[row.Space] is null))
        {
            return;
        }

        foreach (var (_, space) in SpaceIds)
        {
            names._spaces[space] = Remap(names.Names(space), maps[space]);
        }

        names.LocalNames = Remap(names.LocalNames, maps[IndexSpace.Function]);
        names.LabelNames = Remap(names.LabelNames, maps[IndexSpace.Function]);
        names.WriteTo(module);
    }

    private static SortedDictionary<int, T> Remap<T>(SortedDictionary<int, T> entries, int[]? map)
    {
        if (map is null)
        {
            return entries;
        }

        var result = new SortedDictionary<int, T>();
        foreach (var (index, entry) in entries)
        {
            if (index < map.Length && map[index] >= 0)
            {
                result[map[index]] = entry;
            }
        }

        return result;
    }

    private void ReadSubsections(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, 0, "");
        while (!reader.AtEnd)
        {
            var id = reader.U8();
            var subsection = new ByteReader(reader.Bytes(reader.Count()), 0, "");
            switch (id)
            {
                case ModuleNameId:
                    ModuleName = subsection.Name();
                    break;
                case LocalsId:
                    ReadIndirect(ref subsection, LocalNames);
                    break;
                case LabelsId:
                    ReadIndirect(ref subsection, LabelNames);
                    break;
                default:
                    if (Array.FindIndex(SpaceIds, row => row.Id == id) is var at and >= 0)
                    {
                        ReadMap(ref subsection, Names(SpaceIds[at].Space));
                    }

                    break;
            }
        }
    }

    private static void ReadIndirect(ref ByteReader reader, SortedDictionary<int, SortedDictionary<int, string>> into)
    {
        for (var left = reader.Count(2); left > 0; left--)
        {
            var owner = reader.Index();
            into[owner] = [];
            ReadMap(ref reader, into[owner]);
        }
    }

    private static void ReadMap(ref ByteReader reader, SortedDictionary<int, string> into)
    {
        for (var left = reader.Count(2); left > 0; left--)
        {
            var index = reader.Index();
            into[index] = reader.Name();
        }
    }

    private byte[] Encode()
    {
        var output = new ByteWriter();
        if (ModuleName is { } name)
        {
            Subsection(output, ModuleNameId, content => content.Name(name));
        }

        WriteMap(output, 1, FunctionNames);
        WriteIndirect(output, LocalsId, LocalNames);
        WriteIndirect(output, LabelsId, LabelNames);
        foreach (var (id, space) in SpaceIds.Skip(1))
        {
            WriteMap(output, id, Names(space));
        }

        return output.ToArray();
    }

    private static void WriteMap(ByteWriter output, int id, SortedDictionary<int, string> names)
    {
        if (names.Count > 0)
        {
            Subsection(output, id, content => WriteEntries(content, names));
        }
    }

    private static void WriteIndirect(ByteWriter output, int id, SortedDictionary<int, SortedDictionary<int, string>> owners)
    {
        if (owners.Count == 0)
        {
            return;
        }

        Subsection(output, id, content =>
        {
            content.Uleb((ulong)owners.Count);
            foreach (var (owner, names) in owners)
            {
                content.Uleb((ulong)owner);
                WriteEntries(content, names);
            }
        });
    }

    private static void WriteEntries(ByteWriter output, SortedDictionary<int, string> names)
    {
        output.Uleb((ulong)names.Count);
        foreach (var (index, name) in names)
        {
            output.Uleb((ulong)index);
            output.Name(name);
        }
    }

    private static void Subsection(ByteWriter output, int id, Action<ByteWriter> write)
    {
        var content = new ByteWriter();
        write(content);
        output.U8((byte)id);
        output.Vector(content.Written);
    }
}
