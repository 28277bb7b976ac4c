using System.Collections.Concurrent;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Deciding;

/// <summary>
/// Answers of a solver by the text that was asked and the work that was allowed. The same text has the same answer, so nothing else has to
/// be the same where one is used again. What is learnt between two calls of <see cref="Keep"/> counts as new all that time, so that counts
/// of work do not depend on which thread asked first.
/// </summary>
internal sealed class AnswerMemory
{
    private readonly ConcurrentDictionary<string, SolverAnswer> _new = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SolverAnswer> _kept = new(StringComparer.Ordinal);

    /// <summary>From here on what was learnt is old. Not while a solver is at work.</summary>
    public void Keep()
    {
        foreach (var (key, answer) in _new)
        {
            _kept[key] = answer with { IsNew = false };
        }

        _new.Clear();
    }

    internal SolverAnswer Get(string key, Func<SolverAnswer> ask) => _kept.TryGetValue(key, out var old) ? old : _new.GetOrAdd(key, _ => ask());
}

/// <summary>A solver that asks another one only what it has not been asked before.</summary>
internal sealed class RememberingSolver(ISolver inner, AnswerMemory memory) : ISolver
{
    public string Version => inner.Version;

    public string Path => inner.Path;

    public SolverAnswer Check(SmtQuery query, uint limit)
        => memory.Get($"{limit} {query.Key}", () => inner.Check(query, limit));
}
