using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>
/// Prints a certificate, one line a thing; <see cref="CertificateParser"/> reads it back. The text depends on what the terms are and not on when
/// they were made: each is numbered where it is first needed, operands first, and operands whose order means nothing stand in the order of their shapes.
/// </summary>
/// <example><code>
/// certificate 1
/// expand "/2a"
/// t0 = constant bool 1
/// t1 = variable 32 "n1.0.32"
/// t2 = constant 32 4
/// t3 = add 32 t1 t2
/// cutpoint 0 0 0
/// values 0
/// fact t0
/// cutpoint 1 3 2
/// open-before 5 2
/// values 6
/// value 0 t1
/// value 2 t3
/// fact t0
/// passed t9
/// step 0 1
/// </code></example>
internal sealed class CertificateText
{
    /// <summary>The first line, with the version of the form.</summary>
    public const string Header = "certificate 1";

    private readonly StringBuilder _text = new(Header + "\n");
    private readonly Dictionary<int, int> _numbers = [];
    private readonly Dictionary<int, ulong> _shapes = [];

    private CertificateText()
    {
    }

    /// <summary>The text, which ends in a line feed.</summary>
    public static string Print(Certificate certificate)
    {
        var printer = new CertificateText();
        foreach (var site in certificate.Expanded)
        {
            printer.Line($"expand {TermNotation.Quote(site)}");
        }

        foreach (var cut in certificate.Cutpoints)
        {
            foreach (var t in cut.Values.OfType<Term>().Append(cut.Facts).Concat(cut.Passed))
            {
                printer.Define(t);
            }
        }

        for (var i = 0; i < certificate.Cutpoints.Length; i++)
        {
            printer.Print(i, certificate.Cutpoints[i]);
        }

        foreach (var step in certificate.Steps)
        {
            printer.Line($"step {step.From} {step.To}");
        }

        return printer._text.ToString();
    }

    private void Print(int index, Cutpoint cut)
    {
        Line($"cutpoint {index} {cut.Before} {cut.After}");
        Open("open-before", cut.OpenBefore);
        Open("open-after", cut.OpenAfter);
        Line($"values {cut.Values.Length}");
        for (var i = 0; i < cut.Values.Length; i++)
        {
            if (cut.Values[i] is { } value)
            {
                Line($"value {i} t{_numbers[value.Id]}");
            }
        }

        Line($"fact t{_numbers[cut.Facts.Id]}");
        foreach (var condition in cut.Passed)
        {
            Line($"passed t{_numbers[condition.Id]}");
        }
    }

    private void Open(string what, ImmutableSortedDictionary<int, int> open)
    {
        foreach (var (header, phases) in open)
        {
            Line($"{what} {header} {phases}");
        }
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>Prints a term that has no line yet, after those below it.</summary>
    private void Define(Term root)
    {
        foreach (var t in TermOrder.Of(root))
        {
            Shape(t);
        }

        var work = new Stack<Term>([root]);
        while (work.TryPeek(out var t))
        {
            var missing = _numbers.ContainsKey(t.Id) ? null : Operands(t).FirstOrDefault(a => !_numbers.ContainsKey(a.Id));
            if (missing is not null)
            {
                work.Push(missing);
                continue;
            }

            work.Pop();
            if (!_numbers.ContainsKey(t.Id))
            {
                _numbers[t.Id] = _numbers.Count;
                Print(t);
            }
        }
    }

    private void Print(Term t)
    {
        _text.Append(CultureInfo.InvariantCulture, $"t{_numbers[t.Id]} = {TermNotation.NameOf(t.Op)} {TermNotation.NameOf(t.Width)}");
        if (TermNotation.HasNumber(t.Op))
        {
            _text.Append(CultureInfo.InvariantCulture, $" {t.Value}");
        }

        if (t.Name is { } name)
        {
            _text.Append(' ').Append(TermNotation.Quote(name));
        }

        foreach (var a in Operands(t))
        {
            _text.Append(CultureInfo.InvariantCulture, $" t{_numbers[a.Id]}");
        }

        if (t.Bounds is { } bounds)
        {
            _text.Append(CultureInfo.InvariantCulture, $" {bounds.Low}..{bounds.High}");
        }

        _text.Append('\n');
    }

    private IEnumerable<Term> Operands(Term t) => TermNotation.Commutes(t.Op) ? t.Args.OrderBy(a => _shapes[a.Id]) : t.Args;

    /// <summary>A number that says what a term is; two shapes with one number would only cost the text its independence of the order of construction.</summary>
    private void Shape(Term t)
    {
        if (_shapes.ContainsKey(t.Id))
        {
            return;
        }

        ulong shape = 0;
        void Mix(ulong part) => shape = unchecked((shape ^ part) * 0x9E37_79B9_7F4A_7C15UL ^ shape >> 29);
        Mix((ulong)t.Op);
        Mix(unchecked((ulong)t.Width));
        Mix(t.Value);
        foreach (var c in t.Name ?? "")
        {
            Mix(c);
        }

        Mix(t.Bounds?.Low ?? 1);
        Mix(t.Bounds?.High ?? 0);
        foreach (var a in Operands(t))
        {
            Mix(_shapes[a.Id]);
        }

        _shapes[t.Id] = shape;
    }
}
