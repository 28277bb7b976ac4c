namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>What a vector instruction takes and gives.</summary>
internal enum VectorForm : byte
{
    /// <summary>One, two or three vectors to a vector.</summary>
    Unary, Binary, Ternary,

    /// <summary>A vector and a count to a vector; a vector to a number of 32 bits.</summary>
    Shift, Test,

    /// <summary>A number to a vector; a lane of a vector; a vector with another lane.</summary>
    Splat, Extract, Replace,

    /// <summary>16 immediate bytes: a vector, or the choice of bytes of two vectors.</summary>
    Constant, Shuffle,

    /// <summary>Whole vectors, or parts that make one; a single lane.</summary>
    Load, Store, LoadLane, StoreLane,
}

/// <summary>A range of vector opcodes of one form.</summary>
/// <param name="First">First code behind the prefix 0xFD.</param>
/// <param name="Last">Last code.</param>
/// <param name="Form">What they take and give.</param>
/// <param name="Bits">Bits of a lane or of what is accessed, where that matters.</param>
internal readonly record struct VectorRow(int First, int Last, VectorForm Form, int Bits = 0);

/// <summary>The vector instructions, fixed-width and relaxed; what stands in no row is reserved.</summary>
internal static class VectorTable
{
    private static readonly VectorRow[] Rows =
    [
        new(0, 0, VectorForm.Load, 128),       // v128.load
        new(1, 6, VectorForm.Load, 64),        // load8x8_s to load32x2_u
        new(7, 7, VectorForm.Load, 8),         // load8_splat
        new(8, 8, VectorForm.Load, 16),
        new(9, 9, VectorForm.Load, 32),
        new(10, 10, VectorForm.Load, 64),      // load64_splat
        new(11, 11, VectorForm.Store, 128),
        new(12, 12, VectorForm.Constant),
        new(13, 13, VectorForm.Shuffle),
        new(14, 14, VectorForm.Binary),        // swizzle
        new(15, 15, VectorForm.Splat, 8),
        new(16, 16, VectorForm.Splat, 16),
        new(17, 17, VectorForm.Splat, 32),
        new(18, 18, VectorForm.Splat, 64),
        new(19, 19, VectorForm.Splat, 32),
        new(20, 20, VectorForm.Splat, 64),
        new(21, 22, VectorForm.Extract, 8),    // i8x16.extract_lane_s, _u
        new(23, 23, VectorForm.Replace, 8),
        new(24, 25, VectorForm.Extract, 16),
        new(26, 26, VectorForm.Replace, 16),
        new(27, 27, VectorForm.Extract, 32),
        new(28, 28, VectorForm.Replace, 32),
        new(29, 29, VectorForm.Extract, 64),
        new(30, 30, VectorForm.Replace, 64),
        new(31, 31, VectorForm.Extract, 32),   // f32x4
        new(32, 32, VectorForm.Replace, 32),
        new(33, 33, VectorForm.Extract, 64),   // f64x2
        new(34, 34, VectorForm.Replace, 64),
        new(35, 76, VectorForm.Binary),        // comparisons
        new(77, 77, VectorForm.Unary),         // not
        new(78, 81, VectorForm.Binary),        // and, andnot, or, xor
        new(82, 82, VectorForm.Ternary),       // bitselect
        new(83, 83, VectorForm.Test),          // any_true
        new(84, 84, VectorForm.LoadLane, 8),
        new(85, 85, VectorForm.LoadLane, 16),
        new(86, 86, VectorForm.LoadLane, 32),
        new(87, 87, VectorForm.LoadLane, 64),
        new(88, 88, VectorForm.StoreLane, 8),
        new(89, 89, VectorForm.StoreLane, 16),
        new(90, 90, VectorForm.StoreLane, 32),
        new(91, 91, VectorForm.StoreLane, 64),
        new(92, 92, VectorForm.Load, 32),      // load32_zero
        new(93, 93, VectorForm.Load, 64),      // load64_zero
        new(94, 98, VectorForm.Unary),         // demote, promote; i8x16
        new(99, 100, VectorForm.Test),
        new(101, 102, VectorForm.Binary),
        new(103, 106, VectorForm.Unary),       // f32x4.ceil to nearest
        new(107, 109, VectorForm.Shift),
        new(110, 115, VectorForm.Binary),
        new(116, 117, VectorForm.Unary),       // f64x2.ceil, floor
        new(118, 121, VectorForm.Binary),
        new(122, 122, VectorForm.Unary),       // f64x2.trunc
        new(123, 123, VectorForm.Binary),
        new(124, 129, VectorForm.Unary),       // extadd_pairwise; i16x8
        new(130, 130, VectorForm.Binary),
        new(131, 132, VectorForm.Test),
        new(133, 134, VectorForm.Binary),
        new(135, 138, VectorForm.Unary),
        new(139, 141, VectorForm.Shift),
        new(142, 147, VectorForm.Binary),
        new(148, 148, VectorForm.Unary),       // f64x2.nearest
        new(149, 153, VectorForm.Binary),
        new(155, 159, VectorForm.Binary),
        new(160, 161, VectorForm.Unary),       // i32x4
        new(163, 164, VectorForm.Test),
        new(167, 170, VectorForm.Unary),
        new(171, 173, VectorForm.Shift),
        new(174, 174, VectorForm.Binary),
        new(177, 177, VectorForm.Binary),
        new(181, 186, VectorForm.Binary),
        new(188, 191, VectorForm.Binary),
        new(192, 193, VectorForm.Unary),       // i64x2
        new(195, 196, VectorForm.Test),
        new(199, 202, VectorForm.Unary),
        new(203, 205, VectorForm.Shift),
        new(206, 206, VectorForm.Binary),
        new(209, 209, VectorForm.Binary),
        new(213, 223, VectorForm.Binary),
        new(224, 225, VectorForm.Unary),       // f32x4
        new(227, 227, VectorForm.Unary),
        new(228, 235, VectorForm.Binary),
        new(236, 237, VectorForm.Unary),       // f64x2
        new(239, 239, VectorForm.Unary),
        new(240, 247, VectorForm.Binary),
        new(248, 255, VectorForm.Unary),       // conversions
        new(0x100, 0x100, VectorForm.Binary),  // relaxed_swizzle
        new(0x101, 0x104, VectorForm.Unary),   // relaxed_trunc
        new(0x105, 0x10C, VectorForm.Ternary), // relaxed_madd, nmadd, laneselect
        new(0x10D, 0x112, VectorForm.Binary),  // relaxed_min, max, q15mulr, dot
        new(0x113, 0x113, VectorForm.Ternary), // relaxed_dot_add
    ];

    private const int Prefix = 0xFD;

    /// <summary>The row of an opcode with its prefix in the third byte.</summary>
    public static bool TryGet(int opcode, out VectorRow row)
    {
        var code = opcode & 0xFFFF;
        row = opcode >> 16 == Prefix ? Array.Find(Rows, r => code >= r.First && code <= r.Last) : default;
        return opcode >> 16 == Prefix && code >= row.First && code <= row.Last;
    }

    public static bool TouchesMemory(VectorForm form) => form is VectorForm.Load or VectorForm.Store or VectorForm.LoadLane or VectorForm.StoreLane;

    public static bool Writes(VectorForm form) => form is VectorForm.Store or VectorForm.StoreLane;

    /// <summary>Operands that are popped.</summary>
    public static int Inputs(VectorForm form) => form switch
    {
        VectorForm.Constant => 0,
        VectorForm.Unary or VectorForm.Test or VectorForm.Splat or VectorForm.Extract or VectorForm.Load => 1,
        VectorForm.Ternary => 3,
        _ => 2,
    };
}
