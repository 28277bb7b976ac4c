using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Calls as uninterpreted functions of their arguments and of everything that a callee can see; the results, every component that it may
/// write and the world's history come out. A call that may trap, loop or reach the outside takes the whole state, because that is what
/// would be visible if it never came back.
/// </summary>
internal sealed partial class InstructionStepper
{
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
}
