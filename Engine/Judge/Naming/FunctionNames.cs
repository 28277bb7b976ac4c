using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Naming;

/// <summary>What functions are called, for people and as a hint; never needed for a verdict. A broken name section is ignored.</summary>
internal sealed class FunctionNames
{
    private readonly DecodedModule _module;

    public FunctionNames(DecodedModule module)
    {
        _module = module;
        foreach (var section in module.Customs.Where(section => section.Name == "name"))
        {
            try
            {
                Read(section);
            }
            catch (DiagnosticException)
            {
                Named.Clear();
            }
        }
    }

    /// <summary>Names of the name section, by function.</summary>
    public Dictionary<int, string> Named { get; } = [];

    /// <summary>The name of a function for reports.</summary>
    public string Of(int function)
    {
        if (Named.TryGetValue(function, out var name))
        {
            return name;
        }

        var export = _module.Exports.Find(e => e.Kind == EntityKind.Function && e.Index == function);
        return export is not null ? export.Name : _module.Functions[function].Import is { } import ? import.ToString() : $"#{function}";
    }

    private void Read(CustomSection section)
    {
        var c = new ByteCursor(section.Bytes.ToArray(), 0, section.Bytes.Length, _module.File);
        while (!c.AtEnd)
        {
            var id = c.U8();
            var part = c.Slice(c.Count());
            for (var count = id == 1 ? part.Count() : 0; count > 0; count--)
            {
                var index = part.Index();
                Named[index] = part.Name();
            }
        }
    }
}
