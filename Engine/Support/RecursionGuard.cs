using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Pulse.Build.Engine.Support;

/// <summary>
/// Recursion over nested code, which a file can nest as deep as it likes: where the stack comes to its end, the recursion goes on on another
/// one, while this one waits.
/// </summary>
/// <example><code>
/// if (RecursionGuard.IsLow) { RecursionGuard.ContinueOnNewStack(() => Visit(node)); return; }
/// </code></example>
internal static class RecursionGuard
{
    private const int Bytes = 64 << 20;

    /// <summary>Whether the stack of this thread is nearly used up.</summary>
    public static bool IsLow => !RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>Runs <paramref name="body"/> on a new stack; what it throws, this throws.</summary>
    public static void ContinueOnNewStack(Action body)
    {
        ExceptionDispatchInfo? thrown = null;
        var thread = new Thread(() => thrown = Try(body), Bytes);
        thread.Start();
        thread.Join();
        thrown?.Throw();
    }

    private static ExceptionDispatchInfo? Try(Action body)
    {
        try
        {
            body();
            return null;
        }
        catch (Exception any)
        {
            return ExceptionDispatchInfo.Capture(any);
        }
    }
}
