using System.Numerics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Which values are made anew at each use, because that is no longer than to keep them in a local.</summary>
internal static class Rematerialisation
{
    /// <summary>Whether to make the result of <paramref name="inst"/> at each of its <paramref name="uses"/>.</summary>
    public static bool Pays(Function function, Module module, Inst inst, int uses)
    {
        if (!inst.Exists)
        {
            return false;
        }

        var size = Size(function, module, inst);

        // In a local: once the constant and a set or tee, then two bytes a use.
        return size > 0 && (uses <= 1 || uses * (size - 2) <= size);
    }

    private static int Size(Function function, Module module, Inst inst)
    {
        var immediates = function.ImmediatesOf(inst);
        return function.OpcodeOf(inst) switch
        {
            Opcode.I32Const => 1 + SignedBytes(immediates.Wide.LowSigned()),
            Opcode.I64Const => 1 + SignedBytes(immediates.Wide.ToSigned()),
            Opcode.F32Const => 5,
            Opcode.F64Const => 9,
            Opcode.V128Const => 18,
            Opcode.RefNull => 2,
            Opcode.RefFunc => 1 + UnsignedBytes(immediates.A),
            Opcode.GlobalGet when !module.Globals[immediates.A].IsMutable => 1 + UnsignedBytes(immediates.A),
            _ => 0,
        };
    }

    private static int SignedBytes(long value) => (71 - BitOperations.LeadingZeroCount((ulong)(value < 0 ? ~value : value))) / 7;

    private static int UnsignedBytes(int value) => Math.Max(1, (38 - BitOperations.LeadingZeroCount((uint)value)) / 7);
}
