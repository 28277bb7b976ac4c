using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tasks;

/// <summary>
/// What a stage's outputs were made from, as a hash beside them: the task, the engine, the options, the inputs. A second line is the
/// hash of the outputs themselves, so that a damaged or edited output is made again.
/// </summary>
internal sealed class ContentKey
{
    private const string Schema = "pulse-key-1";

    private readonly ImmutableArray<string> _outputs;
    private readonly string _file;
    private readonly string _inputs;

    public ContentKey(ImmutableArray<string> outputs, Type task, IEnumerable<InputFile> inputs)
    {
        _outputs = outputs;
        _file = outputs[0] + ".key";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(Schema));
        Append(hash, Encoding.UTF8.GetBytes(task.Name));
        Append(hash, task.Module.ModuleVersionId.ToByteArray());
        Append(hash, typeof(ComponentFuser).Module.ModuleVersionId.ToByteArray());
        foreach (var input in inputs)
        {
            Append(hash, Encoding.UTF8.GetBytes(input.Path));
            Append(hash, input.Bytes.Span);
        }

        _inputs = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether the outputs are those of the same inputs.</summary>
    public bool Holds() => File.Exists(_file) && _outputs.All(File.Exists) && File.ReadAllText(_file) == Text();

    /// <summary>Makes the outputs newer than the inputs, which is what MSBuild's and the editors' up-to-date checks look at.</summary>
    public void Touch()
    {
        foreach (var path in _outputs.Add(_file))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
    }

    /// <summary>A stage that fails must not find its old key again.</summary>
    public void Forget()
    {
        if (File.Exists(_file))
        {
            File.Delete(_file);
        }
    }

    /// <summary>Records the key of the outputs just written.</summary>
    public void Store() => File.WriteAllText(_file, Text());

    private string Text()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in _outputs)
        {
            Append(hash, File.ReadAllBytes(path));
        }

        return _inputs + "\n" + Convert.ToHexStringLower(hash.GetHashAndReset()) + "\n";
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
