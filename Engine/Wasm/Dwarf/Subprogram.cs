namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>A subprogram that has code.</summary>
/// <param name="LowPc">Where its body starts, from the code section's content.</param>
/// <param name="Name">Its name in the source; the linkage name when it has no other; may be empty.</param>
/// <param name="Inline">What its abstract instance says about inlining.</param>
internal sealed record Subprogram(int LowPc, string Name, DwarfInline Inline);
