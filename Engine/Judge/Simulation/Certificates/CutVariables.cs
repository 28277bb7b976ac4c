using System.Globalization;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>The variables of cutpoints: <c>nK.P.W</c> is the value of position P of cutpoint K when control was there last, W bits wide.</summary>
internal static class CutVariables
{
    /// <summary>The variable of a position; a size of a memory within the bounds that AX-MEM gives.</summary>
    public static Term Of(TermFactory factory, StateLayout layout, int slots, int cutpoint, int position, int width)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"n{cutpoint}.{position}.{width}");
        var bounds = position < slots ? null : layout.Parts[(position - slots) % layout.Parts.Count].Bounds;
        return factory.Variable(name, width, cutpoint, bounds);
    }

    /// <summary>The cutpoint that a variable belongs to, or -1.</summary>
    public static int OwnerOf(Term variable)
    {
        var name = variable.Name ?? "";
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 1 && name[0] == 'n' && int.TryParse(name.AsSpan(1, dot - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var owner) ? owner : -1;
    }
}
