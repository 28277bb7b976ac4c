namespace Pulse.Build.Engine.Codegen.Plan;

/// <summary>Names of the routines that an object contains once when something calls them.</summary>
internal static class RuntimeRoutines
{
    /// <summary>(r0:r1) / (r2:r3) without sign: quotient in r0:r1, remainder in r2:r3.</summary>
    public const string DivideUnsigned = "__pulse_udiv64";

    /// <summary>The same with sign, rounding towards zero.</summary>
    public const string DivideSigned = "__pulse_sdiv64";

    /// <summary>Copies r2 bytes from r1 to r0; the ranges may overlap.</summary>
    public const string Copy = "__pulse_copy";

    /// <summary>Sets r2 bytes at r0 to the low byte of r1.</summary>
    public const string Fill = "__pulse_fill";

    /// <summary>Resets the chip.</summary>
    public const string Reset = "__pulse_reset";
}
