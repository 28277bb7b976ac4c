using System.Collections.Immutable;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Preemption;

/// <summary>A core module with an export <c>run</c> and handlers.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Wasm">As the compiler made it: without entries of handlers, not optimised.</param>
/// <param name="Handlers">Exports, with priorities.</param>
/// <param name="StackPointer">Index of the stack pointer among globals; in the order of the module.</param>
/// <param name="DataStart">First byte of memory that is no stack.</param>
/// <param name="DataEnd">Its end.</param>
/// <param name="Source">What the module was made from, for messages.</param>
internal sealed record PreemptedProgram(string Name, byte[] Wasm, ImmutableArray<InterruptHandler> Handlers, int StackPointer, int DataStart, int DataEnd, string Source);
