namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>One instruction that takes its operands from the stack and leaves one result, or none.</summary>
/// <param name="Opcode">The opcode; a prefix byte stands in the third byte.</param>
/// <param name="Name">The mnemonic of the specification.</param>
/// <param name="Inputs">Operands popped.</param>
internal readonly record struct NumericRow(int Opcode, string Name, int Inputs);

/// <summary>An access to memory.</summary>
/// <param name="Opcode">The opcode.</param>
/// <param name="Name">The mnemonic.</param>
/// <param name="Bytes">Bytes touched.</param>
/// <param name="Width">Bits of the stack value.</param>
/// <param name="Signed">Whether a narrow load extends the sign.</param>
/// <param name="IsStore">Store or load.</param>
internal readonly record struct AccessRow(int Opcode, string Name, int Bytes, int Width, bool Signed, bool IsStore);

/// <summary>The straight-line instructions that the judge understands; control, calls and state have code of their own.</summary>
internal static class InstructionTable
{
    /// <summary>Arithmetic, comparison, conversion: one result, no state.</summary>
    public static IReadOnlyList<NumericRow> Numeric { get; } =
    [
        new(0x45, "i32.eqz",                    1),
        new(0x46, "i32.eq",                     2),
        new(0x47, "i32.ne",                     2),
        new(0x48, "i32.lt_s",                   2),
        new(0x49, "i32.lt_u",                   2),
        new(0x4A, "i32.gt_s",                   2),
        new(0x4B, "i32.gt_u",                   2),
        new(0x4C, "i32.le_s",                   2),
        new(0x4D, "i32.le_u",                   2),
        new(0x4E, "i32.ge_s",                   2),
        new(0x4F, "i32.ge_u",                   2),
        new(0x50, "i64.eqz",                    1),
        new(0x51, "i64.eq",                     2),
        new(0x52, "i64.ne",                     2),
        new(0x53, "i64.lt_s",                   2),
        new(0x54, "i64.lt_u",                   2),
        new(0x55, "i64.gt_s",                   2),
        new(0x56, "i64.gt_u",                   2),
        new(0x57, "i64.le_s",                   2),
        new(0x58, "i64.le_u",                   2),
        new(0x59, "i64.ge_s",                   2),
        new(0x5A, "i64.ge_u",                   2),
        new(0x5B, "f32.eq",                     2),
        new(0x5C, "f32.ne",                     2),
        new(0x5D, "f32.lt",                     2),
        new(0x5E, "f32.gt",                     2),
        new(0x5F, "f32.le",                     2),
        new(0x60, "f32.ge",                     2),
        new(0x61, "f64.eq",                     2),
        new(0x62, "f64.ne",                     2),
        new(0x63, "f64.lt",                     2),
        new(0x64, "f64.gt",                     2),
        new(0x65, "f64.le",                     2),
        new(0x66, "f64.ge",                     2),
        new(0x67, "i32.clz",                    1),
        new(0x68, "i32.ctz",                    1),
        new(0x69, "i32.popcnt",                 1),
        new(0x6A, "i32.add",                    2),
        new(0x6B, "i32.sub",                    2),
        new(0x6C, "i32.mul",                    2),
        new(0x6D, "i32.div_s",                  2),
        new(0x6E, "i32.div_u",                  2),
        new(0x6F, "i32.rem_s",                  2),
        new(0x70, "i32.rem_u",                  2),
        new(0x71, "i32.and",                    2),
        new(0x72, "i32.or",                     2),
        new(0x73, "i32.xor",                    2),
        new(0x74, "i32.shl",                    2),
        new(0x75, "i32.shr_s",                  2),
        new(0x76, "i32.shr_u",                  2),
        new(0x77, "i32.rotl",                   2),
        new(0x78, "i32.rotr",                   2),
        new(0x79, "i64.clz",                    1),
        new(0x7A, "i64.ctz",                    1),
        new(0x7B, "i64.popcnt",                 1),
        new(0x7C, "i64.add",                    2),
        new(0x7D, "i64.sub",                    2),
        new(0x7E, "i64.mul",                    2),
        new(0x7F, "i64.div_s",                  2),
        new(0x80, "i64.div_u",                  2),
        new(0x81, "i64.rem_s",                  2),
        new(0x82, "i64.rem_u",                  2),
        new(0x83, "i64.and",                    2),
        new(0x84, "i64.or",                     2),
        new(0x85, "i64.xor",                    2),
        new(0x86, "i64.shl",                    2),
        new(0x87, "i64.shr_s",                  2),
        new(0x88, "i64.shr_u",                  2),
        new(0x89, "i64.rotl",                   2),
        new(0x8A, "i64.rotr",                   2),
        new(0x8B, "f32.abs",                    1),
        new(0x8C, "f32.neg",                    1),
        new(0x8D, "f32.ceil",                   1),
        new(0x8E, "f32.floor",                  1),
        new(0x8F, "f32.trunc",                  1),
        new(0x90, "f32.nearest",                1),
        new(0x91, "f32.sqrt",                   1),
        new(0x92, "f32.add",                    2),
        new(0x93, "f32.sub",                    2),
        new(0x94, "f32.mul",                    2),
        new(0x95, "f32.div",                    2),
        new(0x96, "f32.min",                    2),
        new(0x97, "f32.max",                    2),
        new(0x98, "f32.copysign",               2),
        new(0x99, "f64.abs",                    1),
        new(0x9A, "f64.neg",                    1),
        new(0x9B, "f64.ceil",                   1),
        new(0x9C, "f64.floor",                  1),
        new(0x9D, "f64.trunc",                  1),
        new(0x9E, "f64.nearest",                1),
        new(0x9F, "f64.sqrt",                   1),
        new(0xA0, "f64.add",                    2),
        new(0xA1, "f64.sub",                    2),
        new(0xA2, "f64.mul",                    2),
        new(0xA3, "f64.div",                    2),
        new(0xA4, "f64.min",                    2),
        new(0xA5, "f64.max",                    2),
        new(0xA6, "f64.copysign",               2),
        new(0xA7, "i32.wrap_i64",               1),
        new(0xA8, "i32.trunc_f32_s",            1),
        new(0xA9, "i32.trunc_f32_u",            1),
        new(0xAA, "i32.trunc_f64_s",            1),
        new(0xAB, "i32.trunc_f64_u",            1),
        new(0xAC, "i64.extend_i32_s",           1),
        new(0xAD, "i64.extend_i32_u",           1),
        new(0xAE, "i64.trunc_f32_s",            1),
        new(0xAF, "i64.trunc_f32_u",            1),
        new(0xB0, "i64.trunc_f64_s",            1),
        new(0xB1, "i64.trunc_f64_u",            1),
        new(0xB2, "f32.convert_i32_s",          1),
        new(0xB3, "f32.convert_i32_u",          1),
        new(0xB4, "f32.convert_i64_s",          1),
        new(0xB5, "f32.convert_i64_u",          1),
        new(0xB6, "f32.demote_f64",             1),
        new(0xB7, "f64.convert_i32_s",          1),
        new(0xB8, "f64.convert_i32_u",          1),
        new(0xB9, "f64.convert_i64_s",          1),
        new(0xBA, "f64.convert_i64_u",          1),
        new(0xBB, "f64.promote_f32",            1),
        new(0xBC, "i32.reinterpret_f32",        1),
        new(0xBD, "i64.reinterpret_f64",        1),
        new(0xBE, "f32.reinterpret_i32",        1),
        new(0xBF, "f64.reinterpret_i64",        1),
        new(0xC0, "i32.extend8_s",              1),
        new(0xC1, "i32.extend16_s",             1),
        new(0xC2, "i64.extend8_s",              1),
        new(0xC3, "i64.extend16_s",             1),
        new(0xC4, "i64.extend32_s",             1),
        new(0xFC0000, "i32.trunc_sat_f32_s",    1),
        new(0xFC0001, "i32.trunc_sat_f32_u",    1),
        new(0xFC0002, "i32.trunc_sat_f64_s",    1),
        new(0xFC0003, "i32.trunc_sat_f64_u",    1),
        new(0xFC0004, "i64.trunc_sat_f32_s",    1),
        new(0xFC0005, "i64.trunc_sat_f32_u",    1),
        new(0xFC0006, "i64.trunc_sat_f64_s",    1),
        new(0xFC0007, "i64.trunc_sat_f64_u",    1),
    ];

    /// <summary>Loads and stores.</summary>
    public static IReadOnlyList<AccessRow> Access { get; } =
    [
        new(0x28, "i32.load",         4, 32, false, false),
        new(0x29, "i64.load",         8, 64, false, false),
        new(0x2A, "f32.load",         4, 32, false, false),
        new(0x2B, "f64.load",         8, 64, false, false),
        new(0x2C, "i32.load8_s",      1, 32, true, false),
        new(0x2D, "i32.load8_u",      1, 32, false, false),
        new(0x2E, "i32.load16_s",     2, 32, true, false),
        new(0x2F, "i32.load16_u",     2, 32, false, false),
        new(0x30, "i64.load8_s",      1, 64, true, false),
        new(0x31, "i64.load8_u",      1, 64, false, false),
        new(0x32, "i64.load16_s",     2, 64, true, false),
        new(0x33, "i64.load16_u",     2, 64, false, false),
        new(0x34, "i64.load32_s",     4, 64, true, false),
        new(0x35, "i64.load32_u",     4, 64, false, false),
        new(0x36, "i32.store",        4, 32, false, true),
        new(0x37, "i64.store",        8, 64, false, true),
        new(0x38, "f32.store",        4, 32, false, true),
        new(0x39, "f64.store",        8, 64, false, true),
        new(0x3A, "i32.store8",       1, 32, false, true),
        new(0x3B, "i32.store16",      2, 32, false, true),
        new(0x3C, "i64.store8",       1, 64, false, true),
        new(0x3D, "i64.store16",      2, 64, false, true),
        new(0x3E, "i64.store32",      4, 64, false, true),
    ];

    private static readonly Dictionary<int, NumericRow> NumericByOpcode = Numeric.ToDictionary(row => row.Opcode);
    private static readonly Dictionary<int, AccessRow> AccessByOpcode = Access.ToDictionary(row => row.Opcode);

    public static bool TryNumeric(int opcode, out NumericRow row) => NumericByOpcode.TryGetValue(opcode, out row);

    public static bool TryAccess(int opcode, out AccessRow row) => AccessByOpcode.TryGetValue(opcode, out row);

    /// <summary>A name for messages.</summary>
    public static string NameOf(int opcode)
        => TryNumeric(opcode, out var numeric) ? numeric.Name : TryAccess(opcode, out var access) ? access.Name : (opcode >> 16) switch
        {
            0xFB => $"gc instruction 0xfb {opcode & 0xFFFF:x}",
            0xFD => $"vector instruction 0xfd {opcode & 0xFFFF:x}",
            0xFE => $"atomic instruction 0xfe {opcode & 0xFFFF:x}",
            0xFC => $"instruction 0xfc {opcode & 0xFFFF:x}",
            _ => $"instruction 0x{opcode:x2}",
        };
}
