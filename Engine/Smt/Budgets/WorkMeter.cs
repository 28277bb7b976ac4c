namespace Pulse.Build.Engine.Smt.Budgets;

/// <summary>Counts the work of all attempts at one proof: what the solver counts, the length of what it was given, and the terms that were made.</summary>
/// <param name="limit">Where it ends.</param>
internal sealed class WorkMeter(long limit)
{
    /// <summary>About what a solver does to a formula before it counts, in units of its count, where the text has so many characters.</summary>
    public static long Preparing(int characters) => 4L * characters;

    /// <summary>All of it.</summary>
    public long Spent { get; private set; }

    /// <summary>Without what was answered from memory.</summary>
    public long New { get; private set; }

    /// <summary>Where it ends.</summary>
    public long Limit => limit;

    /// <summary>Whether nothing is left.</summary>
    public bool IsOut => Spent >= limit;

    /// <summary>Counts <paramref name="work"/>.</summary>
    public void Add(long work, bool isNew)
    {
        Spent += work;
        New += isNew ? work : 0;
    }
}
