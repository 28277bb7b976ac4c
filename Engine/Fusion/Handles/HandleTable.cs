using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Handles;

/// <summary>
/// The handle table of one component instance, in a memory of its own or at a place in a shared one: 16 bytes of header, then 8 bytes a
/// handle, of which index 0 does not exist. A handle is <c>representation, word</c>; a free entry is <c>next free index, 0</c>.
/// </summary>
/// <example><code>
/// header: first free index | handles | borrows of the running call | whether a destructor is held back
/// word:   lends (20 bits) | given by the host (1) | tag of the resource (10) | owns (1)
/// </code></example>
/// <remarks>CanonicalABI.md #table-state, #resource-state: indices are given out and recycled in the specification's order</remarks>
internal sealed class HandleTable(IFusedEntities entities, HandlePlan plan, ComponentInstance instance)
{
    /// <summary>Bytes in front of the first handle.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Bytes of a handle.</summary>
    public const int HandleBytes = 8;

    /// <summary>Flag of a borrow that the host gave, and wants back.</summary>
    public const int FromHost = 0x800;

    private const int OneLend = 0x1000;
    private const int TagMask = 0x7FE;

    // Of the header.
    private const int Free = 0;
    private const int Count = 4;
    private const int Borrows = 8;
    private const int Held = 12;

    // Of a handle, from 8 times its index on.
    private const int Representation = 8;
    private const int Word = 12;

    private static readonly FuncType _pairToOne = FuncType.Of([ValType.I32, ValType.I32], [ValType.I32]);
    private static readonly FuncType _pairToNone = FuncType.Of([ValType.I32, ValType.I32], []);

    private readonly Dictionary<string, FunctionId> _parts = [];

    private MemoryId Memory => entities.HandleMemory(instance);

    /// <summary>The word of a handle for <paramref name="resource"/>.</summary>
    public static int WordOf(int resource, bool owns) => (resource + 1) << 1 | (owns ? 1 : 0);

    /// <summary><c>(representation, word) -> index</c>: a new handle.</summary>
    public FunctionId Add() => Part("add-handle", _pairToOne, code =>
    {
        var index = code.Local();
        code.I32(0).Access(Opcode.I32Load, Memory, Free).Tee(index).If(
            () => code.I32(0).Get(index).I32(3).Op(Opcode.I32Shl).Access(Opcode.I32Load, Memory, Representation).Access(Opcode.I32Store, Memory, Free),
            () =>
            {
                code.I32(0).Access(Opcode.I32Load, Memory, Count).I32(1).Op(Opcode.I32Add).Set(index);
                RequireRoom(code, index);
                code.I32(0).Get(index).Access(Opcode.I32Store, Memory, Count);
            });
        code.Get(index).I32(3).Op(Opcode.I32Shl).Get(0).Access(Opcode.I32Store, Memory, Representation);
        code.Get(index).I32(3).Op(Opcode.I32Shl).Get(1).Access(Opcode.I32Store, Memory, Word);
        code.Get(index);
    });

    /// <summary><c>(index, word) -> representation</c>: removes the handle, which has just that word.</summary>
    public FunctionId Take() => Part("take-handle", _pairToOne, code =>
    {
        var at = Entry(code);
        code.Get(at).Access(Opcode.I32Load, Memory, Word).Get(1).Op(Opcode.I32Ne).TrapIf();
        code.Get(at).Access(Opcode.I32Load, Memory, Representation);
        code.Get(at).I32(0).Access(Opcode.I32Store, Memory, Word);
        code.Get(at).I32(0).Access(Opcode.I32Load, Memory, Free).Access(Opcode.I32Store, Memory, Representation);
        code.I32(0).Get(0).Access(Opcode.I32Store, Memory, Free);
    });

    /// <summary><c>(index, word of a borrow) -> representation</c>: of a handle for that resource, owning or not.</summary>
    public FunctionId Look() => Part("look-at-handle", _pairToOne, code =>
    {
        var at = Entry(code);
        RequireTag(code, at);
        code.Get(at).Access(Opcode.I32Load, Memory, Representation);
    });

    /// <summary>As <see cref="Look"/>, and counts that the handle is lent, which <see cref="EndLend"/> undoes.</summary>
    public FunctionId Lend() => Part("lend-handle", _pairToOne, code =>
    {
        var (at, word) = (Entry(code), code.Local());
        RequireTag(code, at);
        code.Get(at).Get(at).Access(Opcode.I32Load, Memory, Word).I32(OneLend).Op(Opcode.I32Add).Tee(word).Access(Opcode.I32Store, Memory, Word);
        code.Get(word).I32(OneLend).Op(Opcode.I32LtU).TrapIf();
        code.Get(at).Access(Opcode.I32Load, Memory, Representation);
    });

    /// <summary><c>(index)</c>: a handle that was lent is no longer.</summary>
    public FunctionId EndLend() => Part("give-back-handle", CoreLinker.DropType, code =>
    {
        var at = code.Local();
        code.Get(0).I32(3).Op(Opcode.I32Shl).Tee(at);
        code.Get(at).Access(Opcode.I32Load, Memory, Word).I32(OneLend).Op(Opcode.I32Sub).Access(Opcode.I32Store, Memory, Word);
    });

    /// <summary><c>(index)</c>: the built-in <c>resource.drop</c>.</summary>
    /// <param name="resource">Number of the resource type.</param>
    /// <param name="destructor">What an owner calls with the representation.</param>
    /// <param name="giveBack">What takes a borrow back to the host.</param>
    public FunctionId Drop(int resource, FunctionId? destructor, FunctionId? giveBack) => Part($"drop-handle-{resource}", CoreLinker.DropType, code =>
    {
        var (at, word, owned) = (Entry(code), code.Local(), code.Local());
        code.Get(at).Access(Opcode.I32Load, Memory, Word).Tee(word).I32(WordOf(resource, true)).Op(Opcode.I32Eq).If(
            () =>
            {
                code.Get(0).Get(word).Call(Take());
                Finish(destructor);
            },
            () =>
            {
                code.Get(word).I32(~FromHost).Op(Opcode.I32And).I32(WordOf(resource, false)).Op(Opcode.I32Ne).TrapIf();
                code.Get(0).Get(word).Call(Take()).Set(owned);
                code.I32(0).I32(0).Access(Opcode.I32Load, Memory, Borrows).I32(1).Op(Opcode.I32Sub).Access(Opcode.I32Store, Memory, Borrows);
                if (giveBack is not null)
                {
                    code.Get(word).I32(FromHost).Op(Opcode.I32And).If(() => code.Get(owned).Call(giveBack.Value));
                }
            });

        void Finish(FunctionId? function) => _ = function is { } called ? code.Call(called) : code.Op(Opcode.Drop);
    });

    /// <summary><c>(representation, word) -> index</c>: a borrow, which the running call must drop before it returns.</summary>
    public FunctionId AddBorrow() => Part("add-borrow", _pairToOne, code =>
    {
        code.I32(0).I32(0).Access(Opcode.I32Load, Memory, Borrows).I32(1).Op(Opcode.I32Add).Access(Opcode.I32Store, Memory, Borrows);
        code.Get(0).Get(1).Call(Add());
    });

    /// <summary>Pushes how many borrows calls of the instance have not dropped.</summary>
    public void CountBorrows(CodeBuilder code) => code.I32(0).Access(Opcode.I32Load, Memory, Borrows);

    /// <summary>Runs <paramref name="body"/> while the destructors that the host calls do nothing.</summary>
    public void HoldDestructors(CodeBuilder code, Action body)
    {
        code.I32(0).I32(1).Access(Opcode.I32Store, Memory, Held);
        body();
        code.I32(0).I32(0).Access(Opcode.I32Store, Memory, Held);
    }

    /// <summary>Pushes whether destructors do nothing.</summary>
    public void AreDestructorsHeld(CodeBuilder code) => code.I32(0).Access(Opcode.I32Load, Memory, Held);

    /// <summary>A local with 8 times the index in local 0, which is in the table.</summary>
    private int Entry(CodeBuilder code)
    {
        var at = code.Local();
        code.Get(0).I32(1).Op(Opcode.I32Sub).I32(0).Access(Opcode.I32Load, Memory, Count).Op(Opcode.I32GeU).TrapIf();
        code.Get(0).I32(3).Op(Opcode.I32Shl).Set(at);
        return at;
    }

    private void RequireTag(CodeBuilder code, int at) =>
        code.Get(at).Access(Opcode.I32Load, Memory, Word).I32(TagMask).Op(Opcode.I32And).Get(1).Op(Opcode.I32Ne).TrapIf();

    private void RequireRoom(CodeBuilder code, int index)
    {
        if (plan.Capacity > 0)
        {
            code.Get(index).I32(plan.Capacity).Op(Opcode.I32GtU).TrapIf();
            return;
        }

        // A page holds 8192 handles, of which the header takes the place of two.
        code.Get(index).Size(Memory).I32(13).Op(Opcode.I32Shl).I32(1).Op(Opcode.I32Sub).Op(Opcode.I32GeU)
            .If(() => code.I32(1).Grow(Memory).I32(-1).Op(Opcode.I32Eq).TrapIf());
    }

    private FunctionId Part(string name, FuncType type, Action<CodeBuilder> write)
    {
        if (!_parts.TryGetValue(name, out var part))
        {
            var code = new CodeBuilder(type);
            write(code);
            _parts[name] = part = entities.Generated($"{name} of {instance.Number}", () => new GeneratedFunction($"{name}:{instance.Name}", null, type, code.Finish()));
        }

        return part;
    }
}
