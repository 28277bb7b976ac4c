namespace Pulse.Build.Engine.Diagnostics;

/// <summary>Where a diagnostic points.</summary>
/// <param name="File">Path as the user gave it; empty when the diagnostic is about the project as a whole.</param>
/// <param name="Line">Line from 1, or 0 when unknown (binary input without DWARF).</param>
/// <param name="Column">Column from 1, or 0 when unknown.</param>
/// <param name="Offset">Byte offset in <paramref name="File"/>, or -1 when unknown; it is part of the message text.</param>
public readonly record struct Location(string File, int Line = 0, int Column = 0, long Offset = -1)
{
    /// <summary>No place in particular.</summary>
    public static Location None => new("");

    /// <summary>A byte of a binary file.</summary>
    public static Location AtOffset(string file, long offset) => new(file, 0, 0, offset);
}
