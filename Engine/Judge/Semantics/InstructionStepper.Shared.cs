using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Accesses to what interrupt handlers touch, as events of the world. A handler may run before and after each of them, and nowhere else can it
/// be noticed. So what such a read gives depends on the history of the world, and such a write is part of that history; all else keeps its
/// plain meaning.
/// </summary>
internal sealed partial class InstructionStepper
{
    /// <summary>Refuses what depends on tables, segments and sizes when handlers may change them.</summary>
    private void CheckModelled(int opcode)
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
    private Term Seen(int part, Term index, ulong offset, Term length)
    {
        var memory = _state.Parts[part];
        if (!Meets(view.Shared.Written, part, index, offset, length))
        {
            return memory;
        }

        var read = Terms.Apply(Name("shared.load", part), World, memory, Terms.AddConstant(index, offset), length);
        Happens(Terms.Result(read, 1, Sort.Token));
        return Terms.Result(read, 0, memory.Width);
    }

    /// <summary>Makes an event of a write of <paramref name="length"/> bytes, which the memory has already taken, if handlers may touch these bytes.</summary>
    private void Wrote(int part, Term index, ulong offset, Term length)
    {
        if (Meets(view.Shared.Touched, part, index, offset, length))
        {
            Happens(Terms.Function(Name("shared.store", part), Sort.Token, World, _state.Parts[part], Terms.AddConstant(index, offset), length));
        }
    }

    /// <summary>The value of a global that is a component of the state.</summary>
    private Term ReadShared(int part)
    {
        if (!view.Shared.GlobalsWritten.Contains(part))
        {
            return _state.Parts[part];
        }

        var read = Terms.Apply(Name("shared.get", part), World);
        Happens(Terms.Result(read, 1, Sort.Token));
        return Terms.Result(read, 0, _state.Parts[part].Width);
    }

    /// <summary>
    /// Makes an event of a write that the global has already taken, if handlers touch it. Below a stack pointer that moves, memory is theirs: with
    /// each move it becomes whatever they made of it, and no access passes from one side of the move to the other.
    /// </summary>
    private void Wrote(int part)
    {
        if (!view.Shared.GlobalsTouched.Contains(part))
        {
            return;
        }

        int[] memories = [.. view.Shared.Frames.Where(f => f.Global == part).Select(f => f.Memory).Order()];
        var write = Terms.Apply(Name("shared.set", part), [World, _state.Parts[part], .. memories.Select(m => _state.Parts[m])]);
        Happens(Terms.Result(write, 0, Sort.Token));
        foreach (var memory in memories)
        {
            _state.Set(memory, Terms.Result(write, 1 + memory, _state.Parts[memory].Width));
        }
    }

    /// <summary>Equal terms are decided alike, on whichever side they stand. An access that wraps is out of bounds.</summary>
    private static bool Meets(Regions[] regions, int part, Term index, ulong offset, Term length)
    {
        var (low, high) = TermFactory.RangeOf(index);
        return part < regions.Length && regions[part].Meets((UInt128)low + offset, (UInt128)high + offset + TermFactory.RangeOf(length).High);
    }

    private static string Name(string what, int part) => FormattableString.Invariant($"{what}:{part}");

    // Global variables: constants where nothing can change them, components of the state otherwise. References to functions.
    public Term ReadGlobal(ulong global) => view.GlobalParts[global] is var part and >= 0 ? ReadShared(part)
        : view.GlobalValues[global] is { } value ? Constant(value, BodyDecoder.WidthOf(view.Module.Globals[(int)global].Kind))
        : throw new UnmodelledException($"global {global}, which the other module lacks");

    public void WriteGlobal(ulong global, Term value)
    {
        if (view.GlobalParts[global] is var part and >= 0)
        {
            _state.Set(part, value);
            Wrote(part);
        }
        else if (!view.WriteOnlyGlobals[global])
        {
            throw new UnmodelledException($"a write to global {global}, which the other module lacks");
        }
    }

    public Term Reference(ulong function) => Terms.Function("ref:" + view.CallSymbols[function], 64);

    /// <summary>A constant expression; an imported global's value is a variable of the import's name.</summary>
    private Term Constant(Initial value, int width) => value.Kind switch
    {
        InitialKind.Constant => Terms.Constant(value.Value, width),
        InitialKind.Null => Terms.Constant(0, width),
        InitialKind.Vector => Terms.Vector(Terms.Constant(value.Value, 64), Terms.Constant(value.High, 64)),
        InitialKind.Function => Reference(value.Value),
        InitialKind.ImportedGlobal when view.Module.Globals[(int)value.Value] is var global => global.Import is { } import ? Terms.Variable("import:" + import.Key, width)
            : global is { Initial: { } initial, Mutable: false } ? Constant(initial, width)
            : throw new UnmodelledException("a constant expression that reads a mutable global"),
        _ => throw new UnmodelledException("an extended constant expression"),
    };
}
