using System.Globalization;
using System.Runtime.CompilerServices;

namespace Pulse.Build.Engine.Support;

/// <summary>An invariant of the engine does not hold: a defect of the engine, never of its input. Reported as PULSE9001.</summary>
internal sealed class InvariantException : Exception
{
    /// <summary>Names the broken invariant.</summary>
    public InvariantException(string message) : base(message) { }

    /// <summary>Names the broken invariant and what uncovered it.</summary>
    public InvariantException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Throws unless <paramref name="holds"/>, in Release too.</summary>
    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvariantException(message);
        }
    }

    /// <summary>Throws unless <paramref name="holds"/>; the message is made only then.</summary>
    public static void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Unmade message)
    {
        if (!holds)
        {
            throw new InvariantException(message.ToString());
        }
    }

    /// <summary>An interpolated message that is made only when the invariant does not hold.</summary>
    [InterpolatedStringHandler]
    public ref struct Unmade
    {
        private DefaultInterpolatedStringHandler _message;

        /// <summary>Called by the compiler; <paramref name="isWanted"/> says whether the parts will be appended.</summary>
        public Unmade(int literalLength, int formattedCount, bool holds, out bool isWanted)
        {
            isWanted = !holds;
            _message = holds ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
        }

        /// <summary>Appends text between the holes.</summary>
        public void AppendLiteral(string text) => _message.AppendLiteral(text);

        /// <summary>Appends what fills a hole.</summary>
        public void AppendFormatted<T>(T value) => _message.AppendFormatted(value);

        /// <inheritdoc/>
        public override string ToString() => _message.ToStringAndClear();
    }
}
