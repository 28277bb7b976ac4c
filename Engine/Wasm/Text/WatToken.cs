namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>What a token is.</summary>
internal enum WatKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary><c>(</c>.</summary>
    Open,

    /// <summary><c>)</c>.</summary>
    Close,

    /// <summary>A keyword or a number; which one, the place that reads it decides.</summary>
    Atom,

    /// <summary><c>$name</c> or <c>$"name"</c>.</summary>
    Id,

    /// <summary>A string, quotes and escapes included.</summary>
    String,

    /// <summary>The head of an annotation, <c>(@name</c>; a <c>)</c> closes it.</summary>
    Annotation,

    /// <summary>What only annotations may hold: <c>,;[]{}</c>, and strings that touch other characters.</summary>
    Reserved,
}

/// <summary>A token: a part of the text, which alone holds its characters.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="End">Past its last byte.</param>
internal readonly record struct WatToken(WatKind Kind, int Start, int End);
