namespace Pulse.Build.Engine.Components;

/// <summary>Decodes canonical definitions and their options.</summary>
/// <remarks>Binary.md #canonical-definitions</remarks>
internal static class CanonReader
{
    /// <summary>Reads one definition.</summary>
    public static Definition Read(ComponentCursor cursor)
    {
        var offset = cursor.Position;
        var code = cursor.U8();
        switch (code)
        {
            case 0x00:
                cursor.Expect(0x00, "canon lift");
                var callee = cursor.U32("a core function index");
                var liftOptions = Options(cursor);
                return new LiftDefinition(offset, callee, liftOptions, cursor.U32("a type index"));
            case 0x01:
                cursor.Expect(0x00, "canon lower");
                return new LowerDefinition(offset, cursor.U32("a function index"), Options(cursor));
            default:
                var row = CanonicalBuiltins.Find(code) ?? throw cursor.Malformed($"0x{code:x2} is not a canonical definition", offset);
                return Builtin(cursor, row, offset);
        }
    }

    private static BuiltinDefinition Builtin(ComponentCursor cursor, BuiltinRow row, int offset)
    {
        var index = -1;
        var options = CanonicalOptions.None;
        switch (row.Immediate)
        {
            case BuiltinImmediate.Refused:
                throw cursor.Unsupported("canon " + row.Name, offset);
            case BuiltinImmediate.Type:
                index = cursor.U32("a type index");
                break;
            case BuiltinImmediate.TypeOptions:
                index = cursor.U32("a type index");
                options = Options(cursor);
                break;
            case BuiltinImmediate.TypeFlag:
                index = cursor.U32("a type index");
                cursor.U8();
                break;
            case BuiltinImmediate.Flag:
                cursor.U8();
                break;
            case BuiltinImmediate.FlagMemory:
                cursor.U8();
                options = new CanonicalOptions(Memory: cursor.U32("a memory index"));
                break;
            case BuiltinImmediate.Slot:
                cursor.U8();
                index = cursor.U32("a slot");
                break;
            case BuiltinImmediate.ResultOptions:
                TypeReader.ResultList(cursor);
                options = Options(cursor);
                break;
        }

        return new BuiltinDefinition(offset, row.Name, index, options);
    }

    /// <summary>Reads an option list; an option that appears twice, or a second string encoding, is an error.</summary>
    private static CanonicalOptions Options(ComponentCursor cursor)
    {
        var options = CanonicalOptions.None;
        var seen = 0;
        for (var count = cursor.Count("canonical options"); count > 0; count--)
        {
            var offset = cursor.Position;
            var code = cursor.U8();
            var bit = 1 << Math.Max(code, (byte)2);
            if (code <= 7 && (seen & bit) != 0)
            {
                throw cursor.Malformed("a canonical option is given twice", offset);
            }

            seen |= bit;
            options = code switch
            {
                0x00 => options with { Encoding = StringEncoding.Utf8 },
                0x01 => options with { Encoding = StringEncoding.Utf16 },
                0x02 => options with { Encoding = StringEncoding.Latin1Utf16 },
                0x03 => options with { Memory = cursor.U32("a memory index") },
                0x04 => options with { Realloc = cursor.U32("a core function index") },
                0x05 => options with { PostReturn = cursor.U32("a core function index") },
                0x06 => options with { IsAsync = true },
                0x07 => options with { Callback = cursor.U32("a core function index") },
                0x08 => throw cursor.Unsupported("canonical option core-type", offset),
                0x09 => throw cursor.Unsupported("canonical option gc", offset),
                _ => throw cursor.Malformed($"0x{code:x2} is not a canonical option", offset),
            };
        }

        return options;
    }
}
