using Pulse.Build.Engine.Smt.Deciding;

namespace Pulse.Build.Engine.Judge;

/// <summary>What several checks of one module have in common: answers of the solver, and the work that is left. One check after the other.</summary>
internal sealed class ProofHistory
{
    /// <summary>A later check may take this part of the work in any case: most of what it asks is known.</summary>
    private const int LeastPart = 4;

    private long _spent;

    /// <summary>The answers so far.</summary>
    public AnswerMemory Answers { get; } = new();

    /// <summary>What the next check may take of <paramref name="all"/>.</summary>
    public long Left(long all) => Math.Max(all - _spent, all / LeastPart);

    /// <summary>Notes the end of a check and the work that was new in it.</summary>
    public void Finish(long work)
    {
        _spent += work;
        Answers.Keep();
    }
}
