using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>A node of the hash-consed graph: two terms of one factory are equal exactly when they are the same object.</summary>
internal sealed class Term
{
    /// <summary>Makes a candidate; only the factory gives it an id.</summary>
    internal Term(TermOp op, int width, ulong value, string? name, Term[] args, (ulong Low, ulong High)? bounds = null)
    {
        // Empty bounds would make every formula about the term false, and so proved.
        InvariantException.Require(bounds is not { } b || b.Low <= b.High && width > 0 && b.High <= TermFactory.Mask(width), "bounds that no value meets");
        Bounds = bounds;
        Op = op;
        Width = width;
        Value = value;
        Name = name;
        Args = args;
        var hash = HashCode.Combine(op, width, value, name, bounds);
        foreach (var arg in args)
        {
            hash = unchecked(hash * 16777619 ^ arg.Id);
            Owners |= arg.Owners;
        }

        Hash = hash;
    }

    /// <summary>The operation.</summary>
    public TermOp Op { get; }

    /// <summary>Bits, or a <see cref="Sort"/>.</summary>
    public int Width { get; }

    /// <summary>The constant; the low bit of an extraction; the bytes of a load or store; the number of a result.</summary>
    public ulong Value { get; }

    /// <summary>Of a variable or an applied function.</summary>
    public string? Name { get; }

    /// <summary>Operands; commutative ones by rising id.</summary>
    public Term[] Args { get; }

    /// <summary>Of a variable or a result: the least and the greatest value that it is declared with. Part of what it is: with other bounds it is another term.</summary>
    public (ulong Low, ulong High)? Bounds { get; }

    /// <summary>Position in construction order, which is the only order that output ever follows.</summary>
    public int Id { get; internal set; } = -1;

    /// <summary>Which cutpoints' variables occur below, one bit each (the last bit stands for all further ones).</summary>
    public ulong Owners { get; internal set; }

    internal int Hash { get; }

    /// <summary>The unsigned range, once asked for.</summary>
    internal (ulong Low, ulong High)? Range { get; set; }

    /// <summary>The bits that may be one, once asked for.</summary>
    internal ulong? Ones { get; set; }

    /// <summary>An address split into a base and a constant, once asked for.</summary>
    internal (Term? Base, ulong Offset)? Split { get; set; }

    public bool IsConstant => Op == TermOp.Constant;

    public bool IsTrue => Op == TermOp.Constant && Width == Sort.Bool && Value == 1;

    public bool IsFalse => Op == TermOp.Constant && Width == Sort.Bool && Value == 0;

    /// <summary>Whether both are one operation: equal where their operands are.</summary>
    public bool IsLike(Term other) => Op == other.Op && Width == other.Width && Value == other.Value && Name == other.Name && Bounds == other.Bounds && Args.Length == other.Args.Length;

    /// <summary>For a debugger: the operands by their ids.</summary>
    public override string ToString() => IsConstant ? $"{Value}" : $"#{Id}: {Op}/{Width} {Name}{Bounds} {Value} ({string.Join(' ', Args.Select(a => a.IsConstant ? $"{a.Value}" : $"#{a.Id}"))})";
}
