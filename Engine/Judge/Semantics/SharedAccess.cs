using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Accesses to what interrupt handlers touch, as events of the world. A handler may run before and after each of them, and nowhere else can it
/// be noticed. So what such a read gives depends on the history of the world, and such a write is part of that history; all else keeps its
/// plain meaning.
/// </summary>
internal sealed class SharedAccess(TermFactory factory, ModuleView view)
{
    /// <summary>Refuses what depends on tables, segments and sizes when handlers may change them.</summary>
    public void CheckModelled(int opcode)
    {
        if (view.Shared.ChangesStructure && InstructionTable.Find(opcode) is { } row && row.Immediates.Any(kind => kind is
            OperandKind.Table or OperandKind.Memory or OperandKind.Access or OperandKind.Data or OperandKind.Element))
        {
            throw new UnmodelledException("memories and tables beside a handler that may change a table, a segment or a memory's size");
        }
    }

    /// <summary>
    /// A memory as an access of <paramref name="length"/> bytes at <paramref name="index"/> + <paramref name="offset"/> sees it: what this code left, or
    /// whatever the world has made of it when handlers may have written there.
    /// </summary>
    public Term Seen(int part, Term index, ulong offset, Term length, MachineState s)
    {
        var memory = s.Parts[part];
        if (!Meets(view.Shared.Written, part, index, offset, length))
        {
            return memory;
        }

        var read = factory.Apply(Name("shared.load", part), s.Parts[StateLayout.World], memory, factory.AddConstant(index, offset), length);
        s.Set(StateLayout.World, factory.Result(read, 1, Sort.Token));
        return factory.Result(read, 0, memory.Width);
    }

    /// <summary>Makes an event of a write of <paramref name="length"/> bytes, which the memory has already taken, if handlers may touch these bytes.</summary>
    public void Wrote(int part, Term index, ulong offset, Term length, MachineState s)
    {
        if (Meets(view.Shared.Touched, part, index, offset, length))
        {
            s.Set(StateLayout.World, factory.Function(Name("shared.store", part), Sort.Token, s.Parts[StateLayout.World], s.Parts[part], factory.AddConstant(index, offset), length));
        }
    }

    /// <summary>The value of a global that is a component of the state.</summary>
    public Term Read(int part, MachineState s)
    {
        if (!view.Shared.GlobalsWritten.Contains(part))
        {
            return s.Parts[part];
        }

        var read = factory.Apply(Name("shared.get", part), s.Parts[StateLayout.World]);
        s.Set(StateLayout.World, factory.Result(read, 1, Sort.Token));
        return factory.Result(read, 0, s.Parts[part].Width);
    }

    /// <summary>
    /// Makes an event of a write that the global has already taken, if handlers touch it. Below a stack pointer that moves, memory is theirs: with
    /// each move it becomes whatever they made of it, and no access passes from one side of the move to the other.
    /// </summary>
    public void Wrote(int part, MachineState s)
    {
        if (!view.Shared.GlobalsTouched.Contains(part))
        {
            return;
        }

        int[] memories = [.. view.Shared.Frames.Where(f => f.Global == part).Select(f => f.Memory).Order()];
        var write = factory.Apply(Name("shared.set", part), [s.Parts[StateLayout.World], s.Parts[part], .. memories.Select(m => s.Parts[m])]);
        s.Set(StateLayout.World, factory.Result(write, 0, Sort.Token));
        foreach (var memory in memories)
        {
            s.Set(memory, factory.Result(write, 1 + memory, s.Parts[memory].Width));
        }
    }

    /// <summary>Equal terms are decided alike, on whichever side they stand. An access that wraps is out of bounds.</summary>
    private static bool Meets(Regions[] regions, int part, Term index, ulong offset, Term length)
    {
        var (low, high) = TermFactory.RangeOf(index);
        return part < regions.Length && regions[part].Meets((UInt128)low + offset, (UInt128)high + offset + TermFactory.RangeOf(length).High);
    }

    private static string Name(string what, int part) => FormattableString.Invariant($"{what}:{part}");
}
