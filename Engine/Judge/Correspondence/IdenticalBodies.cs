using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Whether two bodies are instruction for instruction the same, where every index names corresponding entities. It needs no model, so it
/// decides bodies with instructions that the judge does not understand.
/// </summary>
internal static class IdenticalBodies
{
    public static bool Check(ModulePair pair, FunctionPair functions)
    {
        var (x, y) = (pair.Before.Module.Functions[functions.Before], pair.After.Module.Functions[functions.After]);
        return x.Body!.Locals.SequenceEqual(y.Body!.Locals) && x.Signature.Equals(y.Signature)
            && pair.FactsBefore.CodeOf(x.Index) is { } before && pair.FactsAfter.CodeOf(y.Index) is { } after && before.Count == after.Count
            && before.Zip(after).All(i => i.First.Opcode == i.Second.Opcode && i.First.Operands.Length == i.Second.Operands.Length
                && i.First.Operands.Zip(i.Second.Operands).All(operand => Same(pair, operand.First, operand.Second)));
    }

    private static bool Same(ModulePair pair, RawOperand x, RawOperand y)
    {
        var (before, after) = (pair.Before.Module, pair.After.Module);
        var (b, a) = (unchecked((int)x.Value), unchecked((int)y.Value));
        return x.Kind == y.Kind && before.Has(x) && after.Has(y) && x.Kind switch
        {
            OperandKind.Function => pair.Classes.Correspond(b, a),
            OperandKind.Type => before.Types[b].Equals(after.Types[a]),
            OperandKind.BlockType => x.Value == y.Value && x.Value > long.MaxValue // a value type
                || x.Value < (ulong)before.Types.Count && y.Value < (ulong)after.Types.Count && before.Types[b].Equals(after.Types[a]),
            OperandKind.Table => pair.Before.TableNames[b] == pair.After.TableNames[a],
            OperandKind.Memory => pair.Memories.ToAfter[b] == a,
            OperandKind.Global => SameGlobal(pair, b, a),
            OperandKind.Data => pair.Before.DataNames[b] == pair.After.DataNames[a] && pair.Before.DataParts[b] == pair.After.DataParts[a],
            OperandKind.Element => pair.Before.ElementNames[b] == pair.After.ElementNames[a] && pair.Before.ElementParts[b] == pair.After.ElementParts[a],
            OperandKind.Tag => x.Value == y.Value && before.Tags.SequenceEqual(after.Tags),
            _ => x.Value == y.Value,
        };
    }

    private static bool SameGlobal(ModulePair pair, int b, int a)
        => pair.Globals.ToAfter[b] is var partner and >= 0 ? partner == a
            : pair.Globals.ToBefore[a] < 0 && pair.Before.GlobalValues[b] is { } x && pair.After.GlobalValues[a] is { } y && InitialValues.Same(pair, x, y);
}

/// <summary>Whether two constant expressions have one value.</summary>
internal static class InitialValues
{
    public static bool Same(ModulePair pair, Initial x, Initial y)
    {
        (x, y) = (Resolve(pair.Before.Module, x), Resolve(pair.After.Module, y));
        return x.Kind == y.Kind && x.Text == y.Text && x.Kind switch
        {
            InitialKind.Constant or InitialKind.Null => x.Value == y.Value,
            InitialKind.Function => pair.Classes.Correspond((int)x.Value, (int)y.Value),
            InitialKind.ImportedGlobal => SameImport(pair, (int)x.Value, (int)y.Value),
            _ => x.Globals.Length == y.Globals.Length && x.Globals.Zip(y.Globals).All(g => SameGlobal(pair, g.First, g.Second)),
        };
    }

    private static bool SameImport(ModulePair pair, int before, int after)
        => pair.Before.Module.Globals[before].Import is { } import && import == pair.After.Module.Globals[after].Import;

    private static bool SameGlobal(ModulePair pair, int before, int after)
        => Same(pair, new Initial(InitialKind.ImportedGlobal, (ulong)before, "global.get"), new Initial(InitialKind.ImportedGlobal, (ulong)after, "global.get"));

    /// <summary>A constant that reads a defined immutable global is that global's constant.</summary>
    private static Initial Resolve(DecodedModule module, Initial x)
    {
        while (x.Kind == InitialKind.ImportedGlobal && module.Globals[(int)x.Value] is { Import: null, Mutable: false, Initial: { } inner })
        {
            x = inner;
        }

        return x with { Text = x.Kind == InitialKind.ImportedGlobal ? "global.get" : x.Text };
    }
}
