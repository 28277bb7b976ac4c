namespace Pulse.Build.Engine.Support;

/// <summary>An index with a type of its own: a block is never mistaken for a value, nor a function for a global.</summary>
/// <typeparam name="TSelf">The implementing type, a one-field <c>readonly record struct</c>.</typeparam>
internal interface IEntityId<TSelf> where TSelf : struct, IEntityId<TSelf>
{
    /// <summary>Position in the entity's index space, from 0.</summary>
    int Index { get; }

    /// <summary>The id at <paramref name="index"/>.</summary>
    static abstract TSelf FromIndex(int index);
}
