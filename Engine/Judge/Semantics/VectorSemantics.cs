using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Vectors as two halves of 64 bits. Constants, bitwise operations, lanes and splats are exact. Every other operation is one uninterpreted
/// function of its operands and immediates: equal for equal operands, and nothing else is known of it. A relaxed operation is such a function
/// too, since an embedding chooses once what it does.
/// </summary>
internal sealed class VectorSemantics(TermFactory factory)
{
    private const int Not = 77, And = 78, AndNot = 79, Or = 80, Xor = 81, BitSelect = 82, AnyTrue = 83;

    /// <summary>The result of an instruction that touches no memory.</summary>
    public Term Apply(FlowInstruction i, VectorRow row, Term[] x) => row.Form switch
    {
        VectorForm.Splat => Splat(factory.Extract(x[0], row.Bits - 1, 0)),
        VectorForm.Extract => ExtractLane(i, row, x[0]),
        VectorForm.Replace => Replace(x[0], i.Lane, factory.Extract(x[1], row.Bits - 1, 0)),
        _ => (i.Opcode & 0xFFFF) switch
        {
            Not => Each(a => factory.Xor(a[0], Ones), x),
            And => Each(a => factory.And(a[0], a[1]), x),
            AndNot => Each(a => factory.And(a[0], factory.Xor(a[1], Ones)), x),
            Or => Each(a => factory.Or(a[0], a[1]), x),
            Xor => Each(a => factory.Xor(a[0], a[1]), x),
            BitSelect => Each(a => factory.Or(factory.And(a[0], a[2]), factory.And(a[1], factory.Xor(a[2], Ones))), x),
            AnyTrue => factory.Bit(factory.Not(factory.Equal(x[0], factory.Constant(0, Sort.Vector))), 32),
            _ => factory.Function(
                string.Create(CultureInfo.InvariantCulture, $"vector.{i.Opcode & 0xFFFF:x}.{i.First:x}.{i.Second:x}"),
                row.Form == VectorForm.Test ? 32 : Sort.Vector, x),
        },
    };

    private Term Ones => factory.Constant(ulong.MaxValue, 64);

    private Term Each(Func<Term[], Term> operation, Term[] x)
        => factory.Vector(operation(Array.ConvertAll(x, v => v.Args[0])), operation(Array.ConvertAll(x, v => v.Args[1])));

    /// <summary>A lane in all places.</summary>
    public Term Splat(Term lane)
    {
        var half = Join([.. Enumerable.Repeat(lane, 64 / lane.Width)]);
        return factory.Vector(half, half);
    }

    /// <summary>Bits of lane <paramref name="lane"/>.</summary>
    public Term Lane(Term vector, int lane, int bits)
    {
        var at = lane * bits;
        return factory.Extract(vector.Args[at / 64], (at % 64) + bits - 1, at % 64);
    }

    /// <summary>The vector with another lane.</summary>
    public Term Replace(Term vector, int lane, Term value)
    {
        var bits = value.Width;
        var lanes = 64 / bits;
        var half = lane / lanes;
        var parts = Enumerable.Range(half * lanes, lanes).Select(k => k == lane ? value : Lane(vector, k, bits));
        var changed = Join([.. parts]);
        return half == 0 ? factory.Vector(changed, vector.Args[1]) : factory.Vector(vector.Args[0], changed);
    }

    /// <summary>64 bits of equally wide parts, the lowest first.</summary>
    public Term Join(Term[] parts)
    {
        var result = factory.ZeroExtend(parts[0], 64);
        for (var k = 1; k < parts.Length; k++)
        {
            result = factory.Add(result, factory.ShiftLeftBy(factory.ZeroExtend(parts[k], 64), k * parts[k].Width));
        }

        return result;
    }

    private Term ExtractLane(FlowInstruction i, VectorRow row, Term vector)
    {
        var lane = Lane(vector, i.Lane, row.Bits);
        var signed = i.Opcode == (0xFD << 16 | row.First); // narrow lanes: _s comes before _u
        return row.Bits >= 32 ? lane : signed ? factory.SignExtend(lane, 32) : factory.ZeroExtend(lane, 32);
    }
}
