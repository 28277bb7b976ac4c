using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Simulation.Search;

namespace Pulse.Build.Engine.Judge;

/// <summary>How to check. The defaults decide the same on every machine.</summary>
internal sealed record RefinementOptions
{
    /// <summary>The deterministic budget of one obligation.</summary>
    public const uint DefaultLimit = 1_000_000;

    public RefinementWitness Witness { get; init; } = RefinementWitness.None;

    /// <summary>PulseZ3Path: a library or a program, or empty to search.</summary>
    public string Z3Path { get; init; } = "";

    public uint Limit { get; init; } = DefaultLimit;

    /// <summary>Terms that the proof of one function may make.</summary>
    public int TermLimit { get; init; } = 600_000;

    /// <summary>Work for the proofs of one function: the solver's count, the lengths of formulas, the terms.</summary>
    public long FunctionWork { get; init; } = 6_000_000;

    /// <summary>Work for the proofs of all functions, in all checks that share a <see cref="History"/>.</summary>
    public long ModuleWork { get; init; } = 30_000_000;

    /// <summary>What earlier checks of the same module leave to this one.</summary>
    public ProofHistory History { get; init; } = new();

    /// <summary>Where each query is written as it was sent, or null.</summary>
    public string? SmtFolder { get; init; }

    /// <summary>Where the certificate of each pair of functions that was proved by one is written, or null.</summary>
    public string? CertificateFolder { get; init; }

    /// <summary>Where certificates stand that are checked instead of searching any, or null. What they say is checked as if it had just been found.</summary>
    public string? StoredCertificates { get; init; }

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Called, from any thread but one at a time, with how many pairs of functions are decided and how many there are.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <summary>Stops the check between two functions.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Names of the two files in diagnostics.</summary>
    public string BeforeName { get; init; } = "before.wasm";

    /// <summary>See <see cref="BeforeName"/>.</summary>
    public string AfterName { get; init; } = "after.wasm";
}
