using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Judge;

/// <summary>Two modules that differ in behaviour, and whether hosts can show it.</summary>
/// <param name="Kind">The file that it stands in.</param>
/// <param name="Name">What differs.</param>
/// <param name="Beyond">Why no run of a trial shows the difference; null where one does.</param>
/// <param name="Names">What the reason has to mention, or empty.</param>
internal sealed record AdversaryPair(string Kind, string Name, string Before, string After, string? Beyond, string Names)
{
    public override string ToString() => $"{Kind}: {Name}";
}

/// <summary>
/// The files <c>tests/golden/adversary/KIND.pairs</c>. A pair starts with <c>== name</c> and a module; then, in pairs, <c>- text</c> and
/// <c>+ text</c>: the first stands in the module once and becomes the second. <c>beyond: why</c> and <c>names: text</c> may follow.
/// </summary>
internal static class AdversaryPairs
{
    public static List<AdversaryPair> All
    {
        get
        {
            var files = Directory.GetFiles(GoldenFiles.Path("adversary"), "*.pairs").Order(StringComparer.Ordinal).ToArray();
            Assert.IsNotEmpty(files);
            return [.. files.SelectMany(file => Read(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file)))];
        }
    }

    private static IEnumerable<AdversaryPair> Read(string kind, string text)
        => text.ReplaceLineEndings("\n").Split("\n== ")[1..].Select(part => Pair(kind, part.Split('\n')));

    private static AdversaryPair Pair(string kind, string[] lines)
    {
        var pair = new AdversaryPair(kind, lines[0], "", "", null, "");
        var from = "";
        foreach (var line in lines[1..])
        {
            var rest = line.Length > 2 ? line[2..] : "";
            switch (line)
            {
                case ['-', ..]:
                    from = rest;
                    break;
                case ['+', ..]:
                    Assert.HasCount(2, pair.After.Split(from), $"'{from}' stands once in {pair}");
                    pair = pair with { After = pair.After.Replace(from, rest, StringComparison.Ordinal) };
                    break;
                case not "" when line.StartsWith("beyond: ", StringComparison.Ordinal):
                    pair = pair with { Beyond = line["beyond: ".Length..] };
                    break;
                case not "" when line.StartsWith("names: ", StringComparison.Ordinal):
                    pair = pair with { Names = line["names: ".Length..] };
                    break;
                case not "":
                    pair = pair with { Before = pair.Before + line + "\n", After = pair.After + line + "\n" };
                    break;
            }
        }

        Assert.AreNotEqual(pair.Before, pair.After, pair.ToString());
        return pair;
    }
}
