namespace Pulse.Build.Tests.Support;

/// <summary>What generated modules use beyond the first version of the language.</summary>
[Flags]
internal enum GeneratorFeatures
{
    None = 0,

    /// <summary>Vectors of 128 bits, in locals, parameters and globals too. Relaxed instructions are left out: engines differ.</summary>
    Vectors = 1,

    /// <summary>A second memory.</summary>
    Memories = 2,

    /// <summary>References in locals, parameters, globals and tables that change; calls through such a table.</summary>
    References = 4,

    /// <summary>Segments that are copied and dropped, and copies between memories and tables.</summary>
    Bulk = 8,

    /// <summary>Calls that replace their caller.</summary>
    TailCalls = 16,

    All = Vectors | Memories | References | Bulk | TailCalls,
}
