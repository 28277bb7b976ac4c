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
        if (!x.Body!.Locals.SequenceEqual(y.Body!.Locals) || !x.Signature.Equals(y.Signature))
        {
            return false;
        }

        if (pair.FactsBefore.CodeOf(x.Index) is not { } before || pair.FactsAfter.CodeOf(y.Index) is not { } after || before.Count != after.Count)
        {
            return false;
        }

        for (var i = 0; i < before.Count; i++)
        {
            if (before[i].Opcode != after[i].Opcode || before[i].Operands.Length != after[i].Operands.Length)
            {
                return false;
            }

            for (var k = 0; k < before[i].Operands.Length; k++)
            {
                if (!Same(pair, before[i].Operands[k], after[i].Operands[k]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool Same(ModulePair pair, RawOperand x, RawOperand y)
    {
        var (before, after) = (pair.Before.Module, pair.After.Module);
        var (b, a) = (unchecked((long)x.Value), unchecked((long)y.Value));
        return x.Kind == y.Kind && x.Kind switch
        {
            OperandKind.Function => b < before.Functions.Count && a < after.Functions.Count && pair.Classes.Correspond((int)b, (int)a),
            OperandKind.Type => SameType(before, b, after, a),
            OperandKind.BlockType => b < 0 ? b == a : a >= 0 && SameType(before, b, after, a),
            OperandKind.Table => b < before.Tables.Count && a < after.Tables.Count && pair.Before.TableNames[b] == pair.After.TableNames[a],
            OperandKind.Memory => b < before.Memories.Count && pair.Memories.ToAfter[b] == a,
            OperandKind.Global => b < before.Globals.Count && a < after.Globals.Count && SameGlobal(pair, (int)b, (int)a),
            OperandKind.Data => b < before.Data.Count && a < after.Data.Count && SameData(pair, (int)b, (int)a),
            OperandKind.Element => b < before.Elements.Count && a < after.Elements.Count && SameElement(pair, (int)b, (int)a),
            OperandKind.Tag => b == a && before.Tags.SequenceEqual(after.Tags),
            _ => b == a,
        };
    }

    private static bool SameType(DecodedModule before, long b, DecodedModule after, long a)
        => b < before.Types.Count && a < after.Types.Count && before.Types[(int)b].Equals(after.Types[(int)a]);

    private static bool SameGlobal(ModulePair pair, int b, int a)
        => pair.Globals.ToAfter[b] is var partner and >= 0 ? partner == a
            : pair.Globals.ToBefore[a] < 0 && pair.Before.GlobalValues[b] is { } x && pair.After.GlobalValues[a] is { } y && InitialValues.Same(pair, x, y);

    private static bool SameData(ModulePair pair, int b, int a)
        => pair.Before.DataNames[b] == pair.After.DataNames[a] && pair.Before.DataParts[b] == pair.After.DataParts[a];

    private static bool SameElement(ModulePair pair, int b, int a)
        => pair.Before.ElementNames[b] == pair.After.ElementNames[a] && pair.Before.ElementParts[b] == pair.After.ElementParts[a];
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
