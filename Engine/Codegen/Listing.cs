using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen;

/// <summary>The text of the <c>.lst</c> file: each function with its sizes, then its instructions with offsets into the wasm module.</summary>
internal static class Listing
{
    /// <summary>Lists <paramref name="module"/>.</summary>
    public static string Print(CompiledModule module)
    {
        var text = new StringBuilder();
        foreach (var function in module.Functions)
        {
            text.Append(CultureInfo.InvariantCulture, $"{function.Code.Symbol}: {function.Code.Code.Bytes.Length} bytes, {function.Code.StackBytes} bytes of stack, wasm function {function.Index.Index}\n");
            Print(text, function);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void Print(StringBuilder text, CompiledFunction function)
    {
        var sources = function.Code.Lines.GroupBy(line => line.Offset).ToDictionary(group => group.Key, group => group.First().Source);
        var relocations = function.Code.Code.Relocations.ToDictionary(relocation => relocation.Offset);
        foreach (var line in Disassembler.Lines(function.Code.Code.Bytes.AsMemory(), 0, function.Code.Code.Regions))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {line.Offset,4:x}  {line.Text,-40}");
            if (relocations.TryGetValue((int)line.Offset, out var relocation))
            {
                text.Append(CultureInfo.InvariantCulture, $" {relocation.Symbol}{(relocation.Addend > 0 ? "+" + relocation.Addend.ToString(CultureInfo.InvariantCulture) : "")}");
            }

            if (sources.TryGetValue((int)line.Offset, out var source))
            {
                text.Append(CultureInfo.InvariantCulture, $" ; wasm 0x{source:x}");
            }

            text.Append('\n');
        }
    }
}
