namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// A <c>HotPathAllowed</c> item: a callee, or <c>caller->callee</c>; <c>*</c> stands for any text. Names may have an arrow of their own, so
/// every reading of the item counts.
/// </summary>
internal sealed class NamePattern
{
    private const string Arrow = "->";

    private readonly List<(string[]? Caller, string[] Callee)> _readings = [];

    /// <summary>Reads the item.</summary>
    public NamePattern(string text)
    {
        _readings.Add((null, text.Split('*')));
        for (var at = text.IndexOf(Arrow, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Arrow, at + 1, StringComparison.Ordinal))
        {
            _readings.Add((text[..at].Trim().Split('*'), text[(at + Arrow.Length)..].Trim().Split('*')));
        }
    }

    /// <summary>Whether it allows a call between functions of these names.</summary>
    public bool Allows(IEnumerable<string> caller, IEnumerable<string> callee) => _readings.Exists(reading =>
        (reading.Caller is null || caller.Any(name => Matches(reading.Caller, name))) && callee.Any(name => Matches(reading.Callee, name)));

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
