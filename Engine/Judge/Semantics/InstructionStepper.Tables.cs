using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Instructions on tables that can change: uninterpreted functions of the tables, which are opaque tokens, and of their operands.</summary>
internal sealed partial class InstructionStepper
{
    /// <summary>The result, if the operation has one.</summary>
    public Term? OnTable(TableOperation operation, FlowInstruction i, Term[] x)
    {
        switch (operation)
        {
            case TableOperation.Drop:
                InvariantException.Require(view.ElementParts[i.First] >= 0, "a dropped segment has no length in the state");
                _state.Set(view.ElementParts[i.First], Terms.Constant(0, 32));
                return null;
            case TableOperation.Initialize:
                var segment = view.Module.Elements[(int)i.First];
                var length = view.ElementParts[i.First] is var known and >= 0 ? _state.Parts[known]
                    : Terms.Constant(segment.Mode == SegmentMode.Passive ? (ulong)segment.Items.Length : 0, 32);
                return Change(TablePart(i.Second), $"init:{view.ElementNames[i.First]}", [length, .. x]);
            case TableOperation.Copy:
                return Change(TablePart(i.First), $"copy:{TablePart(i.Second)}", [_state.Parts[TablePart(i.Second)], .. x]);
            case TableOperation.Set or TableOperation.Fill:
                return Change(TablePart(i.First), operation.ToString(), x);
        }

        var part = TablePart(i.First);
        Term[] all = [_state.Parts[part], .. x];
        var width = view.Module.Tables[(int)i.First].Limits.Is64 ? 64 : 32;
        switch (operation)
        {
            case TableOperation.Get:
                Trap($"table:{part}.get", all);
                return Terms.Function($"table:{part}.get", 64, all);
            case TableOperation.Size:
                return Terms.Function($"table:{part}.size", width, all);
            default:
                var attempt = Terms.Apply($"table:{part}.grow", [World, .. all]);
                _state.Set(part, Terms.Result(attempt, 1, Sort.Token));
                Happens(Terms.Result(attempt, 2, Sort.Token));
                return Terms.Result(attempt, 0, width);
        }
    }

    private Term? Change(int part, string operation, Term[] x)
    {
        Term[] all = [_state.Parts[part], .. x];
        Trap($"table:{part}.{operation}", all);
        _state.Set(part, Terms.Function($"table:{part}.{operation}", Sort.Token, all));
        return null;
    }

    private void Trap(string name, Term[] all)
        => Trap(TrapKind.OutOfBoundsTableAccess, Terms.Function(name + ".traps", Sort.Bool, all));

    private int TablePart(ulong table) => view.TableParts[table] is var part and >= 0 ? part : throw new UnmodelledException("a table instruction on a table that is no part of the state");
}
