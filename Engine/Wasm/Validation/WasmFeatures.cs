namespace Pulse.Build.Engine.Wasm.Validation;

/// <summary>Proposals that a module may use only when they are switched on. What every module may use has no flag.</summary>
[Flags]
internal enum WasmFeatures
{
    None = 0,
    MultiMemory = 1,
    TailCall = 2,
    ExtendedConst = 4,
    Memory64 = 8,
    Threads = 16,
    CustomPageSizes = 32,
    Simd = 64,
    RelaxedSimd = 128,

    /// <summary>Everything that the instruction table has: what the IR does not model goes through the engine as it is.</summary>
    Default = MultiMemory | TailCall | ExtendedConst | Memory64 | Threads | CustomPageSizes | Simd | RelaxedSimd,
}

/// <summary>Names of features, as a refusal says them.</summary>
internal static class WasmFeatureNames
{
    /// <summary>The proposal's name.</summary>
    public static string NameOf(WasmFeatures feature) => feature switch
    {
        WasmFeatures.MultiMemory => "multi-memory",
        WasmFeatures.TailCall => "tail call",
        WasmFeatures.ExtendedConst => "extended constant expressions",
        WasmFeatures.Memory64 => "memory64",
        WasmFeatures.Threads => "threads",
        WasmFeatures.CustomPageSizes => "custom page sizes",
        WasmFeatures.RelaxedSimd => "relaxed SIMD",
        _ => "SIMD",
    };
}
