using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>
/// Control, locals and constants: a body's decoder turns them into a graph, so that none is ever run. Those of exception handling and of typed
/// references have a shape only, so that bodies with them can be compared for identity. That a call is a tail call is an event.
/// </summary>
internal static class ControlRows
{
    public static InstructionRow[] All { get; } =
    [
        Row(0x00, "unreachable", [], Effects.Partial),
        Row(0x01, "nop", []),
        Row(0x02, "block", [OperandKind.BlockType]),
        Row(0x03, "loop", [OperandKind.BlockType], Effects.Partial),
        Row(0x04, "if", [OperandKind.BlockType]),
        Row(0x05, "else", []),
        Row(0x06, "try", [OperandKind.BlockType], Effects.Anything),
        Row(0x07, "catch", [OperandKind.Tag], Effects.Anything),
        Row(0x08, "throw", [OperandKind.Tag], Effects.Anything),
        Row(0x09, "rethrow", [OperandKind.Label], Effects.Anything),
        Row(0x0A, "throw_ref", [], Effects.Anything),
        Row(0x0B, "end", []),
        Row(0x0C, "br", [OperandKind.Label]),
        Row(0x0D, "br_if", [OperandKind.Label]),
        Row(0x0E, "br_table", [OperandKind.Labels]),
        Row(0x0F, "return", []),
        Row(FlowCode.Call, "call", [OperandKind.Function]),
        Row(FlowCode.CallIndirect, "call_indirect", [OperandKind.Type, OperandKind.Table], Effects.Partial),
        Row(0x12, "return_call", [OperandKind.Function], Effects.World),
        Row(0x13, "return_call_indirect", [OperandKind.Type, OperandKind.Table], Effects.Partial | Effects.World),
        Row(0x14, "call_ref", [OperandKind.Type], Effects.Anything),
        Row(0x15, "return_call_ref", [OperandKind.Type], Effects.Anything),
        Row(0x18, "delegate", [OperandKind.Label], Effects.Anything),
        Row(0x19, "catch_all", [], Effects.Anything),
        Row(0x1A, "drop", []),
        Row(0x1C, "select with types", [OperandKind.Types]),
        Row(0x20, "local.get", [OperandKind.Local]),
        Row(0x21, "local.set", [OperandKind.Local]),
        Row(0x22, "local.tee", [OperandKind.Local]),
        Row(0x41, "i32.const", [OperandKind.I32]),
        Row(0x42, "i64.const", [OperandKind.I64]),
        Row(0x43, "f32.const", [OperandKind.F32]),
        Row(0x44, "f64.const", [OperandKind.F64]),
        Row(0xFD000C, "v128.const", [OperandKind.Bytes]),
    ];

    private static InstructionRow Row(int opcode, string name, OperandKind[] immediates, Effects effects = Effects.None)
        => new(opcode, name, [.. immediates], [], InstructionRow.None, effects, (_, _, _) => throw new InvariantException($"'{name}' is no step of a graph")) { IsControl = true };
}
