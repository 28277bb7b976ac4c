namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Names of the variables that stand for the state at the entry of a function.</summary>
internal static class EntryNames
{
    /// <summary>Prefix of the components of the state.</summary>
    public const string Prefix = "s.";

    /// <summary>Name of a parameter.</summary>
    public static string Parameter(int index) => FormattableString.Invariant($"p{index}");
}
