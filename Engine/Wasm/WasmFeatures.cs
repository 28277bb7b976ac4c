namespace Pulse.Build.Engine.Wasm;

/// <summary>Proposals, those that the standard has taken in included, that a module may use only when they are switched on.</summary>
[Flags]
internal enum WasmFeatures
{
    /// <summary>WebAssembly 1.0 as it was first standardised.</summary>
    None = 0,
    MutableGlobals = 1,
    SignExtension = 2,
    SaturatingConversions = 4,
    MultiValue = 8,
    BulkMemory = 16,
    ReferenceTypes = 32,
    Simd = 64,
    RelaxedSimd = 128,
    TailCall = 256,
    ExtendedConst = 512,
    MultiMemory = 1024,
    Memory64 = 2048,
    Threads = 4096,
    CustomPageSizes = 8192,

    /// <summary>Everything that the instruction table has: what the IR does not model goes through the engine as it is.</summary>
    Default = (CustomPageSizes << 1) - 1,
}
