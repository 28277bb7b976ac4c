using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Reads the value of an option that has a list of values: <c>keep-original</c> is <see cref="UnprovedPolicy.KeepOriginal"/>.</summary>
public static class ChoiceParser
{
    /// <summary>The value that <paramref name="text"/> names; PULSE0004 with the list when it names none.</summary>
    /// <param name="text">What the user wrote; case does not matter.</param>
    /// <param name="option">Name of the property or the switch, for the diagnostic.</param>
    /// <param name="file">The project file, for the diagnostic.</param>
    public static TChoice Parse<TChoice>(string text, string option, string file = "") where TChoice : struct, Enum
    {
        foreach (var value in Enum.GetValues<TChoice>())
        {
            if (string.Equals(NameOf(value), text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        var names = string.Join(", ", Enum.GetValues<TChoice>().Select(NameOf));
        throw new DiagnosticException(DiagnosticId.PULSE0004, new Location(file), text, option, "one of: " + names);
    }

    /// <summary>The name of <paramref name="value"/> as users write it.</summary>
    public static string NameOf<TChoice>(TChoice value) where TChoice : struct, Enum
    {
        var name = new StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0)
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
