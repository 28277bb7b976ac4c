using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>A place in the code of one <c>Assembler</c>, bound at most once.</summary>
internal readonly record struct Label(int Index) : IEntityId<Label>
{
    /// <inheritdoc/>
    public static Label FromIndex(int index) => new(index);
}
