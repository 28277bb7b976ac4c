using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Walks the elements of one list. Every "expected" of the grammar is a method here; each failure has line and column.</summary>
internal sealed class WatCursor(WatNode owner, string path, int start = 0)
{
    private int _at = start;

    /// <summary>Whether every element has been taken.</summary>
    public bool AtEnd => _at >= owner.Items.Count;

    /// <summary>The next element, not taken, or null.</summary>
    public WatNode? Peek => AtEnd ? null : owner.Items[_at];

    /// <summary>The element after the next, not taken, or null.</summary>
    public WatNode? PeekSecond => _at + 1 < owner.Items.Count ? owner.Items[_at + 1] : null;

    /// <summary>The list.</summary>
    public WatNode Owner => owner;

    /// <summary>The error <paramref name="message"/> at <paramref name="node"/>, or at the next element.</summary>
    public DiagnosticException Error(string message, WatNode? node = null)
    {
        var place = node ?? Peek ?? (owner.Items.Count > 0 ? owner.Items[^1] : owner);
        return new DiagnosticException(DiagnosticId.PULSE1004, new Location(path, place.Line, place.Column), message);
    }

    /// <summary>The refusal of <paramref name="proposal"/> by name, at <paramref name="node"/>.</summary>
    public DiagnosticException Unsupported(string proposal, WatNode node) =>
        new(DiagnosticId.PULSE1003, new Location(path, node.Line, node.Column), proposal);

    /// <summary>Takes the next element, which <paramref name="expected"/> describes.</summary>
    public WatNode Next(string expected) => AtEnd ? throw Error($"unexpected end: {expected} expected") : owner.Items[_at++];

    /// <summary>Takes the keyword <paramref name="text"/> if it is next.</summary>
    public bool TryAtom(string text)
    {
        var found = Peek?.IsAtom(text) ?? false;
        _at += found ? 1 : 0;
        return found;
    }

    /// <summary>Takes an identifier if it is next.</summary>
    public WatNode? TryId() => Peek is { Kind: WatKind.Id } node ? Take(node) : null;

    /// <summary>Takes an index if it is next.</summary>
    public WatNode? TryIndex() => Peek is { IsIndex: true } node ? Take(node) : null;

    /// <summary>Takes a list that starts with <paramref name="head"/> if it is next; the result stands behind the keyword.</summary>
    public WatCursor? TryList(string head) => Peek is { } node && node.IsList(head) ? Into(Take(node), 1) : null;

    /// <summary>Takes a list.</summary>
    public WatCursor List(string expected)
    {
        var node = Next(expected);
        return node.Kind == WatKind.List ? Into(node, 0) : throw Error($"unexpected token '{node.Text}': {expected} expected", node);
    }

    /// <summary>Takes a keyword or number.</summary>
    public WatNode Atom(string expected)
    {
        var node = Next(expected);
        return node.Kind == WatKind.Atom ? node : throw Error($"unexpected token '{node.Text}': {expected} expected", node);
    }

    /// <summary>Takes an index.</summary>
    public WatNode Index(string expected)
    {
        var node = Next(expected);
        return node.IsIndex ? node : throw Error($"unexpected token '{node.Text}': {expected} expected", node);
    }

    /// <summary>Takes a string that must be UTF-8.</summary>
    public string Name()
    {
        var node = Next("a name");
        return node.Kind != WatKind.String
            ? throw Error($"unexpected token '{node.Text}': a name expected", node)
            : WatStrings.TryUtf8(node.Bytes) ?? throw Error("malformed UTF-8 encoding", node);
    }

    /// <summary>Takes all strings that follow, joined.</summary>
    public byte[] Strings()
    {
        var bytes = new Support.ByteWriter();
        while (Peek is { Kind: WatKind.String } node)
        {
            bytes.Bytes(Take(node).Bytes);
        }

        return bytes.ToArray();
    }

    /// <summary>Takes a number without a sign of at most <paramref name="maximum"/>.</summary>
    public ulong Natural(ulong maximum, string expected)
    {
        var node = Atom(expected);
        if (WatNumbers.TryNatural(node.Text, maximum, out var value))
        {
            return value;
        }

        throw Error(char.IsAsciiDigit(node.Text[0]) ? $"constant '{node.Text}' out of range" : $"unexpected token '{node.Text}': {expected} expected", node);
    }

    /// <summary>Requires that nothing is left.</summary>
    public void ExpectEnd()
    {
        if (Peek is { } node)
        {
            throw Error(node.Kind == WatKind.List ? "unexpected '('" : $"unexpected token '{node.Text}'", node);
        }
    }

    private WatNode Take(WatNode node)
    {
        _at++;
        return node;
    }

    private WatCursor Into(WatNode node, int start) => new(node, path, start);
}
