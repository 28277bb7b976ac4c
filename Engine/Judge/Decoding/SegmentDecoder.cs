using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Reads element and data segments in all their encodings.</summary>
internal static class SegmentDecoder
{
    public static ElementSegment ReadElement(DecodedModule module, ref ByteCursor c)
    {
        var flags = c.U32();
        if (flags > 7)
        {
            throw c.Fail("element flags are not understood");
        }

        var passive = (flags & 1) != 0;
        var mode = passive ? (flags & 2) != 0 ? SegmentMode.Declarative : SegmentMode.Passive : SegmentMode.Active;
        var table = !passive && (flags & 2) != 0 ? c.Index() : 0;
        var offset = passive ? null : InitialDecoder.Read(ref c);
        var expressions = (flags & 4) != 0;
        var kind = ValueKind.FunctionReference;
        if ((flags & 3) != 0)
        {
            if (expressions)
            {
                kind = ModuleDecoder.ReadKind(ref c);
            }
            else if (c.U8() != 0)
            {
                throw c.Fail("element kind is not understood");
            }
        }

        var items = ImmutableArray.CreateBuilder<Initial>();
        for (var count = c.Count(); count > 0; count--)
        {
            items.Add(expressions ? InitialDecoder.Read(ref c) : new Initial(InitialKind.Function, c.U32(), "ref.func"));
        }

        return new ElementSegment(module.Elements.Count, mode, table, offset, kind, items.ToImmutable());
    }

    public static DataSegment ReadData(DecodedModule module, ref ByteCursor c)
    {
        var flags = c.U32();
        if (flags > 2)
        {
            throw c.Fail("data flags are not understood");
        }

        var memory = flags == 2 ? c.Index() : 0;
        var offset = flags == 1 ? null : InitialDecoder.Read(ref c);
        var length = c.Count();
        var at = c.Skip(length);
        return new DataSegment(module.Data.Count, flags == 1 ? SegmentMode.Passive : SegmentMode.Active, memory, offset, module.Bytes.AsMemory(at, length));
    }
}
