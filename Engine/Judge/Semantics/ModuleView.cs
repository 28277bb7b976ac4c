using Pulse.Build.Engine.Judge.Instructions;
using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>A table whose contents are known for good, because nothing outside or inside the module can change it (AX-TABLE).</summary>
/// <param name="Entries">The function of each slot, or -1.</param>
internal sealed record ClosedTable(ImmutableArray<int> Entries)
{
    /// <summary>Why a call of this slot as a function of this type traps; null when it does not.</summary>
    public TrapKind? Trap(DecodedModule module, ulong slot, Signature signature)
        => slot >= (ulong)Entries.Length ? TrapKind.UndefinedElement
            : Entries[(int)slot] is not (var target and >= 0) ? TrapKind.UninitializedElement
            : module.Functions[target].Signature.Equals(signature) ? null : TrapKind.IndirectCallTypeMismatch;
}

/// <summary>
/// A module with the meaning of its index spaces: which component of the shared state each index is, and which class of functions each
/// function belongs to. Two functions of one class are being proved equal, so calls of them are the same call.
/// </summary>
internal sealed class ModuleView(DecodedModule module, StateLayout layout)
{
    public StateLayout Layout { get; } = layout;

    public DecodedModule Module { get; } = module;

    /// <summary>What interrupt handlers touch; the same of both modules.</summary>
    public SharedPlaces Shared { get; set; } = SharedPlaces.None;

    /// <summary>Globals that are written and never read: their writes are no part of the program.</summary>
    public bool[] WriteOnlyGlobals { get; init; } = new bool[module.Globals.Count];

    /// <summary>Contents of each memory; the size is the component behind it. -1: not part of the state.</summary>
    public int[] MemoryParts { get; init; } = [.. Enumerable.Repeat(-1, module.Memories.Count)];

    /// <summary>Component of each global, or -1.</summary>
    public int[] GlobalParts { get; init; } = [.. Enumerable.Repeat(-1, module.Globals.Count)];

    /// <summary>The value of each global that never changes.</summary>
    public Initial?[] GlobalValues { get; init; } = new Initial?[module.Globals.Count];

    /// <summary>Component of each open table, or -1.</summary>
    public int[] TableParts { get; init; } = [.. Enumerable.Repeat(-1, module.Tables.Count)];

    /// <summary>The closed tables.</summary>
    public ClosedTable?[] ClosedTables { get; init; } = new ClosedTable?[module.Tables.Count];

    /// <summary>Length component of each data segment that data.drop touches, or -1.</summary>
    public int[] DataParts { get; init; } = [.. Enumerable.Repeat(-1, module.Data.Count)];

    /// <summary>A name that is the same on both sides for equal contents.</summary>
    public string[] DataNames { get; init; } = new string[module.Data.Count];

    /// <summary>Length component of each element segment that elem.drop touches, or -1.</summary>
    public int[] ElementParts { get; init; } = [.. Enumerable.Repeat(-1, module.Elements.Count)];

    /// <summary>A name that is the same on both sides for equal items.</summary>
    public string[] ElementNames { get; init; } = new string[module.Elements.Count];

    /// <summary>A name that is the same on both sides for corresponding tables.</summary>
    public string[] TableNames { get; init; } = new string[module.Tables.Count];

    /// <summary>Call symbol of each function.</summary>
    public string[] CallSymbols { get; init; } = new string[module.Functions.Count];

    /// <summary>Effects of each function's class.</summary>
    public CallEffect[] Effects { get; init; } = new CallEffect[module.Functions.Count];

    /// <summary>Effects of an indirect call through each table.</summary>
    public CallEffect[] IndirectEffects { get; init; } = new CallEffect[module.Tables.Count];
}
