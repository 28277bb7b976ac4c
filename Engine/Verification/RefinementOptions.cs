using System.Collections.Immutable;

namespace Pulse.Build.Engine.Verification;

/// <summary>
/// What the producer of a module may tell the judge. Nothing of it is believed: a wrong hint costs the proof, never its truth.
/// </summary>
internal sealed record RefinementWitness
{
    /// <summary>No hints.</summary>
    public static RefinementWitness None { get; } = new();

    /// <summary>Source function → target function. What is missing is found as without a witness.</summary>
    public ImmutableDictionary<int, int> Functions { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>Target function → source functions that were inlined into it, directly or through one another. A target without an entry is inferred.</summary>
    public ImmutableDictionary<int, ImmutableArray<int>> Inlined { get; init; } = ImmutableDictionary<int, ImmutableArray<int>>.Empty;
}

/// <summary>How to check. The defaults decide the same on every machine.</summary>
internal sealed record RefinementOptions
{
    /// <summary>The deterministic budget of one obligation.</summary>
    public const uint DefaultLimit = 1_000_000;

    public RefinementWitness Witness { get; init; } = RefinementWitness.None;

    /// <summary>PulseZ3Path: a library or a program, or empty to search.</summary>
    public string Z3Path { get; init; } = "";

    /// <summary>Folders of restored packages that may hold a native Z3.</summary>
    public ImmutableArray<string> NativeFolders { get; init; } = [];

    public uint Limit { get; init; } = DefaultLimit;

    /// <summary>Terms that the proof of one function may make.</summary>
    public int TermLimit { get; init; } = 600_000;

    /// <summary>Where each query is written as it was sent, or null.</summary>
    public string? SmtFolder { get; init; }

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Names of the two files in diagnostics.</summary>
    public string BeforeName { get; init; } = "before.wasm";

    /// <summary>See <see cref="BeforeName"/>.</summary>
    public string AfterName { get; init; } = "after.wasm";
}
