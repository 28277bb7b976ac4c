using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Simulation.Certificates;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>In whose code a failed obligation stands: what a producer may do without first. It has no part in any verdict.</summary>
internal static class Blame
{
    /// <summary>The expanded callee at whose loop <paramref name="obligation"/> failed; none when it is the function itself, or no loop.</summary>
    public static ImmutableArray<int> Of(string obligation, Certificate certificate, FlowGraph before, IReadOnlyDictionary<string, int> sites)
        => obligation.StartsWith("loop", StringComparison.Ordinal)
            && int.TryParse(obligation.Split(' ')[0][4..], CultureInfo.InvariantCulture, out var cutpoint)
            && cutpoint < certificate.Cutpoints.Length ? Of(certificate.Cutpoints[cutpoint].Before, before, sites) : [];

    /// <summary>The expanded callee that the loop of <paramref name="header"/> belongs to, or none.</summary>
    public static ImmutableArray<int> Of(int header, FlowGraph before, IReadOnlyDictionary<string, int> sites)
    {
        if (header < 0)
        {
            return [];
        }

        // A loop holds what is expanded inside it too, with longer paths.
        var path = LoopNesting.Blocks(before, header).SelectMany(block => before.Blocks[block].Body).Select(i => i.Path).MinBy(path => path.Length);
        return path is not null && sites.TryGetValue(path, out var callee) ? [callee] : [];
    }
}
