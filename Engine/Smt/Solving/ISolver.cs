using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Solving;

/// <summary>What a solver said.</summary>
internal enum SolverVerdict { Unsatisfiable, Satisfiable, Unknown }

/// <summary>An answer to one text, whoever keeps it and hands it on.</summary>
/// <param name="Key">The <see cref="SmtQuery.Key"/> of the text.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Work">The deterministic count of work (rlimit) that it took.</param>
/// <param name="Model">SMT name → value, when satisfiable.</param>
/// <param name="Reason">Why unknown.</param>
internal sealed record SolverAnswer(string Key, SolverVerdict Verdict, long Work, IReadOnlyDictionary<string, ulong> Model, string Reason)
{
    /// <summary>Whether it was worked out, and not remembered from an earlier round.</summary>
    public bool IsNew { get; init; } = true;

    /// <summary>Whether it says of this very text that it cannot hold.</summary>
    public bool Refutes(SmtQuery query) => Verdict == SolverVerdict.Unsatisfiable && Key == query.Key;
}

/// <summary>Decides one formula in a context of its own, within a budget that does not depend on the machine's speed.</summary>
internal interface ISolver
{
    /// <summary>Full version of the solver.</summary>
    string Version { get; }

    /// <summary>File that it was loaded from.</summary>
    string Path { get; }

    /// <summary>Decides <paramref name="query"/>; safe to call from several threads.</summary>
    SolverAnswer Check(SmtQuery query, uint limit);
}
