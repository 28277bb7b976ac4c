namespace Pulse.Build.Engine.Verification.HotPath;

/// <summary>A <c>HotPathAllowed</c> item: a callee, or <c>caller->callee</c>; <c>*</c> stands for any text.</summary>
internal sealed class NamePattern
{
    private readonly string[]? _caller;
    private readonly string[] _callee;

    /// <summary>Reads the item.</summary>
    public NamePattern(string text)
    {
        var parts = text.Split("->", 2, StringSplitOptions.TrimEntries);
        _caller = parts.Length == 2 ? parts[0].Split('*') : null;
        _callee = parts[^1].Split('*');
    }

    /// <summary>Whether it allows a call between functions of these names.</summary>
    public bool Allows(IEnumerable<string> caller, IEnumerable<string> callee) =>
        (_caller is null || caller.Any(name => Matches(_caller, name))) && callee.Any(name => Matches(_callee, name));

    /// <summary>The first piece is a prefix and the last a suffix; those between are found from left to right, each as early as possible.</summary>
    private static bool Matches(string[] pieces, string name)
    {
        if (pieces.Length == 1)
        {
            return name == pieces[0];
        }

        if (!name.StartsWith(pieces[0], StringComparison.Ordinal))
        {
            return false;
        }

        var position = pieces[0].Length;
        foreach (var piece in pieces[1..^1])
        {
            var found = name.IndexOf(piece, position, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            position = found + piece.Length;
        }

        return name.Length - pieces[^1].Length >= position && name.EndsWith(pieces[^1], StringComparison.Ordinal);
    }
}
