using System.Collections.Immutable;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>Reads a certificate from its text. What it says is as untrue as before: the checker decides.</summary>
internal sealed class CertificateParser
{
    private const int MaximumCount = 100_000;
    private readonly TermFactory _factory;
    private readonly TermLines _terms;
    private readonly List<string> _expanded = [];
    private readonly List<Builder> _cutpoints = [];
    private readonly List<CutStep> _steps = [];

    private CertificateParser(TermFactory factory) => (_factory, _terms) = (factory, new TermLines(factory));

    /// <summary>The certificate, with its terms made by <paramref name="factory"/>.</summary>
    /// <exception cref="CertificateFormatException">The text is none, or it is larger than the factory allows.</exception>
    public static Certificate Parse(string text, TermFactory factory)
    {
        var parser = new CertificateParser(factory);
        var number = 0;
        try
        {
            foreach (var line in text.AsSpan().EnumerateLines())
            {
                number++;
                if (line.Length > 0)
                {
                    parser.Read(line.ToString(), number);
                }
            }
        }
        catch (TermLimitException e)
        {
            throw new CertificateFormatException(number, e.Message);
        }

        TermLines.Require(number > 0 && parser._cutpoints.Count > 0, number, "no entry");
        return new Certificate([.. parser._expanded], [.. parser._cutpoints.Select(c => c.Build(parser._factory))], [.. parser._steps]);
    }

    private void Read(string line, int number)
    {
        if (number == 1)
        {
            TermLines.Require(line == CertificateText.Header, number, $"it does not begin with '{CertificateText.Header}'");
            return;
        }

        var words = line.Split(' ');
        void Words(int count) => TermLines.Require(words.Length == count, number, $"'{words[0]}' has {count - 1} operands");
        int Integer(int word) => TermLines.Number(words[word], number) is var n && n <= int.MaxValue ? (int)n : throw new CertificateFormatException(number, "too large a number");
        switch (words[0])
        {
            case ['t', >= '0' and <= '9', ..]:
                _terms.Read(words, number);
                break;
            case "expand":
                Words(2);
                Add(_expanded, TermNotation.Unquote(words[1]) ?? throw new CertificateFormatException(number, "a site stands in quotes"), number);
                break;
            case "cutpoint":
                Words(4);
                TermLines.Require(Integer(1) == _cutpoints.Count, number, "cutpoints are numbered in order");
                Add(_cutpoints, new Builder(Integer(2), Integer(3)), number);
                break;
            case "step":
                Words(3);
                Add(_steps, new CutStep(Integer(1), Integer(2)), number);
                break;
            default:
                TermLines.Require(_cutpoints.Count > 0, number, $"'{words[0]}' before the first cutpoint");
                Read(_cutpoints[^1], words, number, Words, Integer);
                break;
        }
    }

    /// <summary>A line about the last cutpoint.</summary>
    private void Read(Builder cut, string[] words, int number, Action<int> expect, Func<int, int> integer)
    {
        switch (words[0])
        {
            case "open-before" or "open-after":
                expect(3);
                var open = words[0] == "open-before" ? cut.OpenBefore : cut.OpenAfter;
                TermLines.Require(open.Count < MaximumCount && open.TryAdd(integer(1), integer(2)), number, "too many headers, or one twice");
                break;
            case "values":
                expect(2);
                TermLines.Require(cut.Values.Length == 0 && integer(1) <= MaximumCount, number, "too many values, or a second count");
                cut.Values = new Term?[integer(1)];
                break;
            case "value":
                expect(3);
                TermLines.Require(integer(1) < cut.Values.Length && cut.Values[integer(1)] is null, number, "no such position, or one twice");
                cut.Values[integer(1)] = _terms[words[2], number];
                break;
            case "fact":
                expect(2);
                TermLines.Require(cut.Facts is null && _terms[words[1], number].Width == Sort.Bool, number, "no condition, or a second one");
                cut.Facts = _terms[words[1], number];
                break;
            case "passed":
                expect(2);
                TermLines.Require(_terms[words[1], number].Width == Sort.Bool, number, "no condition");
                Add(cut.Passed, _terms[words[1], number], number);
                break;
            default:
                throw new CertificateFormatException(number, $"no line begins with '{words[0]}'");
        }
    }

    private static void Add<T>(List<T> list, T item, int line)
    {
        TermLines.Require(list.Count < MaximumCount, line, $"more than {MaximumCount} of a kind");
        list.Add(item);
    }

    private sealed class Builder(int before, int after)
    {
        public Term?[] Values { get; set; } = [];

        public Term? Facts { get; set; }

        public List<Term> Passed { get; } = [];

        public SortedDictionary<int, int> OpenBefore { get; } = [];

        public SortedDictionary<int, int> OpenAfter { get; } = [];

        public Cutpoint Build(TermFactory factory) => new()
        {
            Before = before,
            After = after,
            Values = [.. Values],
            Facts = Facts ?? factory.True,
            Passed = [.. Passed],
            OpenBefore = OpenBefore.ToImmutableSortedDictionary(),
            OpenAfter = OpenAfter.ToImmutableSortedDictionary(),
        };
    }
}
