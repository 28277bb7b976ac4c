using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Passes.Rewriting;

/// <summary>Reads the text of a rule file. The files are part of the engine, so an error in one is a broken invariant.</summary>
internal static class RuleParser
{
    /// <summary>The rules of <paramref name="text"/>, in order; <c>#</c> begins a comment.</summary>
    public static ImmutableArray<RewriteRule> Parse(string text)
    {
        var rules = ImmutableArray.CreateBuilder<RewriteRule>();
        foreach (var line in text.Split('\n'))
        {
            var content = line.Split('#')[0].Trim();
            if (content.Length > 0)
            {
                rules.Add(ParseRule(content));
            }
        }

        return rules.ToImmutable();
    }

    private static RewriteRule ParseRule(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var arrow = line.IndexOf("=>", StringComparison.Ordinal);
        InvariantException.Require(colon > 0 && arrow > colon, $"a rule reads 'name: pattern => replacement': {line}");
        var left = line[(colon + 1)..arrow];
        var condition = left.IndexOf(" if ", StringComparison.Ordinal);
        var pattern = condition < 0 ? left : left[..condition];
        var guard = condition < 0 ? null : Term(left[(condition + 4)..]);
        return new RewriteRule(line[..colon].Trim(), (Operation)Term(pattern), guard, Term(line[(arrow + 2)..]));
    }

    private static Term Term(string text)
    {
        var tokens = new Queue<string>(
            text.Replace("(", " ( ", StringComparison.Ordinal).Replace(")", " ) ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var term = Term(tokens);
        InvariantException.Require(tokens.Count == 0, $"one term: {text}");
        return term;
    }

    private static Term Term(Queue<string> tokens)
    {
        var token = tokens.Dequeue();
        if (token != "(")
        {
            return long.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? new Literal(number) : new Variable(token);
        }

        var mnemonic = tokens.Dequeue();
        var arguments = ImmutableArray.CreateBuilder<Term>();
        while (tokens.Peek() != ")")
        {
            arguments.Add(Term(tokens));
        }

        tokens.Dequeue();
        return new Operation(mnemonic, arguments.ToImmutable());
    }
}
