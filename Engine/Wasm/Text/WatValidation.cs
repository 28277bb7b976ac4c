using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Validates a module that was read from a text. The module itself keeps no places: where one is wrong, the text is read once more with a
/// record of them, so that what is right costs nothing.
/// </summary>
internal static class WatValidation
{
    /// <summary>Throws unless <paramref name="module"/>, which <paramref name="utf8"/> is the text of, is valid: with line and column of the instruction.</summary>
    public static void Validate(Module module, ReadOnlyMemory<byte> utf8, string path, WasmFeatures features)
    {
        try
        {
            Validator.Validate(module, path, features);
        }
        catch (DiagnosticException refusal) when (refusal.Diagnostic.Location.Offset < 0)
        {
            throw new DiagnosticException(refusal.Diagnostic with { Location = Find(utf8, path, features) ?? refusal.Diagnostic.Location });
        }
    }

    private static Location? Find(ReadOnlyMemory<byte> utf8, string path, WasmFeatures features)
    {
        var places = new WatSourceMap();
        try
        {
            Validator.Validate(WatParser.Parse(utf8, path, places), path, features);
            return null;
        }
        catch (DiagnosticException refusal)
        {
            return places.Find(refusal.Diagnostic.Location.Offset) is { } at ? new WatLexer(utf8, path).Place(at) : null;
        }
    }
}
