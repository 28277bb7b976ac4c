using System.Globalization;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir;

/// <summary>An SSA value: a block parameter or a result of an instruction. Prints as <c>v3</c>.</summary>
internal readonly record struct Value(int Index) : IEntityId<Value>
{
    public static Value FromIndex(int index) => new(index);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"v{Index}");
}

/// <summary>A block. Prints as <c>b3</c>; <c>b0</c> is the entry.</summary>
internal readonly record struct Block(int Index) : IEntityId<Block>
{
    public static Block FromIndex(int index) => new(index);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"b{Index}");
}

/// <summary>An instruction.</summary>
internal readonly record struct Inst(int Index) : IEntityId<Inst>
{
    /// <summary>No instruction: the end of a list.</summary>
    public static Inst None => new(-1);

    public static Inst FromIndex(int index) => new(index);

    /// <summary>Whether this is an instruction at all.</summary>
    public bool Exists => Index >= 0;
}
