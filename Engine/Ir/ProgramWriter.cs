using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Brings a program back to a module.</summary>
internal static class ProgramWriter
{
    /// <summary>
    /// The module of <paramref name="program"/> with the bodies that passes have changed emitted anew; every other body keeps its bytes.
    /// Entities that a pass has made useless are removed by it with the module's remapper, before or after.
    /// </summary>
    public static Module Write(Program program) => Write(program, anew: false);

    /// <summary>
    /// As <see cref="Write(Program)"/>; with <paramref name="anew"/>, unchanged bodies are emitted again as well, and kept when that makes
    /// them shorter: the round trip without passes, which never makes a body longer.
    /// </summary>
    public static Module Write(Program program, bool anew)
    {
        var module = program.Module;
        for (var i = 0; i < module.Functions.Count; i++)
        {
            var index = new FuncIndex(i);
            var function = module.Functions[i];
            if (program.Body(index) is not { } body || !(anew || program.IsChanged(index)))
            {
                continue;
            }

            var emitted = SsaToWasm.Convert(body, module);
            if (program.IsChanged(index) || function.Body is null || BodySize.Of(emitted) < BodySize.Of(function.Body))
            {
                module.Functions[i] = function with { Body = emitted };
            }
        }

        return module;
    }
}
