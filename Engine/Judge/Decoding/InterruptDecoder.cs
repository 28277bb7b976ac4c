namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>
/// Reads <c>pulse.interrupts</c>, the exports that interrupts run: <c>version:u32 = 1, vec(export:name, vector:name, priority:u32)</c>. Verdicts rest
/// on it, so what cannot be read is refused.
/// </summary>
internal static class InterruptDecoder
{
    private const string SectionName = "pulse.interrupts";

    public static void Run(DecodedModule module)
    {
        foreach (var section in module.Customs.Where(section => section.Name == SectionName))
        {
            var c = new ByteCursor(section.Bytes.ToArray(), 0, section.Bytes.Length, module.File);
            if (c.U32() != 1)
            {
                throw c.Unsupported("a version of pulse.interrupts that is not known");
            }

            for (var count = c.Count(); count > 0; count--)
            {
                module.Handlers.Add(c.Name());
                c.Name();
                c.U32();
            }

            if (!c.AtEnd)
            {
                throw c.Fail("pulse.interrupts is longer than its contents");
            }
        }
    }
}
