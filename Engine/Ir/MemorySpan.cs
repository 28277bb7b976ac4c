using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Bytes of a memory that an instruction may read or write.</summary>
/// <param name="Memory">Index of the memory.</param>
/// <param name="Address">The operand that says where.</param>
/// <param name="From">The first byte that it can be; an access that wraps is out of bounds.</param>
/// <param name="To">One more than the last byte that it can be.</param>
/// <param name="End">One more than the last byte, relative to the operand, when the length is known; else 0.</param>
/// <param name="Writes">Whether it writes them; otherwise it reads.</param>
internal readonly record struct MemorySpan(int Memory, Value Address, UInt128 From, UInt128 To, UInt128 End, bool Writes)
{
    /// <summary>What <paramref name="inst"/> touches; one that reads and writes the same bytes writes.</summary>
    public static IEnumerable<MemorySpan> Of(Function function, Inst inst)
    {
        var row = function.InfoOf(inst);
        var immediates = function.ImmediatesOf(inst);
        switch (row.Opcode)
        {
            case Opcode.MemoryInit:
                return [Bulk(function, inst, immediates.B, 0, true)];
            case Opcode.MemoryFill:
                return [Bulk(function, inst, immediates.A, 0, true)];
            case Opcode.MemoryCopy:
                return [Bulk(function, inst, immediates.A, 0, true), Bulk(function, inst, immediates.B, 1, false)];
            case var _ when row.AccessBytes > 0:
                var address = function.Arguments(inst)[0];
                var (low, high) = AddressBounds.Of(function, address);
                var end = immediates.Wide + (UInt128)row.AccessBytes;
                return [new MemorySpan(immediates.A, address, low + immediates.Wide, high + end, end, (row.Effects & Effects.WritesMemory) != 0)];
            default:
                return [];
        }
    }

    private static MemorySpan Bulk(Function function, Inst inst, int memory, int position, bool writes)
    {
        var address = function.Arguments(inst)[position];
        var (low, high) = AddressBounds.Of(function, address);
        return new MemorySpan(memory, address, low, high + AddressBounds.Of(function, function.Arguments(inst)[2]).High, 0, writes);
    }
}
