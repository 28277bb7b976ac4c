using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Brings a program back to a module.</summary>
internal static class ProgramWriter
{
    /// <summary>
    /// The module of <paramref name="program"/> with the bodies that passes have changed emitted anew; every other body keeps its bytes.
    /// Entities that a pass has made useless are removed by it with the module's remapper, before or after.
    /// </summary>
    public static Module Write(Program program)
    {
        var module = program.Module;
        for (var i = 0; i < module.Functions.Count; i++)
        {
            var index = new FuncIndex(i);
            if (program.IsChanged(index) && program.Body(index) is { } body)
            {
                module.Functions[i] = module.Functions[i] with { Body = SsaToWasm.Convert(body, module) };
            }
        }

        return module;
    }
}
