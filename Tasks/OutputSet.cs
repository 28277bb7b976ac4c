using System.Collections.Immutable;
using System.Text;

namespace Pulse.Build.Tasks;

/// <summary>
/// The content of a stage's outputs. Files are written under temporary names and moved into place when all are complete, so that no
/// reader ever sees half of one, nor one without the others.
/// </summary>
public sealed class OutputSet
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _content = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds the file whose name ends with <paramref name="suffix"/>.</summary>
    public void Add(string suffix, ReadOnlyMemory<byte> content) => _content.Add(suffix, content);

    /// <summary>Adds a text, as UTF-8.</summary>
    public void Add(string suffix, string content) => Add(suffix, Encoding.UTF8.GetBytes(content));

    /// <summary>Writes the files at <paramref name="paths"/>, each with the content of its suffix.</summary>
    internal void Commit(ImmutableArray<string> paths)
    {
        var temporary = paths.Select(path => path + ".tmp").ToArray();
        try
        {
            for (var i = 0; i < paths.Length; i++)
            {
                var path = paths[i];
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(temporary[i], _content.First(file => path.EndsWith(file.Key, StringComparison.OrdinalIgnoreCase)).Value.Span);
            }

            for (var i = 0; i < paths.Length; i++)
            {
                File.Move(temporary[i], paths[i], overwrite: true);
            }
        }
        finally
        {
            foreach (var path in temporary)
            {
                File.Delete(path);
            }
        }
    }
}
