using System.Globalization;

namespace Pulse.Build.Engine.Diagnostics;

/// <summary>One thing the engine has to say, located and coded.</summary>
/// <param name="Id">Row of <see cref="DiagnosticCatalogue"/>.</param>
/// <param name="Severity">Severity after the project's settings were applied.</param>
/// <param name="Location">Where.</param>
/// <param name="Message">The text for people, without code and place.</param>
public sealed record Diagnostic(DiagnosticId Id, Severity Severity, Location Location, string Message)
{
    /// <summary>Formats the catalogue's text of <paramref name="id"/> with <paramref name="arguments"/>, at the catalogue's severity.</summary>
    public static Diagnostic Create(DiagnosticId id, Location location, params object[] arguments)
    {
        var row = DiagnosticCatalogue.Find(id);
        var text = string.Format(CultureInfo.InvariantCulture, row.Format, arguments);
        var place = location.Offset < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (at byte 0x{location.Offset:x})");
        return new Diagnostic(id, row.Severity, location, text + place);
    }

    /// <summary>The code as it is printed, <c>PULSE2004</c>.</summary>
    public string Code => Id.ToString();

    /// <summary>The classic one-line form: place, severity, code, text.</summary>
    public override string ToString()
    {
        var place = Location.Line > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Location.File}({Location.Line},{Math.Max(1, Location.Column)}): ")
            : Location.File.Length > 0 ? Location.File + ": " : "";
        return $"{place}{(Severity == Severity.Error ? "error" : Severity == Severity.Warning ? "warning" : "message")} {Code}: {Message}";
    }
}
