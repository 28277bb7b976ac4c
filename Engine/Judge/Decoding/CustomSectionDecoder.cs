using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Reads function names, and keeps the sections of this SDK. A broken name section is ignored: names only help reports and guesses.</summary>
internal static class CustomSectionDecoder
{
    public static void Read(DecodedModule module, ref ByteCursor c)
    {
        try
        {
            var section = c.Name();
            if (section.StartsWith("pulse.", StringComparison.Ordinal))
            {
                module.Customs.Add(new CustomSection(section, module.Bytes.AsMemory(c.Position, c.End - c.Position)));
            }

            while (section == "name" && !c.AtEnd)
            {
                var id = c.U8();
                var part = c.Slice(c.Count());
                for (var count = id == 1 ? part.Count() : 0; count > 0; count--)
                {
                    var index = part.Index();
                    module.FunctionNames[index] = part.Name();
                }
            }
        }
        catch (DiagnosticException)
        {
            module.FunctionNames.Clear();
        }
    }
}
