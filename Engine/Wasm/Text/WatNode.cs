namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>What a node of the text's tree is.</summary>
internal enum WatKind
{
    /// <summary>A keyword, a number or a reserved token; which one, the place that reads it decides.</summary>
    Atom,

    /// <summary><c>$name</c>; the text is the name without the dollar.</summary>
    Id,

    /// <summary>A string; <see cref="WatNode.Bytes"/> has its value.</summary>
    String,

    /// <summary>A parenthesised list.</summary>
    List,

    /// <summary>An annotation <c>(@name …)</c>; the text is the name.</summary>
    Annotation,
}

/// <summary>A node of the text's tree, with its place.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The token.</param>
/// <param name="Line">Line from 1.</param>
/// <param name="Column">Column from 1.</param>
internal sealed record WatNode(WatKind Kind, string Text, int Line, int Column)
{
    /// <summary>Of a list: its elements. Of an annotation: what stands after its name.</summary>
    public List<WatNode> Items { get; } = [];

    /// <summary>Of a string: its bytes.</summary>
    public byte[] Bytes { get; init; } = [];

    /// <summary>Whether it is a list that starts with the keyword <paramref name="head"/>.</summary>
    public bool IsList(string head) => Kind == WatKind.List && Items.Count > 0 && Items[0].IsAtom(head);

    /// <summary>Whether it is the keyword <paramref name="text"/>.</summary>
    public bool IsAtom(string text) => Kind == WatKind.Atom && Text == text;

    /// <summary>Whether it can be an index: a number without a sign, or an identifier.</summary>
    public bool IsIndex => Kind == WatKind.Id || (Kind == WatKind.Atom && char.IsAsciiDigit(Text[0]));
}
