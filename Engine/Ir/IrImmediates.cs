using System.Globalization;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>The words that stand for an instruction's immediates in the text form, by their kind.</summary>
internal static class IrImmediates
{
    /// <summary>How an index of each space is written, and which of the immediates holds it.</summary>
    public static (string? A, string? B) Prefixes(ImmediateKind kind) => kind switch
    {
        ImmediateKind.Function => ("func", null),
        ImmediateKind.TypeTable => ("type", "table"),
        ImmediateKind.Global => ("global", null),
        ImmediateKind.Table => ("table", null),
        ImmediateKind.Memory => ("mem", null),
        ImmediateKind.MemoryMemory => ("mem", "mem"),
        ImmediateKind.DataMemory => ("data", "mem"),
        ImmediateKind.Data => ("data", null),
        ImmediateKind.ElementTable => ("elem", "table"),
        ImmediateKind.Element => ("elem", null),
        ImmediateKind.TableTable => ("table", "table"),
        _ => (null, null),
    };

    /// <summary>The immediates of <paramref name="row"/> as words. The memory 0, the offset 0 and the natural alignment of an access are left out.</summary>
    public static IEnumerable<string> Words(OpcodeInfo row, Immediates immediates)
    {
        var (a, b) = Prefixes(row.Immediate);
        if (a is not null)
        {
            yield return a + Number(immediates.A);
            if (b is not null)
            {
                yield return b + Number(immediates.B);
            }

            yield break;
        }

        switch (row.Immediate)
        {
            case ImmediateKind.MemArg or ImmediateKind.AtomicMemArg or ImmediateKind.MemArgLane:
                foreach (var word in Access(row, immediates))
                {
                    yield return word;
                }

                break;
            case ImmediateKind.Lane:
                yield return "lane=" + Number(immediates.A);
                break;
            case ImmediateKind.Const128 or ImmediateKind.Shuffle:
                yield return IrNumbers.Print(immediates.Bytes);
                break;
            case ImmediateKind.Const32:
                yield return unchecked((int)immediates.Wide).ToString(CultureInfo.InvariantCulture);
                break;
            case ImmediateKind.Const64:
                yield return unchecked((long)immediates.Wide).ToString(CultureInfo.InvariantCulture);
                break;
            case ImmediateKind.Float32 or ImmediateKind.Float64:
                yield return IrPrinter.Float(row.Opcode, immediates.Wide);
                break;
            case ImmediateKind.HeapType:
                yield return ((ValType)immediates.A).Name();
                break;
        }
    }

    private static IEnumerable<string> Access(OpcodeInfo row, Immediates immediates)
    {
        if (immediates.A != 0)
        {
            yield return "mem" + Number(immediates.A);
        }

        if (immediates.Wide != 0)
        {
            yield return "offset=" + immediates.Wide.ToString(CultureInfo.InvariantCulture);
        }

        if (1L << immediates.AlignmentLog2 != row.AccessBytes)
        {
            yield return "align=" + (1L << immediates.AlignmentLog2).ToString(CultureInfo.InvariantCulture);
        }

        if (row.Immediate == ImmediateKind.MemArgLane)
        {
            yield return "lane=" + Number(immediates.AccessLane);
        }
    }

    private static string Number(int index) => index.ToString(CultureInfo.InvariantCulture);
}
