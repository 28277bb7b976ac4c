using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Passes;

/// <summary>Which bodies have values of type v128 or use an instruction of the SIMD, relaxed SIMD or threads proposal.</summary>
internal static class VectorsAndAtomics
{
    private const WasmFeatures Proposals = WasmFeatures.Simd | WasmFeatures.RelaxedSimd | WasmFeatures.Threads;

    /// <summary>Whether <paramref name="body"/>, of a function of type <paramref name="type"/>, has any of that.</summary>
    public static bool In(Module module, FuncType type, FunctionBody body)
    {
        if (HasVectors(type) || body.Locals.Any(group => group.Type == ValType.V128))
        {
            return true;
        }

        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if ((instruction.Info.Feature & Proposals) != 0 || NamesVectors(module, instruction))
            {
                return true;
            }
        }

        return false;
    }

    private static bool NamesVectors(Module module, in Instruction instruction) => instruction.Opcode switch
    {
        Opcode.Call or Opcode.ReturnCall => HasVectors(module.TypeOf(new FuncIndex(instruction.A))),
        Opcode.CallIndirect or Opcode.ReturnCallIndirect => HasVectors(module.Types[instruction.A]),
        Opcode.GlobalGet or Opcode.GlobalSet => module.Globals[instruction.A].Type == ValType.V128,
        Opcode.Block or Opcode.Loop or Opcode.If => instruction.A >= 0
            ? HasVectors(module.Types[instruction.A])
            : instruction.A == (int)ValType.V128 - 0x80,
        Opcode.SelectTyped => instruction.Labels!.Contains((int)ValType.V128),
        _ => false,
    };

    private static bool HasVectors(FuncType type) => type.Parameters.Contains(ValType.V128) || type.Results.Contains(ValType.V128);
}
