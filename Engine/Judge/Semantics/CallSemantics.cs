using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Calls as uninterpreted functions of their arguments and of everything that a callee can see; the results, every component that it may
/// write and the world's history come out. A call that may trap, loop or reach the outside takes the whole state, because that is what
/// would be visible if it never came back. Tables that can change are opaque tokens.
/// </summary>
internal sealed class CallSemantics(TermFactory factory, ModuleView view, TrapCollector traps)
{
    /// <summary>A call. That it is a tail call is an event of its own, since how deep the stack gets is observed.</summary>
    public void Call(FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        if (i.IsTail)
        {
            s.Set(StateLayout.World, factory.Function("tail", Sort.Token, s.Parts[StateLayout.World]));
        }

        if (i.Opcode == 0x10)
        {
            var callee = (int)i.First;
            Invoke(view.CallSymbols[callee], view.Module.Functions[callee].Signature, view.Effects[callee], x, i.Outputs, s);
            return;
        }

        var signature = view.Module.Types[(int)i.First];
        var table = Table(i.Second);
        if (view.ClosedTables[table] is { } closed && x[^1].IsConstant)
        {
            Known(closed, signature, x, i.Outputs, s, path);
            return;
        }

        var open = view.TableParts[table];
        Term[] arguments = open >= 0 ? [.. x, s.Parts[open]] : x;
        Invoke($"indirect:{view.TableNames[table]}:{signature.Text}", signature, view.IndirectEffects[table], arguments, i.Outputs, s);
    }

    /// <summary>A constant index into a closed table is a direct call, or the trap of an empty slot, a wrong type or no slot.</summary>
    private void Known(ClosedTable closed, Signature signature, Term[] x, int[] outputs, MachineState s, Term path)
    {
        var index = x[^1].Value;
        if (closed.Trap(view.Module, index, signature) is { } trap)
        {
            traps.Add(path, trap, factory.True, s.Parts);
            for (var k = 0; k < outputs.Length; k++)
            {
                s.Slots[outputs[k]] = factory.Constant(0, BodyDecoder.WidthOf(signature.Results[k])); // never seen: the path ends here
            }

            return;
        }

        var target = closed.Entries[(int)index];
        Invoke(view.CallSymbols[target], signature, view.Effects[target], x[..^1], outputs, s);
    }

    private void Invoke(string symbol, Signature signature, CallEffect effect, Term[] x, int[] outputs, MachineState s)
    {
        var seen = effect.Total ? effect.Reads.Select(p => s.Parts[p]) : s.Parts;
        var application = factory.Apply(symbol, [.. x, .. seen]);
        for (var k = 0; k < outputs.Length; k++)
        {
            s.Slots[outputs[k]] = factory.Result(application, k, BodyDecoder.WidthOf(signature.Results[k]));
        }

        var results = signature.Results.Length;
        foreach (var part in effect.Writes)
        {
            s.Set(part, factory.Result(application, results + part, s.Parts[part].Width, view.Layout.Parts[part].Bounds));
        }

        if (!effect.Total && !effect.Writes.Contains(StateLayout.World))
        {
            s.Set(StateLayout.World, factory.Result(application, results, Sort.Token));
        }
    }

    /// <summary>Table instructions and references; whether the instruction is one of them.</summary>
    public bool StepTable(FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        switch (i.Opcode)
        {
            case 0xD0:
                s.Slots[i.Outputs[0]] = factory.Constant(0, 64);
                return true;
            case 0xD1:
                s.Slots[i.Outputs[0]] = factory.Bit(factory.Equal(x[0], factory.Constant(0, 64)), 32);
                return true;
            case 0xD2:
                s.Slots[i.Outputs[0]] = factory.Function("ref:" + view.CallSymbols[(int)i.First], 64);
                return true;
            case 0x25 or 0x26 or 0xFC000F or 0xFC0010 or 0xFC0011:
                return OneTable(i, x, s, path);
            case 0xFC000C:
                return Initialize(i, x, s, path);
            case 0xFC000D:
                Drop((int)i.First, s);
                return true;
            case 0xFC000E:
                return Copy(i, x, s, path);
            default:
                return false;
        }
    }

    private bool OneTable(FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        var part = view.TableParts[Table(i.First)];
        if (part < 0)
        {
            return false;
        }

        var name = "table:" + part;
        Term[] all = [s.Parts[part], .. x];
        if (i.Opcode != 0xFC0010 && i.Opcode != 0xFC000F)
        {
            traps.Add(path, TrapKind.OutOfBoundsTableAccess, factory.Function($"{name}.traps.{i.Opcode:x}", Sort.Bool, all), s.Parts);
        }

        switch (i.Opcode)
        {
            case 0x25:
                s.Slots[i.Outputs[0]] = factory.Function(name + ".get", 64, all);
                return true;
            case 0xFC0010:
                s.Slots[i.Outputs[0]] = factory.Function(name + ".size", IndexWidth(i.First), all);
                return true;
            case 0xFC000F:
                var attempt = factory.Apply(name + ".grow", [s.Parts[StateLayout.World], .. all]);
                s.Slots[i.Outputs[0]] = factory.Result(attempt, 0, IndexWidth(i.First));
                s.Set(part, factory.Result(attempt, 1, Sort.Token));
                s.Set(StateLayout.World, factory.Result(attempt, 2, Sort.Token));
                return true;
            default:
                s.Set(part, factory.Function($"{name}.{i.Opcode:x}", Sort.Token, all));
                return true;
        }
    }

    /// <summary>table.init: a function of the table, the operands, the segment's items and how many of them are left.</summary>
    private bool Initialize(FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        var segment = view.Module.Elements[(int)i.First];
        if (view.TableParts[Table(i.Second)] is not (var part and >= 0))
        {
            return false;
        }

        var length = view.ElementParts[segment.Index] is var known and >= 0 ? s.Parts[known]
            : factory.Constant(segment.Mode == SegmentMode.Passive ? (ulong)segment.Items.Length : 0, 32);
        Term[] all = [s.Parts[part], length, .. x];
        var name = $"table:{part}.init:{view.ElementNames[segment.Index]}";
        traps.Add(path, TrapKind.OutOfBoundsTableAccess, factory.Function(name + ".traps", Sort.Bool, all), s.Parts);
        s.Set(part, factory.Function(name, Sort.Token, all));
        return true;
    }

    private void Drop(int segment, MachineState s)
    {
        InvariantException.Require(view.ElementParts[segment] >= 0, "a dropped segment has no length in the state");
        s.Set(view.ElementParts[segment], factory.Constant(0, 32));
    }

    /// <summary>table.copy: a function of both tables and the operands.</summary>
    private bool Copy(FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        var (to, from) = (view.TableParts[Table(i.First)], view.TableParts[Table(i.Second)]);
        if (to < 0 || from < 0)
        {
            return false;
        }

        Term[] all = [s.Parts[to], s.Parts[from], .. x];
        var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"table:{to}.copy:{from}");
        traps.Add(path, TrapKind.OutOfBoundsTableAccess, factory.Function(name + ".traps", Sort.Bool, all), s.Parts);
        s.Set(to, factory.Function(name, Sort.Token, all));
        return true;
    }

    private int IndexWidth(ulong table) => view.Module.Tables[Table(table)].Limits.Is64 ? 64 : 32;

    private int Table(ulong index) => index < (ulong)view.TableParts.Length ? (int)index : throw new UnmodelledException("invalid code: table index out of range");
}
