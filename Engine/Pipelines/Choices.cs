namespace Pulse.Build.Engine.Pipelines;

/// <summary>How the linear memories of the components are laid out (<c>PulseMemory</c>).</summary>
public enum MemoryMode
{
    /// <summary>Shared where it is sound for every component, else multi.</summary>
    Auto,

    /// <summary>One memory for all components; refused where a component could not be moved soundly.</summary>
    Shared,

    /// <summary>A memory for each component.</summary>
    Multi,
}

/// <summary>What the optimiser and the code generator aim at (<c>PulseMode</c>).</summary>
public enum OptimizeMode
{
    /// <summary>Speed where it is cheap in bytes.</summary>
    Balanced,

    /// <summary>Fewest bytes.</summary>
    Size,

    /// <summary>Fewest cycles.</summary>
    Speed,
}

/// <summary>Whether changes are proved (<c>PulseVerify</c>).</summary>
public enum VerifyLevel
{
    /// <summary>Every changed function is proved against the one it replaces.</summary>
    Full,

    /// <summary>Nothing is proved; the report says so.</summary>
    Off,
}

/// <summary>What happens to a changed function that is neither proved nor refuted (<c>PulseUnproved</c>).</summary>
public enum UnprovedPolicy
{
    /// <summary>The build fails.</summary>
    Error,

    /// <summary>The function is optimised with less until it is proved, in the end not at all, and the build says so.</summary>
    KeepOriginal,
}

/// <summary>How accesses to linear memory are kept inside it (<c>PulseBoundsChecks</c>).</summary>
public enum BoundsChecks
{
    /// <summary>A compare and a trap, removed where ranges prove it useless.</summary>
    Software,

    /// <summary>Regions of the memory protection unit.</summary>
    Mpu,

    /// <summary>No check: the user's word.</summary>
    None,
}

/// <summary>What the lowering stage makes (<c>PulseOutput</c>).</summary>
public enum OutputKind
{
    /// <summary>A linked image with vector table and reset code.</summary>
    Firmware,

    /// <summary>A relocatable object and a C header.</summary>
    Object,
}

/// <summary>How a surviving hot-path call affects the build (<c>PulseHotPathSeverity</c>).</summary>
public enum HotPathSeverity
{
    /// <summary>A warning.</summary>
    Warning,

    /// <summary>An error.</summary>
    Error,

    /// <summary>Listed in the report only.</summary>
    None,
}

/// <summary>Whether guards share the instruction that traps (<c>PulseTraps</c>).</summary>
public enum TrapSites
{
    /// <summary>One for each kind in a function: smaller, and the lines of all its guards are told.</summary>
    Shared,

    /// <summary>One for each guard: its line is told.</summary>
    Exact,
}

/// <summary>What a fault does in firmware that has no fault handler of its own (<c>PulseFaults</c>).</summary>
public enum FaultHandling
{
    /// <summary>Stays in a loop with the facts in memory, for a debugger.</summary>
    Halt,

    /// <summary>Starts the processor anew.</summary>
    Reset,

    /// <summary>Calls the export <c>on-fault</c>.</summary>
    OnFault,

    /// <summary>Prints where and ends the emulation or the debug session with a status.</summary>
    SemihostingExit,
}
