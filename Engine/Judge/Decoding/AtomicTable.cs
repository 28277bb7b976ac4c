namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>An atomic access.</summary>
/// <param name="Bytes">Bytes accessed, which the address must be a multiple of.</param>
/// <param name="Width">Bits of the value on the stack.</param>
/// <param name="Inputs">Operands popped, the address among them.</param>
/// <param name="IsStore">Whether nothing comes back.</param>
/// <param name="IsLoad">Whether nothing is written.</param>
internal readonly record struct AtomicRow(int Bytes, int Width, int Inputs, bool IsStore, bool IsLoad);

/// <summary>The atomic instructions but the fence: in groups of seven that differ in widths.</summary>
internal static class AtomicTable
{
    public const int Notify = 0xFE0000, Wait32 = 0xFE0001, Wait64 = 0xFE0002, Fence = 0xFE0003;

    private static readonly int[] Bytes = [4, 8, 1, 2, 1, 2, 4];
    private static readonly int[] Widths = [32, 64, 32, 32, 64, 64, 64];

    public static bool TryGet(int opcode, out AtomicRow row)
    {
        const int FirstLoad = 0xFE0010, FirstStore = 0xFE0017, FirstUpdate = 0xFE001E, FirstCompare = 0xFE0048, Last = 0xFE004E;
        var group = opcode >= FirstLoad ? (opcode - FirstLoad) % Bytes.Length : 0;
        row = opcode switch
        {
            Notify => new AtomicRow(4, 32, 2, false, false),
            Wait32 => new AtomicRow(4, 32, 3, false, false),
            Wait64 => new AtomicRow(8, 32, 3, false, false),
            >= FirstLoad and < FirstStore => new AtomicRow(Bytes[group], Widths[group], 1, false, true),
            >= FirstStore and < FirstUpdate => new AtomicRow(Bytes[group], Widths[group], 2, true, false),
            >= FirstUpdate and < FirstCompare => new AtomicRow(Bytes[group], Widths[group], 2, false, false),
            >= FirstCompare and <= Last => new AtomicRow(Bytes[group], Widths[group], 3, false, false),
            _ => default,
        };
        return row.Bytes > 0;
    }
}
