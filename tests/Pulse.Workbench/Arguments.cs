using System.Collections.Immutable;
using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>A command line: files (with <c>@list</c> files expanded), options with a value, and flags.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    private Arguments() { }

    /// <summary>What is not an option, in order.</summary>
    public List<string> Positional { get; } = [];

    /// <summary>Parses <paramref name="arguments"/>; an option in <paramref name="withValue"/> takes the next argument, <paramref name="flags"/> do not.</summary>
    public static Arguments Parse(IEnumerable<string> arguments, IReadOnlySet<string> withValue, IReadOnlySet<string> flags)
    {
        var result = new Arguments();
        using var items = arguments.GetEnumerator();
        while (items.MoveNext())
        {
            var item = items.Current;
            if (flags.Contains(item))
            {
                result._options[item] = "true";
            }
            else if (withValue.Contains(item))
            {
                result._options[item] = items.MoveNext() ? items.Current : throw new UsageException($"{item} needs a value");
            }
            else if (item.StartsWith('-') && item.Length > 1 && !char.IsAsciiDigit(item[1]))
            {
                throw new UsageException($"unknown option {item}");
            }
            else if (item.StartsWith('@'))
            {
                result.Positional.AddRange(ListedIn(item[1..]));
            }
            else
            {
                result.Positional.Add(item);
            }
        }

        return result;
    }

    /// <summary>The value of <paramref name="option"/>, or <paramref name="otherwise"/>.</summary>
    public string Get(string option, string otherwise = "") => _options.GetValueOrDefault(option, otherwise);

    /// <summary>Whether <paramref name="option"/> was given.</summary>
    public bool Has(string option) => _options.ContainsKey(option);

    /// <summary>The value of an option with a list of values.</summary>
    public TChoice Choice<TChoice>(string option, TChoice otherwise) where TChoice : struct, Enum =>
        Has(option) ? Usable(() => ChoiceParser.Parse<TChoice>(Get(option), option)) : otherwise;

    /// <summary>The exports that <c>--handler</c> says interrupts run.</summary>
    public ImmutableArray<InterruptHandler> Handlers() =>
        [.. Get("--handler").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(export => new InterruptHandler("", export))];

    /// <summary>The proposals that <paramref name="option"/> lists.</summary>
    public FeatureSet Features(string option) => Usable(() => FeatureSet.Parse(Get(option), option));

    /// <summary>The value of an option that must be there.</summary>
    public string Required(string option) => Has(option) ? Get(option) : throw new UsageException($"{option} is missing");

    /// <summary>The one file of a command that takes one.</summary>
    public string OnlyFile() => Positional is [var file] ? file : throw new UsageException(Positional.Count == 0 ? "no file given" : "one file at a time");

    /// <summary>Reads a file as the engine wants it.</summary>
    public static InputFile Read(string path)
    {
        try
        {
            return new InputFile(path, File.ReadAllBytes(path));
        }
        catch (Exception refusal) when (refusal is FileNotFoundException or DirectoryNotFoundException || path.Length == 0)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0002, new Location(path), path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(path), refusal.Message);
        }
    }

    private static IEnumerable<string> ListedIn(string list) =>
        Encoding.UTF8.GetString(Read(list).Bytes.Span).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A value that an option does not have is a wrong command line, not a file that failed.</summary>
    private static TValue Usable<TValue>(Func<TValue> parse)
    {
        try
        {
            return parse();
        }
        catch (DiagnosticException refusal)
        {
            throw new UsageException(refusal.Diagnostic.ToString());
        }
    }
}

/// <summary>The command line makes no sense.</summary>
internal sealed class UsageException(string message) : Exception(message);
