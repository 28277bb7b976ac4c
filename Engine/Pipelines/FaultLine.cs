using System.Globalization;
using Pulse.Build.Engine.Firmware;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Finds the line that a firmware prints when it stops (<c>PULSE fault 0x08000281</c>) in what passes by, in pieces of any size.</summary>
public sealed class FaultLine
{
    private const int Digits = 8;

    private int _matched;
    private uint _digits;

    private static ReadOnlySpan<byte> Text => FaultCode.Text.Trim("\n\0"u8);

    /// <summary>The address of the last such line; null before there is one.</summary>
    public uint? Address { get; private set; }

    /// <summary>Whether what has passed ends with a whole line; also when nothing has.</summary>
    public bool EndsLine { get; private set; } = true;

    /// <summary>Looks at the next bytes.</summary>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        foreach (var letter in bytes)
        {
            Pass(letter);
        }

        EndsLine = bytes.IsEmpty ? EndsLine : bytes[^1] == (byte)'\n';
    }

    private void Pass(byte letter)
    {
        if (_matched >= Text.Length && char.IsAsciiHexDigit((char)letter))
        {
            _digits = (_digits << 4) | uint.Parse([letter], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _matched++;
        }
        else if (_matched < Text.Length && letter == Text[_matched])
        {
            _matched++;
        }
        else
        {
            // The first letter comes only once in the text, so nothing shorter than all of it can have begun inside.
            _matched = letter == Text[0] ? 1 : 0;
        }

        if (_matched == Text.Length + Digits)
        {
            (Address, _matched) = (_digits, 0);
        }
    }
}
