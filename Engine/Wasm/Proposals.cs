namespace Pulse.Build.Engine.Wasm;

/// <summary>Names the proposal behind an encoding that the instruction table and the readers do not know, so that a refusal can say it.</summary>
internal static class Proposals
{
    /// <summary>The proposal that gives <paramref name="opcode"/> a meaning, or null when none does.</summary>
    public static string? OfOpcode(Opcode opcode) => (int)opcode switch
    {
        0x06 or 0x07 or 0x08 or 0x09 or 0x0A or 0x18 or 0x19 or 0x1F => "exception handling",
        0x14 or 0x15 or 0xD4 or 0xD5 or 0xD6 => "typed function references",
        0xD3 => "garbage collection",
        >= 0xFB0000 and <= 0xFB001E => "garbage collection",
        >= 0xFC0013 and <= 0xFC0016 => "wide arithmetic",
        _ => null,
    };

    /// <summary>The proposal that gives the value or heap type with binary code <paramref name="code"/> a meaning, or null.</summary>
    public static string? OfType(int code) => code switch
    {
        0x64 or 0x63 => "typed function references",
        0x69 or 0x74 => "exception handling",
        0x65 or 0x66 or 0x67 or 0x68 or 0x6A or 0x6B or 0x6C or 0x6D or 0x6E or 0x71 or 0x72 or 0x73 => "garbage collection",
        _ => null,
    };

    /// <summary>The proposal that gives the instruction <paramref name="mnemonic"/> a meaning, or null. Exact where names are few, by prefix else.</summary>
    public static string? OfMnemonic(string mnemonic)
    {
        var prefix = mnemonic.Split('.')[0];
        return prefix switch
        {
            "struct" or "array" or "i31" or "any" or "extern" => "garbage collection",
            "throw" or "throw_ref" or "rethrow" or "try" or "try_table" or "catch" or "catch_all" or "delegate" => "exception handling",
            "call_ref" or "return_call_ref" or "br_on_null" or "br_on_non_null" => "typed function references",
            "br_on_cast" or "br_on_cast_fail" => "garbage collection",
            "cont" or "suspend" or "resume" or "switch" => "stack switching",
            _ => mnemonic is "ref.eq" or "ref.test" or "ref.cast" or "ref.i31" ? "garbage collection"
                : mnemonic is "ref.as_non_null" ? "typed function references"
                : mnemonic is "i64.add128" or "i64.sub128" or "i64.mul_wide_s" or "i64.mul_wide_u" ? "wide arithmetic"
                : null,
        };
    }

    /// <summary>The proposal that gives the type or heap type <paramref name="name"/> a meaning, or null.</summary>
    public static string? OfTypeName(string name) => name switch
    {
        "exnref" or "nullexnref" or "exn" or "noexn" => "exception handling",
        "anyref" or "eqref" or "i31ref" or "structref" or "arrayref" or "nullref" or "nullfuncref" or "nullexternref"
            or "any" or "eq" or "i31" or "struct" or "array" or "none" or "nofunc" or "noextern" => "garbage collection",
        _ => null,
    };
}
