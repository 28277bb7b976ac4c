using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Instructions on tables that can change: uninterpreted functions of the tables, which are opaque tokens, and of their operands.</summary>
internal sealed class TableSemantics(TermFactory factory, ModuleView view, TrapCollector traps)
{
    /// <summary>The result, if the operation has one.</summary>
    public Term? Apply(TableOperation operation, FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        switch (operation)
        {
            case TableOperation.Drop:
                InvariantException.Require(view.ElementParts[i.First] >= 0, "a dropped segment has no length in the state");
                s.Set(view.ElementParts[i.First], factory.Constant(0, 32));
                return null;
            case TableOperation.Initialize:
                var segment = view.Module.Elements[(int)i.First];
                var length = view.ElementParts[i.First] is var known and >= 0 ? s.Parts[known]
                    : factory.Constant(segment.Mode == SegmentMode.Passive ? (ulong)segment.Items.Length : 0, 32);
                return Change(Part(i.Second), $"init:{view.ElementNames[i.First]}", [length, .. x], s, path);
            case TableOperation.Copy:
                return Change(Part(i.First), $"copy:{Part(i.Second)}", [s.Parts[Part(i.Second)], .. x], s, path);
            case TableOperation.Set or TableOperation.Fill:
                return Change(Part(i.First), operation.ToString(), x, s, path);
        }

        var part = Part(i.First);
        Term[] all = [s.Parts[part], .. x];
        var width = view.Module.Tables[(int)i.First].Limits.Is64 ? 64 : 32;
        switch (operation)
        {
            case TableOperation.Get:
                Trap($"table:{part}.get", all, s, path);
                return factory.Function($"table:{part}.get", 64, all);
            case TableOperation.Size:
                return factory.Function($"table:{part}.size", width, all);
            default:
                var attempt = factory.Apply($"table:{part}.grow", [s.Parts[StateLayout.World], .. all]);
                s.Set(part, factory.Result(attempt, 1, Sort.Token));
                s.Set(StateLayout.World, factory.Result(attempt, 2, Sort.Token));
                return factory.Result(attempt, 0, width);
        }
    }

    private Term? Change(int part, string operation, Term[] x, MachineState s, Term path)
    {
        Term[] all = [s.Parts[part], .. x];
        Trap($"table:{part}.{operation}", all, s, path);
        s.Set(part, factory.Function($"table:{part}.{operation}", Sort.Token, all));
        return null;
    }

    private void Trap(string name, Term[] all, MachineState s, Term path)
        => traps.Add(path, TrapKind.OutOfBoundsTableAccess, factory.Function(name + ".traps", Sort.Bool, all), s.Parts);

    private int Part(ulong table) => view.TableParts[table] is var part and >= 0 ? part : throw new UnmodelledException("a table instruction on a table that is no part of the state");
}
