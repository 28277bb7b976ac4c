using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Verification;

/// <summary>What one instruction must be, apart from its place: operands, results, number of targets and bounds of its immediates.</summary>
internal static class IrInstRules
{
    /// <summary>The bits of a shuffle's bytes that choose a lane beyond the 32 there are.</summary>
    private static readonly UInt128 ShuffleOutside = new(0xE0E0_E0E0_E0E0_E0E0, 0xE0E0_E0E0_E0E0_E0E0);

    /// <summary>What is wrong with <paramref name="inst"/>.</summary>
    public static IEnumerable<string> Problems(Function function, Inst inst, Module? module)
    {
        var row = function.InfoOf(inst);
        if (IrTerminators.IsStructure(row.Opcode))
        {
            return [$"{row.Mnemonic} has no place in the IR"];
        }

        if (WrongLaneOrAlignment(row, function.ImmediatesOf(inst)))
        {
            return [$"the lanes or the alignment of {row.Mnemonic} are not of its kind"];
        }

        if (module is not null && OutOfBounds(module, row, function.ImmediatesOf(inst)) is { } problem)
        {
            return [problem];
        }

        var (least, most) = row.Opcode switch
        {
            Opcode.Br => (1, 1),
            Opcode.BrIf => (2, 2),
            Opcode.BrTable => (1, int.MaxValue),
            _ => (0, 0),
        };
        var targets = function.TargetCount(inst);
        if (targets < least || targets > most)
        {
            return [$"{row.Mnemonic} has {targets} targets"];
        }

        return Expected(function, inst, module) is { } signature ? Compare(function, inst, signature) : Untyped(function, inst);
    }

    private static InstSignature? Expected(Function function, Inst inst, Module? module) => function.OpcodeOf(inst) switch
    {
        Opcode.Br or Opcode.Unreachable => new([], []),
        Opcode.BrIf or Opcode.BrTable => new([ValType.I32], []),
        Opcode.Return => new(function.Type.Results, []),
        Opcode.Select or Opcode.RefIsNull => null,
        var opcode when module is not null => InstSignature.Of(module, opcode, function.ImmediatesOf(inst)),
        var opcode when Opcodes.Get(opcode) is { IsCustom: false } row => new(row.Pops, row.Pushes),
        _ => null,
    };

    private static IEnumerable<string> Compare(Function function, Inst inst, InstSignature signature)
    {
        var arguments = function.Arguments(inst).ToArray();
        if (arguments.Length != signature.Operands.Length)
        {
            yield return $"{function.InfoOf(inst).Mnemonic} takes {signature.Operands.Length} operands and has {arguments.Length}";
        }
        else if (!Matches(function, arguments, signature.Operands))
        {
            yield return $"the operands of {function.InfoOf(inst).Mnemonic} are not of types {FuncType.Of(signature.Operands.Where(IsReal), [])}";
        }

        var results = Enumerable.Range(0, function.ResultCount(inst)).Select(i => function.Result(inst, i)).ToArray();
        if (results.Length != signature.Results.Length || !Matches(function, results, signature.Results))
        {
            yield return $"the results of {function.InfoOf(inst).Mnemonic} are not of its types";
        }
    }

    private static IEnumerable<string> Untyped(Function function, Inst inst)
    {
        var arguments = function.Arguments(inst);
        var right = function.OpcodeOf(inst) switch
        {
            Opcode.Select => arguments.Length == 3 && function.ResultCount(inst) == 1
                && function.TypeOf(arguments[0]) == function.TypeOf(arguments[1])
                && function.TypeOf(arguments[0]) == function.TypeOf(function.Result(inst))
                && function.TypeOf(arguments[2]) == ValType.I32,
            Opcode.RefIsNull => arguments.Length == 1 && function.ResultCount(inst) == 1
                && function.TypeOf(arguments[0]).IsReference()
                && function.TypeOf(function.Result(inst)) == ValType.I32,
            _ => true,
        };
        return right ? [] : [$"the operands or results of {function.InfoOf(inst).Mnemonic} are not of its types"];
    }

    private static bool Matches(Function function, Value[] values, ImmutableArray<ValType> types)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var type = function.TypeOf(values[i]);
            if (types[i] == ValType.Address ? type is not (ValType.I32 or ValType.I64) : type != types[i])
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsReal(ValType type) => type != ValType.Address;

    private static string? OutOfBounds(Module module, OpcodeInfo row, Immediates immediates)
    {
        if (row.Immediate is ImmediateKind.MemArg or ImmediateKind.AtomicMemArg or ImmediateKind.MemArgLane)
        {
            return (uint)immediates.A >= (uint)module.Memories.Count ? $"there is no memory {immediates.A}" : null;
        }

        var (a, b) = IrImmediates.Prefixes(row.Immediate);
        return (a is null ? null : Missing(module, a, immediates.A)) ?? (b is null ? null : Missing(module, b, immediates.B));
    }

    private static bool WrongLaneOrAlignment(OpcodeInfo row, Immediates immediates) => row.Immediate switch
    {
        ImmediateKind.MemArg => 1L << immediates.AlignmentLog2 > row.AccessBytes,
        ImmediateKind.AtomicMemArg => 1L << immediates.AlignmentLog2 != row.AccessBytes,
        ImmediateKind.MemArgLane => 1L << immediates.AlignmentLog2 > row.AccessBytes || (uint)immediates.AccessLane >= (uint)row.Lanes,
        ImmediateKind.Lane => (uint)immediates.A >= (uint)row.Lanes,
        ImmediateKind.Shuffle => (immediates.Bytes & ShuffleOutside) != 0,
        _ => false,
    };

    private static string? Missing(Module module, string space, int index)
    {
        var count = space switch
        {
            "func" => module.Functions.Count,
            "type" => module.Types.Count,
            "table" => module.Tables.Count,
            "global" => module.Globals.Count,
            "mem" => module.Memories.Count,
            "data" => module.Data.Count,
            "elem" => module.Elements.Count,
            _ => int.MaxValue,
        };
        return (uint)index >= (uint)count ? $"there is no {space}{index}" : null;
    }
}
