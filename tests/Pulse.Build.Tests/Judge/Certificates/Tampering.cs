using System.Globalization;

namespace Pulse.Build.Tests.Judge.Certificates;

/// <summary>Changes the text of a certificate: what it claims becomes something else, and mostly something wrong.</summary>
internal sealed class Tampering(int seed)
{
    private static readonly string[] Numbers = ["0", "1", "2", "3", "4", "5", "7", "8", "255", "4294967295", "4294967292", "65536"];
    private readonly Random _random = new(seed);

    /// <summary>The text after one to three changes, and what they were.</summary>
    public (string Text, string What) Change(string text)
    {
        var lines = text.TrimEnd('\n').Split('\n').ToList();
        var what = new List<string>();
        for (var left = 1 + _random.Next(3); left > 0; left--)
        {
            what.Add(Once(lines));
        }

        return (string.Join('\n', lines) + "\n", string.Join(", ", what));
    }

    private string Once(List<string> lines)
    {
        switch (_random.Next(20))
        {
            case 0:
                return Replace(lines, " = constant ", 4, Any(Numbers), "another constant");
            case 1:
                return Replace(lines, "value ", 2, Term(lines), "another value");
            case 2:
                return Swap(lines);
            case 3:
                return Replace(lines, "fact ", 1, Condition(lines), "another fact");
            case 4:
                return Insert(lines, "passed " + Condition(lines), "a check passed");
            case 5:
                return Remove(lines, "step ", "a step dropped");
            case 6:
                lines.Add($"step {_random.Next(4)} {_random.Next(4)}");
                return "a step added";
            case 7:
                return Remove(lines, "value ", "a value dropped");
            case 8:
                return Replace(lines, "cutpoint ", 2 + _random.Next(2), Number(_random.Next(12)), "another block");
            case 9:
                return Insert(lines, $"open-{(_random.Next(2) == 0 ? "before" : "after")} {_random.Next(12)} {_random.Next(4)}", "a header opened");
            case 10:
                return Remove(lines, "open-", "a header closed");
            case 11:
                return History(lines);
            case 12:
                return Bounds(lines);
            case 13:
                return Rename(lines);
            case 14:
                return Remove(lines, "expand ", "an expansion dropped");
            case 15:
                lines.Insert(1, lines.Find(l => l.StartsWith("expand ", StringComparison.Ordinal)) is { } site ? site[..^1] + "/" + site[9..] : $"expand \"/{_random.Next(30, 200):x}\"");
                return "an expansion added";
            case 16:
                return Offset(lines);
            case 17:
                return Copy(lines);
            case 18:
                return Operation(lines);
            default:
                return Replace(lines, "value ", 1, Number(_random.Next(24)), "another position");
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private T Any<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private static List<int> Find(List<string> lines, Predicate<string> match) => [.. Enumerable.Range(0, lines.Count).Where(i => match(lines[i]))];

    private string Replace(List<string> lines, string part, int word, string by, string what)
    {
        var found = Find(lines, l => part.StartsWith(' ') ? l.Contains(part, StringComparison.Ordinal) : l.StartsWith(part, StringComparison.Ordinal));
        if (found.Count == 0)
        {
            return "nothing";
        }

        var i = Any(found);
        var words = lines[i].Split(' ');
        words[word] = by;
        lines[i] = string.Join(' ', words);
        return what;
    }

    private string Remove(List<string> lines, string start, string what)
    {
        var found = Find(lines, l => l.StartsWith(start, StringComparison.Ordinal));
        if (found.Count == 0)
        {
            return "nothing";
        }

        lines.RemoveAt(Any(found));
        return what;
    }

    /// <summary>A line about a cutpoint that is no entry.</summary>
    private string Insert(List<string> lines, string line, string what)
    {
        var found = Find(lines, l => l.StartsWith("cutpoint ", StringComparison.Ordinal));
        lines.Insert(Any(found) + 1, line);
        return what;
    }

    private static List<string> Terms(List<string> lines, string sort = "")
        => [.. lines.Where(l => l[0] == 't' && (sort.Length == 0 || l.Split(' ')[3] == sort)).Select(l => l.Split(' ')[0])];

    private string Term(List<string> lines)
    {
        var terms = Terms(lines);
        return terms.Count > 0 ? Any(terms) : "t0";
    }

    /// <summary>A new line for a term, before the first cutpoint; its number.</summary>
    private static string Define(List<string> lines, string rest)
    {
        var name = "t" + Number(Terms(lines).Count);
        lines.Insert(lines.FindIndex(l => l.StartsWith("cutpoint ", StringComparison.Ordinal)), $"{name} = {rest}");
        return name;
    }

    /// <summary>A condition: one that is there, false, an equation, or its negation.</summary>
    private string Condition(List<string> lines)
    {
        var sorts = lines.Where(l => l[0] == 't').Select(l => l.Split(' ')[3]).Where(s => char.IsAsciiDigit(s[0])).Distinct().ToList();
        var kind = _random.Next(5);
        if (kind == 0 || sorts.Count == 0)
        {
            return Define(lines, "constant bool 0");
        }

        if (kind == 1)
        {
            return Any(Terms(lines, "bool"));
        }

        var sort = Any(sorts);
        var a = Any(Terms(lines, sort));
        var b = _random.Next(2) == 0 ? Any(Terms(lines, sort)) : Define(lines, $"constant {sort} {Any(Numbers)}");
        var condition = Define(lines, $"{(kind == 2 ? "less-unsigned" : "equal")} bool {a} {b}");
        return kind == 4 ? Define(lines, "not bool " + condition) : condition;
    }

    private string Swap(List<string> lines)
    {
        var found = Find(lines, l => l.StartsWith("value ", StringComparison.Ordinal));
        if (found.Count == 0)
        {
            return "nothing";
        }

        var (i, j) = (Any(found), Any(found));
        var (a, b) = (lines[i].Split(' '), lines[j].Split(' '));
        (lines[i], lines[j]) = ($"value {a[1]} {b[2]}", $"value {b[1]} {a[2]}");
        return "two values swapped";
    }

    /// <summary>One token for another at both places where it stands.</summary>
    private string History(List<string> lines)
    {
        var tokens = Terms(lines, "token");
        var found = Find(lines, l => l.StartsWith("value ", StringComparison.Ordinal) && tokens.Contains(l.Split(' ')[2]));
        if (found.Count == 0)
        {
            return "nothing";
        }

        var old = Any(found.Select(i => lines[i].Split(' ')[2]).ToList());
        var other = _random.Next(2) == 0 ? Any(tokens) : Define(lines, "variable token \"s.world\"");
        for (var i = 0; i < lines.Count; i++)
        {
            lines[i] = lines[i].StartsWith("value ", StringComparison.Ordinal) && lines[i].EndsWith(" " + old, StringComparison.Ordinal)
                ? lines[i][..^old.Length] + other : lines[i];
        }

        return "another history";
    }

    private string Bounds(List<string> lines)
    {
        var found = Find(lines, l => l.Contains(" = variable ", StringComparison.Ordinal) || l.Contains(" = result ", StringComparison.Ordinal));
        if (found.Count == 0)
        {
            return "nothing";
        }

        var i = Any(found);
        var line = lines[i].Contains("..", StringComparison.Ordinal) ? lines[i][..lines[i].LastIndexOf(' ')] : lines[i];
        var low = Any(Numbers);
        lines[i] = $"{line} {low}..{(_random.Next(4) == 0 ? Any(Numbers) : low)}";
        return "other bounds";
    }

    private string Rename(List<string> lines)
    {
        var names = lines.Where(l => l.Contains(" = variable ", StringComparison.Ordinal)).Select(l => l.Split(' ')[4]).ToList();
        var name = _random.Next(4) switch
        {
            0 => "\"p0\"",
            1 => $"\"n{_random.Next(3)}.{_random.Next(24)}.32\"",
            2 => $"\"!r{_random.Next(60)}\"",
            _ => names.Count > 0 ? Any(names) : "\"p1\"",
        };
        return Replace(lines, " = variable ", 4, name, "another variable");
    }

    /// <summary>A value a constant further, at one place or wherever it stands.</summary>
    private string Offset(List<string> lines)
    {
        var found = lines.Where(l => l.StartsWith("value ", StringComparison.Ordinal)).Select(l => l.Split(' ')[2]).ToList();
        if (found.Count == 0)
        {
            return "nothing";
        }

        var old = Any(found);
        var sort = lines.Find(l => l.StartsWith(old + " = ", StringComparison.Ordinal))?.Split(' ')[3] ?? "32";
        var constant = Define(lines, $"constant {sort} {Any(Numbers)}");
        var moved = Define(lines, $"add {sort} {constant} {old}");
        var everywhere = _random.Next(2) == 0;
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].StartsWith("value ", StringComparison.Ordinal) && lines[i].EndsWith(" " + old, StringComparison.Ordinal))
            {
                lines[i] = lines[i][..^old.Length] + moved;
                if (!everywhere)
                {
                    break;
                }
            }
        }

        return "a value moved by a constant";
    }

    /// <summary>The last cutpoint once more, which steps may lead to instead.</summary>
    private string Copy(List<string> lines)
    {
        var cuts = Find(lines, l => l.StartsWith("cutpoint ", StringComparison.Ordinal));
        var end = lines.FindIndex(l => l.StartsWith("step ", StringComparison.Ordinal));
        if (cuts.Count < 2 || end < 0)
        {
            return "nothing";
        }

        var copy = lines[cuts[^1]..end];
        var words = copy[0].Split(' ');
        words[1] = Number(cuts.Count);
        copy[0] = string.Join(' ', words);
        lines.InsertRange(end, copy);
        Replace(lines, "step ", 2, Number(cuts.Count), "");
        lines.Add($"step {cuts.Count} {_random.Next(1, cuts.Count + 1)}");
        return "a cutpoint twice";
    }

    /// <summary>Another operation or another operand in a term.</summary>
    private string Operation(List<string> lines)
    {
        if (_random.Next(2) == 0)
        {
            return Replace(lines, " = add ", 2, Any(["multiply", "and", "or", "xor"]), "another operation");
        }

        var found = Find(lines, l => l[0] == 't' && l.Split(' ')[4..].Any(w => w[0] == 't'));
        if (found.Count == 0)
        {
            return "nothing";
        }

        var i = Any(found);
        var words = lines[i].Split(' ');
        var operands = Enumerable.Range(4, words.Length - 4).Where(w => words[w][0] == 't').ToList();
        words[Any(operands)] = "t" + Number(_random.Next(int.Parse(words[0][1..], CultureInfo.InvariantCulture)));
        lines[i] = string.Join(' ', words);
        return "another operand";
    }
}
