using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Brings a program back to a module.</summary>
internal static class ProgramWriter
{
    /// <summary>
    /// The module of <paramref name="program"/> with the bodies that passes have changed emitted anew; every other body keeps its bytes, and so
    /// does one that would have more locals than engines take.
    /// Entities that a pass has made useless are removed by it with the module's remapper, before or after.
    /// </summary>
    public static Module Write(Program program)
    {
        foreach (var index in program.Functions.Where(program.IsChanged))
        {
            if (program.Body(index) is { } body)
            {
                Write(program.Module, index, body);
            }
        }

        return program.Module;
    }

    /// <summary>Gives function <paramref name="index"/> of <paramref name="module"/> what <paramref name="body"/> is in wasm.</summary>
    public static void Write(Module module, FuncIndex index, Function body)
    {
        var emitted = SsaToWasm.Convert(body, module);
        if (ValidationContext.IsWithinLocals(body.Type, emitted))
        {
            module.Functions[index.Index] = module.Functions[index.Index] with { Body = emitted };
        }
    }
}
