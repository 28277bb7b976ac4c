using System.Collections.Immutable;

namespace Pulse.Build.Engine.Passes.Rewriting;

/// <summary>A term of a rule: a variable, a literal, or an operation on terms.</summary>
internal abstract record Term;

/// <summary>A variable. Names that begin with <c>k</c> match constants only.</summary>
internal sealed record Variable(string Name) : Term
{
    /// <summary>Whether it matches constants only.</summary>
    public bool IsConstant => Name[0] == 'k';
}

/// <summary>A literal, taken at the width of the place where it stands.</summary>
internal sealed record Literal(long Value) : Term;

/// <summary>An operation, by the mnemonic of the instruction table; without its type it stands for the i32 and the i64 form.</summary>
internal sealed record Operation(string Mnemonic, ImmutableArray<Term> Arguments) : Term;
