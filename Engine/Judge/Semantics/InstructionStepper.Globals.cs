using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Global variables: constants where nothing can change them, components of the state otherwise. References to functions.</summary>
internal sealed partial class InstructionStepper
{
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
