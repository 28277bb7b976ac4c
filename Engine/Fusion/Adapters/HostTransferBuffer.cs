using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>
/// A memory between the host and components that have several: what passes lies there for one call and no longer. It is a stack of
/// bytes with an allocator, so that nothing has to be freed: an export's arguments go when they were copied to the component, its result
/// when the host next calls; an import's arguments and result go when the import returns.
/// </summary>
/// <example><code>header: bytes in use | bytes that a running import uses | -</code></example>
internal sealed class HostTransferBuffer(IFusedEntities entities)
{
    private const int HeaderBytes = 16;

    // Of the header.
    private const int Used = 0;
    private const int Floor = 4;

    /// <summary>The memory.</summary>
    public MemoryId Memory => entities.HostTransferMemory();

    /// <summary>The allocator, as the canonical ABI wants it: what grows is copied, what shrinks stays.</summary>
    public FunctionId Realloc() => entities.Generated("border realloc", () =>
    {
        var type = FuncType.Of([ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.I32]);
        var code = new CodeBuilder(type);
        var (at, end) = (code.Local(), code.Local());
        code.Get(3).Get(1).Op(Opcode.I32LeU).Get(1).I32(0).Op(Opcode.I32Ne).Op(Opcode.I32And).If(() => code.Get(0).Op(Opcode.Return));
        code.I32(0).Access(Opcode.I32Load, Memory, Used).I32(HeaderBytes - 1).Op(Opcode.I32Add).Get(2).Op(Opcode.I32Add)
            .I32(0).Get(2).Op(Opcode.I32Sub).Op(Opcode.I32And).Tee(at);
        code.Get(3).Op(Opcode.I32Add).Tee(end).Get(at).Op(Opcode.I32LtU).TrapIf();
        Grow(code, end);
        code.I32(0).Get(end).I32(HeaderBytes).Op(Opcode.I32Sub).Access(Opcode.I32Store, Memory, Used);
        code.Get(at).Get(0).Get(1).Copy(Memory, Memory).Get(at);
        return new GeneratedFunction("border-realloc", null, type, code.Finish());
    });

    /// <summary>What the host put there for the call that begins was copied: only what a running import uses stays.</summary>
    public void Release(CodeBuilder code) =>
        code.I32(0).I32(0).Access(Opcode.I32Load, Memory, Floor).Access(Opcode.I32Store, Memory, Used);

    /// <summary>Notes what is in use; what is returned is what to do right before an import is called, and when all is done.</summary>
    public (Action Call, Action Return) Import(CodeBuilder code)
    {
        var (used, floor) = (code.Local(), code.Local());
        code.I32(0).Access(Opcode.I32Load, Memory, Used).Set(used).I32(0).Access(Opcode.I32Load, Memory, Floor).Set(floor);
        return (
            () => code.I32(0).I32(0).Access(Opcode.I32Load, Memory, Used).Access(Opcode.I32Store, Memory, Floor),
            () => code.I32(0).Get(used).Access(Opcode.I32Store, Memory, Used).I32(0).Get(floor).Access(Opcode.I32Store, Memory, Floor));
    }

    /// <summary>Makes the memory reach up to the address in <paramref name="end"/>.</summary>
    private void Grow(CodeBuilder code, int end)
    {
        var pages = code.Local();
        code.Get(end).I32(1).Op(Opcode.I32Sub).I32(16).Op(Opcode.I32ShrU).I32(1).Op(Opcode.I32Add)
            .Size(Memory).Op(Opcode.I32Sub).Tee(pages).I32(0).Op(Opcode.I32GtS)
            .If(() => code.Get(pages).Grow(Memory).I32(-1).Op(Opcode.I32Eq).TrapIf());
    }
}
