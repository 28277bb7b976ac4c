namespace Pulse.Build.Engine.Judge;

/// <summary>
/// The work that the proofs of a module may take together, counted in the order of its functions whoever does them and when: a function is
/// out of reach when those before it have used it up. So the verdicts are the same with any number of threads.
/// </summary>
internal sealed class ModuleBudget(int functions, long limit)
{
    private readonly long?[] _work = new long?[functions];
    private readonly Lock _lock = new();
    private long _spent;
    private int _finished;

    /// <summary>What a function that is out of reach is told.</summary>
    public const string Reason = "the proofs of the functions before it took all the work that the module's may take";

    /// <summary>Work of the functions that were reached.</summary>
    public long Spent => _spent;

    /// <summary>Whether it is known already that <paramref name="function"/> is out of reach.</summary>
    public bool IsKnownOut(int function)
    {
        lock (_lock)
        {
            return _spent >= limit && _finished <= function;
        }
    }

    /// <summary>Notes what <paramref name="function"/> took.</summary>
    public void Finish(int function, long work)
    {
        lock (_lock)
        {
            _work[function] = work;
            while (_finished < functions && _spent < limit && _work[_finished] is { } next)
            {
                _spent += next;
                _finished++;
            }
        }
    }

    /// <summary>Whether <paramref name="function"/> was reached, once all are finished.</summary>
    public bool Reached(int function) => function < _finished;
}
