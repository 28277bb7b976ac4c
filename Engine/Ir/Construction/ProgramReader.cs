using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Ir.Construction;

/// <summary>Brings every body of a valid module into SSA form.</summary>
internal static class ProgramReader
{
    /// <summary>The program.</summary>
    public static Program Read(Module module)
    {
        var program = new Program(module);
        var names = NameSection.Read(module);
        var exports = module.Exports.Where(export => export.Kind == ExternKind.Function).ToLookup(export => export.Index, export => export.Name);
        foreach (var index in program.Functions)
        {
            var name = names.Function(index) ?? exports[index.Index].FirstOrDefault();
            if (WasmToSsa.Convert(module, index, name) is { } body)
            {
                program.SetBody(index, body);
            }
        }

        return program;
    }
}
