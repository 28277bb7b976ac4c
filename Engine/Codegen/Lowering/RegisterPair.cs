using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Where a 64-bit value is: its low and its high word.</summary>
internal readonly record struct RegisterPair(VReg Low, VReg High);
