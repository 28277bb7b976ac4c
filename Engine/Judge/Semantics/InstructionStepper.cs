using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Applies one instruction to a symbolic state, as its row says. What memories, globals and atomic instructions are in terms stands in the other
/// parts of this class.
/// </summary>
internal sealed partial class InstructionStepper(TermFactory factory, ModuleView view, TrapCollector traps) : IMachine
{
    private MachineState _state = null!;
    private Term _path = null!;

    public TermFactory Terms => factory;

    /// <summary>The history of the world.</summary>
    private Term World => _state.Parts[StateLayout.World];

    public void Step(FlowInstruction i, MachineState s, Term path)
    {
        CheckModelled(i.Opcode);
        (_state, _path) = (s, path);
        var inputs = Array.ConvertAll(i.Inputs, s.Read);
        switch (i.Opcode)
        {
            case FlowCode.Move:
                s.Slots[i.Outputs[0]] = inputs[0];
                break;
            case FlowCode.Constant:
                s.Slots[i.Outputs[0]] = Terms.Constant(i.First, (int)i.Second);
                break;
            case FlowCode.Vector:
                s.Slots[i.Outputs[0]] = Terms.Vector(Terms.Constant(i.First, 64), Terms.Constant(i.Second, 64));
                break;
            case FlowCode.Call or FlowCode.CallIndirect:
                Call(i, inputs);
                break;
            default:
                var row = InstructionTable.Find(i.Opcode)!;
                row.Require(inputs);
                if (row.Meaning(this, i, inputs) is { } result)
                {
                    s.Slots[i.Outputs[0]] = result;
                }

                break;
        }
    }

    public void Trap(TrapKind kind, Term condition) => traps.Add(_path, kind, condition, _state.Parts);

    private void Happens(Term history) => _state.Set(StateLayout.World, history);

    // Calls as uninterpreted functions of their arguments and of everything that a callee can see; the results, every component that it may
    // write and the world's history come out. A call that may trap, loop or reach the outside takes the whole state, because that is what
    // would be visible if it never came back.
    /// <summary>A call. That it is a tail call is an event of its own, since how deep the stack gets is observed.</summary>
    private void Call(FlowInstruction i, Term[] x)
    {
        if (i.IsTail)
        {
            Happens(Terms.Function("tail", Sort.Token, World));
        }

        if (i.Opcode == FlowCode.Call)
        {
            var callee = (int)i.First;
            Invoke(view.CallSymbols[callee], view.Module.Functions[callee].Signature, view.Effects[callee], x, i.Outputs);
            return;
        }

        var signature = view.Module.Types[(int)i.First];
        var table = (int)i.Second;
        if (view.ClosedTables[table] is { } closed && x[^1].IsConstant)
        {
            Known(closed, signature, x, i.Outputs);
            return;
        }

        var open = view.TableParts[table];
        Term[] arguments = open >= 0 ? [.. x, _state.Parts[open]] : x;
        Invoke($"indirect:{view.TableNames[table]}:{signature.Text}", signature, view.IndirectEffects[table], arguments, i.Outputs);
    }

    /// <summary>A constant index into a closed table is a direct call, or the trap of an empty slot, a wrong type or no slot.</summary>
    private void Known(ClosedTable closed, Signature signature, Term[] x, int[] outputs)
    {
        var index = x[^1].Value;
        if (closed.Trap(view.Module, index, signature) is { } trap)
        {
            Trap(trap, Terms.True);
            for (var k = 0; k < outputs.Length; k++)
            {
                _state.Slots[outputs[k]] = Terms.Constant(0, BodyDecoder.WidthOf(signature.Results[k])); // never seen: the path ends here
            }

            return;
        }

        var target = closed.Entries[(int)index];
        Invoke(view.CallSymbols[target], signature, view.Effects[target], x[..^1], outputs);
    }

    private void Invoke(string symbol, Signature signature, CallEffect effect, Term[] x, int[] outputs)
    {
        var seen = effect.Total ? effect.Reads.Select(p => _state.Parts[p]) : _state.Parts;
        var application = Terms.Apply(symbol, [.. x, .. seen]);
        for (var k = 0; k < outputs.Length; k++)
        {
            _state.Slots[outputs[k]] = Terms.Result(application, k, BodyDecoder.WidthOf(signature.Results[k]));
        }

        var results = signature.Results.Length;
        foreach (var part in effect.Writes)
        {
            _state.Set(part, Terms.Result(application, results + part, _state.Parts[part].Width, view.Layout.Parts[part].Bounds));
        }

        if (!effect.Total && !effect.Writes.Contains(StateLayout.World))
        {
            Happens(Terms.Result(application, results, Sort.Token));
        }
    }

    // Instructions on tables that can change: uninterpreted functions of the tables, which are opaque tokens, and of their operands.
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
