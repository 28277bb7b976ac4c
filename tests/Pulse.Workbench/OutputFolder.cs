using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Workbench;

/// <summary>The folder of one command's outputs; each is named after its input, and no input's may replace another's.</summary>
internal sealed class OutputFolder(string folder)
{
    private readonly Dictionary<string, string> _writers = new(StringComparer.Ordinal);

    /// <summary>Where the output <paramref name="name"/> of <paramref name="input"/> goes; PULSE0003 when it is another input's.</summary>
    public string PathOf(string input, string name)
    {
        var path = Path.Combine(folder, name);
        return _writers.TryAdd(path, Path.GetFullPath(input)) || _writers[path] == Path.GetFullPath(input)
            ? path
            : throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(input), $"'{path}' is already the output of '{_writers[path]}'; use another folder for one of them.");
    }
}
