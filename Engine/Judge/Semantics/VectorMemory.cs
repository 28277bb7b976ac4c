using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Loads and stores of vectors and lanes, byte for byte.</summary>
internal sealed class VectorMemory(TermFactory factory, MemorySemantics memory, VectorSemantics vectors, SharedAccess shared)
{
    private const int FirstExtending = 1, LastExtending = 6, FirstSplat = 7, LastSplat = 10;

    public void Step(FlowInstruction i, VectorRow row, Term[] x, MachineState s, Term path)
    {
        var bytes = row.Bits / 8;
        var (part, address) = memory.Locate(i, x[0], bytes, s, path);
        var length = factory.Constant((ulong)bytes, 32);
        switch (row.Form)
        {
            case VectorForm.Store:
                var low = factory.Store(s.Parts[part], address, 8, x[1].Args[0]);
                s.Set(part, factory.Store(low, factory.AddConstant(address, 8), 8, x[1].Args[1]));
                shared.Wrote(part, x[0], i.First, length, s);
                break;
            case VectorForm.StoreLane:
                s.Set(part, factory.Store(s.Parts[part], address, bytes, vectors.Lane(x[1], i.Lane, row.Bits)));
                shared.Wrote(part, x[0], i.First, length, s);
                break;
            case VectorForm.LoadLane:
                s.Slots[i.Outputs[0]] = vectors.Replace(x[1], i.Lane, factory.Load(shared.Seen(part, x[0], i.First, length, s), address, bytes));
                break;
            default:
                s.Slots[i.Outputs[0]] = Load(i.Opcode & 0xFFFF, bytes, shared.Seen(part, x[0], i.First, length, s), address);
                break;
        }
    }

    private Term Load(int code, int bytes, Term contents, Term address) => code switch
    {
        0 => factory.Vector(factory.Load(contents, address, 8), factory.Load(contents, factory.AddConstant(address, 8), 8)),
        >= FirstExtending and <= LastExtending => Extending(code - FirstExtending, contents, address),
        >= FirstSplat and <= LastSplat => vectors.Splat(factory.Load(contents, address, bytes)),
        _ => factory.Vector(factory.ZeroExtend(factory.Load(contents, address, bytes), 64), factory.Constant(0, 64)), // load32_zero, load64_zero
    };

    /// <summary>Eight bytes, four halfwords or two words, each made twice as wide; signed, then unsigned.</summary>
    private Term Extending(int which, Term contents, Term address)
    {
        var size = 1 << (which / 2);
        var lanes = Enumerable.Range(0, 8 / size).Select(k =>
        {
            var lane = factory.Load(contents, factory.AddConstant(address, (ulong)(k * size)), size);
            return which % 2 == 0 ? factory.SignExtend(lane, 16 * size) : factory.ZeroExtend(lane, 16 * size);
        }).ToArray();
        return factory.Vector(vectors.Join(lanes[..(lanes.Length / 2)]), vectors.Join(lanes[(lanes.Length / 2)..]));
    }
}
