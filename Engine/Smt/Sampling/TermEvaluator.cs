using System.Globalization;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Smt.Sampling;

/// <summary>
/// Evaluates terms on concrete values: those it is given, and for the rest numbers that depend only on the seed. Memories and applications
/// are stood in for by hashes of what they are made of, which may tell equal ones apart but never confuses different values of variables.
/// </summary>
internal sealed class TermEvaluator(ulong seed, IReadOnlyDictionary<Term, ulong>? given = null)
{
    private readonly Dictionary<int, ulong> _values = [];
    private readonly TermFactory _scratch = new();

    /// <summary>The value of a bit-vector or Boolean; a hash of anything else.</summary>
    public ulong Evaluate(Term t)
    {
        if (t.Op == TermOp.Constant)
        {
            return t.Value;
        }

        if (!_values.TryGetValue(t.Id, out var value))
        {
            value = Compute(t);
            _values[t.Id] = value;
        }

        return value;
    }

    private ulong Compute(Term t)
    {
        if (t.Op == TermOp.Variable)
        {
            return given is not null && given.TryGetValue(t, out var known) ? known : Variable(t);
        }

        if (t.Op == TermOp.IfThenElse)
        {
            return Evaluate(Evaluate(t.Args[0]) != 0 ? t.Args[1] : t.Args[2]);
        }

        if (t.Op == TermOp.Load)
        {
            return LoadBytes(t);
        }

        if (t.Width < 0 || t.Op == TermOp.Result)
        {
            return Fit(Mix(t), t);
        }

        if (t.Op == TermOp.Equal && t.Args[0].Width < 0)
        {
            return Evaluate(t.Args[0]) == Evaluate(t.Args[1]) ? 1UL : 0;
        }

        var args = new Term[t.Args.Length];
        for (var i = 0; i < args.Length; i++)
        {
            var width = t.Args[i].Width;
            args[i] = width == Sort.Bool ? _scratch.Boolean(Evaluate(t.Args[i]) != 0) : _scratch.Constant(Evaluate(t.Args[i]), width);
        }

        if (t.Op is TermOp.DivideUnsigned or TermOp.DivideSigned or TermOp.RemainderUnsigned or TermOp.RemainderSigned && args[1].Value == 0)
        {
            return Fit(Hash(args[0].Value, (ulong)t.Op), t); // guarded by a trap: any value will do
        }

        var folded = TermRebuilder.Rebuild(_scratch, t, args);
        InvariantException.Require(folded.IsConstant, $"a {t.Op} of constants is no constant");
        return folded.Value;
    }

    private ulong LoadBytes(Term load)
    {
        var address = Evaluate(load.Args[1]);
        ulong value = 0;
        for (var i = 0; i < (int)load.Value; i++)
        {
            value |= ReadByte(load.Args[0], unchecked(address + (ulong)i) & TermFactory.Mask(load.Args[1].Width)) << 8 * i;
        }

        return value;
    }

    private ulong ReadByte(Term memory, ulong address)
    {
        while (true)
        {
            var mask = TermFactory.Mask(Sort.AddressWidth(memory.Width));
            switch (memory.Op)
            {
                case TermOp.IfThenElse:
                    memory = Evaluate(memory.Args[0]) != 0 ? memory.Args[1] : memory.Args[2];
                    break;
                case TermOp.Store:
                    var distance = unchecked(address - Evaluate(memory.Args[1])) & mask;
                    if (distance < memory.Value)
                    {
                        return Evaluate(memory.Args[2]) >> (int)(8 * distance) & 0xFF;
                    }

                    memory = memory.Args[0];
                    break;
                case TermOp.Fill:
                    if ((unchecked(address - Evaluate(memory.Args[1])) & mask) < Evaluate(memory.Args[3]))
                    {
                        return Evaluate(memory.Args[2]);
                    }

                    memory = memory.Args[0];
                    break;
                case TermOp.Copy:
                    var offset = unchecked(address - Evaluate(memory.Args[2])) & mask;
                    var inside = offset < Evaluate(memory.Args[4]);
                    address = inside ? unchecked(Evaluate(memory.Args[3]) + offset) & TermFactory.Mask(memory.Args[3].Width) : address;
                    memory = inside ? memory.Args[1] : memory.Args[0];
                    break;
                default:
                    return Hash(Evaluate(memory), address) & 0xFF;
            }
        }
    }

    private ulong Variable(Term t)
    {
        var hash = Hash(seed, unchecked((ulong)t.Width));
        foreach (var c in t.Name!)
        {
            hash = Hash(hash, c);
        }

        if (t.Width <= 0)
        {
            return t.Width == Sort.Bool ? hash & 1 : hash;
        }

        var (low, high) = TermFactory.RangeOf(t);
        var span = high - low;
        var raw = (hash & 3) == 0 ? hash >> 40 & 0xF : hash >> 8; // small numbers are more telling than large ones
        return span == ulong.MaxValue ? raw : low + raw % (span + 1);
    }

    private ulong Mix(Term t)
    {
        var hash = Hash((ulong)t.Op, t.Value);
        foreach (var c in t.Name ?? "")
        {
            hash = Hash(hash, c);
        }

        foreach (var arg in t.Args)
        {
            hash = Hash(hash, Evaluate(arg));
        }

        return hash;
    }

    private static ulong Fit(ulong hash, Term t)
    {
        if (t.Width <= 0)
        {
            return t.Width == Sort.Bool ? hash & 1 : hash;
        }

        var (low, high) = t.Bounds ?? (0, TermFactory.Mask(t.Width));
        return high - low == ulong.MaxValue ? hash : low + hash % (high - low + 1);
    }

    private static ulong Hash(ulong a, ulong b)
    {
        unchecked
        {
            var x = (a ^ b * 0x9E37_79B9_7F4A_7C15) * 0xBF58_476D_1CE4_E5B9;
            return (x ^ x >> 29) * 0x94D0_49BB_1331_11EB ^ x >> 32;
        }
    }

    /// <summary>For messages.</summary>
    public override string ToString() => seed.ToString(CultureInfo.InvariantCulture);
}
