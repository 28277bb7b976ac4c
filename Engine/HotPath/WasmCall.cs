using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>A call instruction of a module.</summary>
/// <param name="Caller">The function with the call.</param>
/// <param name="Callee">The function called, or null for an indirect call.</param>
/// <param name="Table">Of an indirect call: its table.</param>
/// <param name="Type">Of an indirect call: the type it expects.</param>
/// <param name="Offset">Byte offset of the opcode in the file; that of the body for a call that only the object has.</param>
/// <param name="LoopDepth">Natural loops of the caller around the call.</param>
internal sealed record WasmCall(FuncIndex Caller, FuncIndex? Callee, TableIndex Table, TypeIndex Type, int Offset, int LoopDepth);
