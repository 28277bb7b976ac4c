using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>How many bytes a body takes in the code section, its size field not counted.</summary>
internal static class BodySize
{
    /// <summary>Declarations of locals and code.</summary>
    public static int Of(FunctionBody body)
    {
        var locals = new ByteWriter();
        locals.Uleb((ulong)body.Locals.Length);
        foreach (var group in body.Locals)
        {
            locals.Uleb(group.Count);
            locals.U8((byte)group.Type);
        }

        return locals.Length + body.Code.Length;
    }
}
