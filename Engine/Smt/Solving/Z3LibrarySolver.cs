using System.Reflection;
using Pulse.Build.Engine.Smt.Models;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Solving;

/// <summary>Z3 in process, through one load of the bindings of the package Microsoft.Z3.</summary>
/// <param name="path">The library.</param>
/// <param name="bindings">The load of the bindings that is bound to it.</param>
/// <param name="version">Full version of the library.</param>
/// <param name="check"><see cref="Z3Session.Check(string, string, uint)"/> of the load of this assembly that goes with them.</param>
internal sealed class Z3LibrarySolver(string path, Assembly bindings, string version, Func<string, string, uint, (int Verdict, long Work, string Text)> check) : ISolver
{
    private const int ManyBits = 2_000;
    private const int MoreBits = 5_000;
    private const uint Little = 50_000;

    public string Version => version;

    public string Path => path;

    public Assembly Bindings => bindings;

    /// <summary>
    /// The logic's own solver makes gates of all bits first, where the plain one looks at what hangs on few of them. So the plain one is asked first where
    /// there are many bits, with little work, and alone where they are too many for the work that may be spent; and of integers.
    /// </summary>
    public SolverAnswer Check(SmtQuery query, uint limit)
    {
        var isAlone = query.IsHard || query.Logic != "QF_BV" || limit <= Little && query.Text.Length >= ManyBits;
        var isFirst = isAlone || query.Text.Length >= MoreBits;
        var (verdict, work, text) = isFirst ? check("", query.Text, isAlone ? limit : Little) : default;
        if (verdict == 0 && !isAlone)
        {
            (verdict, var more, text) = check(query.Logic, query.Text, limit);
            work += more;
        }

        return verdict switch
        {
            0 => new SolverAnswer(query.Key, SolverVerdict.Unknown, work, ModelParser.Empty, text),
            > 0 => new SolverAnswer(query.Key, SolverVerdict.Satisfiable, work, ModelParser.Arrows(text), ""),
            _ => new SolverAnswer(query.Key, SolverVerdict.Unsatisfiable, work, ModelParser.Empty, ""),
        };
    }
}
