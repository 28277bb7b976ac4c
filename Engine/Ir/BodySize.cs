using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>How many bytes a body takes in the code section, its size field not counted.</summary>
internal static class BodySize
{
    /// <summary>Declarations of locals and code.</summary>
    public static int Of(FunctionBody body) => body.LocalsLength + body.Code.Length;
}
