using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Extensions;
using Microsoft.Testing.Platform.Extensions.Messages;
using Microsoft.Testing.Platform.Extensions.TestHost;
using Microsoft.Testing.Platform.Services;

namespace Pulse.Build.Tests.Shared;

/// <summary>Registered through the TestingPlatformBuilderHook item; says "N passed, N failed, N skipped" when the run closes.</summary>
public static class PlainTallyHook
{
    public static void AddExtensions(ITestApplicationBuilder builder, string[] args)
    {
        // One object in two roles: the platform refuses the same consumer registered twice.
        var both = new CompositeExtensionFactory<PlainTally>(() => new PlainTally());
        builder.TestHost.AddDataConsumer(both);
        builder.TestHost.AddTestSessionLifetimeHandler(both);
    }
}

/// <summary>Counts outcomes and appends one plain line to <c>PULSE_TALLY_FILE</c>, which <c>test.sh</c> sums.</summary>
internal sealed class PlainTally : IDataConsumer, ITestSessionLifetimeHandler
{
    private int _passed;
    private int _failed;
    private int _skipped;

    public string Uid => nameof(PlainTally);

    public string Version => "1.0.0";

    public string DisplayName => "plain tally";

    public string Description => "closing line for CI";

    public Type[] DataTypesConsumed => [typeof(TestNodeUpdateMessage)];

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public Task ConsumeAsync(IDataProducer dataProducer, IData value, CancellationToken cancellationToken)
    {
        switch (((TestNodeUpdateMessage)value).TestNode.Properties.SingleOrDefault<TestNodeStateProperty>())
        {
            case PassedTestNodeStateProperty:
                Interlocked.Increment(ref _passed);
                break;
            case SkippedTestNodeStateProperty:
                Interlocked.Increment(ref _skipped);
                break;
            case FailedTestNodeStateProperty or ErrorTestNodeStateProperty or TimeoutTestNodeStateProperty:
                Interlocked.Increment(ref _failed);
                break;
        }

        return Task.CompletedTask;
    }

    public Task OnTestSessionStartingAsync(ITestSessionContext testSessionContext) => Task.CompletedTask;

    public Task OnTestSessionFinishingAsync(ITestSessionContext testSessionContext)
    {
        var line = $"{_passed} passed, {_failed} failed, {_skipped} skipped";
        Console.WriteLine(line);
        if (Environment.GetEnvironmentVariable("PULSE_TALLY_FILE") is { Length: > 0 } file)
        {
            File.AppendAllText(file, line + "\n");
        }

        return Task.CompletedTask;
    }
}
