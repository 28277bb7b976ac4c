using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>A property that an input broke.</summary>
internal sealed class FuzzFailureException(string message) : Exception(message);

/// <summary>What a run of a target showed.</summary>
/// <param name="Accepted">Whether there is a result.</param>
/// <param name="Allocated">Bytes.</param>
/// <param name="Took">The processor's time: others may have the machine too.</param>
internal readonly record struct Verdict(bool Accepted, long Allocated, TimeSpan Took);

/// <summary>What holds for every target and every input: a result or a diagnostic, and memory in proportion to the input.</summary>
internal static class FuzzOracle
{
    /// <summary>Bytes that a run may allocate for each byte of its input.</summary>
    public const long BytesForByte = 64;

    /// <summary>Runs <paramref name="target"/> on <paramref name="input"/>, throws when something does not hold, and says what was seen.</summary>
    public static Verdict Judge(FuzzTarget target, byte[] input)
    {
        var result = Measured(target, input, out var cost);
        if (cost.Allocated > Bound(target, input))
        {
            // The first run of some path pays for tables that stay.
            Measured(target, input, out cost);
        }

        Require(cost.Allocated <= Bound(target, input), $"{cost.Allocated} bytes allocated for {input.Length} bytes of input");
        if (result is not null)
        {
            target.Check(input, result);
        }

        return cost with { Accepted = result is not null };
    }

    /// <summary>What a run may allocate.</summary>
    public static long Bound(FuzzTarget target, byte[] input) => BytesForByte * (input.Length + target.Ground);

    /// <summary>What a run costs; nothing is asked of what it makes.</summary>
    public static Verdict Measure(FuzzTarget target, byte[] input)
    {
        Measured(target, input, out var cost);
        return cost;
    }

    /// <summary>A diagnostic other than the one for our own defects, that points into the input.</summary>
    public static bool IsDiagnostic(byte[] input, Exception exception) =>
        exception is DiagnosticException { Diagnostic: { Id: not DiagnosticId.PULSE9001, Message.Length: > 0 } diagnostic } && diagnostic.Location.Offset <= input.Length;

    /// <summary>Fails with <paramref name="message"/> unless <paramref name="holds"/>.</summary>
    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new FuzzFailureException(message);
        }
    }

    private static object? Measured(FuzzTarget target, byte[] input, out Verdict cost)
    {
        var (start, before) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
        object? result = null;
        try
        {
            result = target.Run(input);
        }
        catch (Exception e) when (target.IsRefusal(input, e))
        {
        }

        cost = new Verdict(result is not null, GC.GetAllocatedBytesForCurrentThread() - before, Environment.CpuUsage.TotalTime - start);
        return result;
    }
}
