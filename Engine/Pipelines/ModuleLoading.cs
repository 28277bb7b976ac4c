using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Core modules as every stage takes them: binary or text, read and validated.</summary>
internal static class ModuleLoading
{
    /// <summary>The module in <paramref name="file"/>, binary or text.</summary>
    public static Module Load(InputFile file, FeatureSet? features = null)
    {
        var module = IsBinary(file) ? ModuleReader.Read(file.Bytes, file.Path) : WatParser.Parse(file.Bytes, file.Path);
        Validate(module, file, features ?? FeatureSet.All);
        return module;
    }

    /// <summary>Throws unless <paramref name="module"/>, which was read from <paramref name="file"/>, is valid.</summary>
    public static void Validate(Module module, InputFile file, FeatureSet features)
    {
        if (IsBinary(file))
        {
            Validator.Validate(module, file.Path, features.Features);
        }
        else
        {
            WatValidation.Validate(module, file.Bytes, file.Path, features.Features);
        }
    }

    /// <summary>Whether <paramref name="file"/> begins with <c>\0asm</c> or is called binary: an empty <c>.wasm</c> is not the text of an empty module.</summary>
    public static bool IsBinary(InputFile file) =>
        file.Bytes.Span.StartsWith("\0asm"u8) || file.Path.EndsWith(".wasm", StringComparison.OrdinalIgnoreCase);

    /// <summary>The binary form of <paramref name="file"/>: its own bytes, or what its text stands for.</summary>
    public static byte[] Binary(InputFile file) => IsBinary(file) ? file.Bytes.ToArray() : ModuleWriter.Write(Load(file));
}
