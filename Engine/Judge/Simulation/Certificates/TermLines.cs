using System.Globalization;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>Reads the lines of terms and makes them again, in normal form; only well-sorted ones.</summary>
internal sealed class TermLines(TermFactory factory)
{
    private const int MaximumTerms = 1_000_000;
    private const int MaximumDepth = 20_000;
    private readonly List<(Term Term, int Depth)> _terms = [];

    /// <summary>The term of a number such as <c>t7</c>.</summary>
    /// <exception cref="CertificateFormatException">There is none.</exception>
    public Term this[string name, int line] => Find(name, line).Term;

    /// <summary>Reads <c>tN = operation sort [number] ["name"] [operands] [low..high]</c>.</summary>
    /// <exception cref="CertificateFormatException">It is no such line, or the term has no meaning.</exception>
    public void Read(string[] words, int line)
    {
        Require(words.Length >= 4 && words[0] == "t" + _terms.Count.ToString(CultureInfo.InvariantCulture) && words[1] == "=", line, "terms are numbered in order");
        Require(_terms.Count < MaximumTerms, line, $"more than {MaximumTerms} terms");
        var op = TermNotation.OperationOf(words[2]) ?? throw new CertificateFormatException(line, $"no operation '{words[2]}'");
        var width = TermNotation.SortOf(words[3]) ?? throw new CertificateFormatException(line, $"no sort '{words[3]}'");
        var at = 4;
        var value = TermNotation.HasNumber(op) ? Number(Next(words, at++, line), line) : 0;
        var name = op is TermOp.Variable or TermOp.Apply
            ? TermNotation.Unquote(Next(words, at++, line)) ?? throw new CertificateFormatException(line, "a name stands in quotes") : null;
        var args = new List<Term>();
        var depth = 0;
        for (; at < words.Length && words[at].StartsWith('t'); at++)
        {
            var (arg, below) = Find(words[at], line);
            args.Add(arg);
            depth = Math.Max(depth, below + 1);
        }

        Require(depth <= MaximumDepth, line, $"terms more than {MaximumDepth} deep");
        var bounds = at < words.Length ? Bounds(op, width, words[at++], line) : ((ulong, ulong)?)null;
        Require(at == words.Length, line, "too many words");
        var shape = new Term(op, width, value, name, [.. args], bounds);
        Require(TermSorts.Fits(shape), line, "an operand is missing, or of another sort than the operation takes");
        var term = op switch
        {
            TermOp.Constant => width == Sort.Bool ? factory.Boolean(value == 1) : factory.Constant(value, width),
            TermOp.Variable => factory.Variable(name!, width, CutVariables.OwnerOf(shape), bounds),
            _ => TermRebuilder.Rebuild(factory, shape, shape.Args),
        };
        _terms.Add((term, depth));
    }

    /// <summary>A number without a sign.</summary>
    public static ulong Number(string word, int line)
        => ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw new CertificateFormatException(line, $"'{word}' is no number");

    /// <exception cref="CertificateFormatException"><paramref name="holds"/> is false.</exception>
    public static void Require(bool holds, int line, string message)
    {
        if (!holds)
        {
            throw new CertificateFormatException(line, message);
        }
    }

    private (Term Term, int Depth) Find(string name, int line)
    {
        var index = name.Length > 1 && name[0] == 't' ? Number(name[1..], line) : ulong.MaxValue;
        Require(index < (ulong)_terms.Count, line, $"no term '{name}'");
        return _terms[(int)index];
    }

    private static (ulong Low, ulong High) Bounds(TermOp op, int width, string word, int line)
    {
        var dots = word.IndexOf("..", StringComparison.Ordinal);
        Require(dots > 0 && op is TermOp.Variable or TermOp.Result, line, "too many words");
        var (low, high) = (Number(word[..dots], line), Number(word[(dots + 2)..], line));
        Require(width > 0 && low <= high && high <= TermFactory.Mask(width), line, "bounds that no value meets");
        return (low, high);
    }

    private static string Next(string[] words, int at, int line) => at < words.Length ? words[at] : throw new CertificateFormatException(line, "too few words");
}
