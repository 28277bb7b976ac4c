using System.Collections.Immutable;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="WasmOptimizer"/> is asked to do.</summary>
public sealed record OptimizeOptions
{
    /// <summary>The fused module.</summary>
    public required InputFile Module { get; init; }

    /// <summary>The provenance beside it, or null for a module that was not fused.</summary>
    public string? ProvenanceJson { get; init; }

    /// <summary>What the cost model aims at.</summary>
    public OptimizeMode Mode { get; init; } = OptimizeMode.Balanced;

    /// <summary>Whether calls are inlined at all.</summary>
    public bool Inline { get; init; } = true;

    /// <summary>Functions that are inlined wherever it is possible, by export or provenance name.</summary>
    public ImmutableArray<string> InlineFunctions { get; init; } = [];

    /// <summary>Exports whose callees are worth more to inline.</summary>
    public ImmutableArray<string> HotPathEntries { get; init; } = [];

    /// <summary>Exports that stay although nothing asks for them.</summary>
    public ImmutableArray<string> KeepExports { get; init; } = [];

    /// <summary>Exports that interrupts run; none leaves the module the handlers that it names itself.</summary>
    public ImmutableArray<InterruptHandler> Handlers { get; init; } = [];

    /// <summary>Whether changes are proved.</summary>
    public VerifyLevel Verify { get; init; } = VerifyLevel.Full;

    /// <summary>What becomes of a function whose change is not proved.</summary>
    public UnprovedPolicy Unproved { get; init; } = UnprovedPolicy.KeepOriginal;

    /// <summary>Threads that prove; 0 for one a processor. The result is the same with any number.</summary>
    public int Threads { get; init; }

    /// <summary>Told how far the proofs are, from any thread; the texts are the same on every machine.</summary>
    public IProgress<string>? Progress { get; init; }

    /// <summary>The solver's library or program; empty looks for it in the usual places.</summary>
    public string Z3Path { get; init; } = "";

    /// <summary>Absolute folder that receives every solver query; empty writes none.</summary>
    public string SmtDirectory { get; init; } = "";

    /// <summary>Absolute folder that receives the certificate of each function proved by one; empty writes none.</summary>
    public string CertificateDirectory { get; init; } = "";

    /// <summary><c>all</c>, a pass, or <c>pass:function</c>; empty dumps nothing.</summary>
    public string DumpIr { get; init; } = "";

    /// <summary>Absolute folder of the dumps.</summary>
    public string DumpDirectory { get; init; } = "";
}
