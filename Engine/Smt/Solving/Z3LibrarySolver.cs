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
    private const uint PlainPart = 5;

    public string Version => version;

    public string Path => path;

    public Assembly Bindings => bindings;

    /// <summary>
    /// The logic's own solver makes gates of all bits first. The plain one looks at what hangs on few of them, so it comes first with a part of the work
    /// where there are many; where there are too many, and over integers, it comes alone.
    /// </summary>
    public SolverAnswer Check(SmtQuery query, uint limit)
    {
        var isAlone = query.IsHard || query.Logic != "QF_BV";
        var (verdict, work, text) = isAlone || query.Text.Length >= ManyBits ? check("", query.Text, isAlone ? limit : limit / PlainPart) : default;
        if (verdict == 0 && !isAlone)
        {
            var before = work;
            (verdict, work, text) = check(query.Logic, query.Text, limit);
            work += before;
        }

        return verdict switch
        {
            0 => new SolverAnswer(SolverVerdict.Unknown, work, ModelParser.Empty, text),
            > 0 => new SolverAnswer(SolverVerdict.Satisfiable, work, ModelParser.Arrows(text), ""),
            _ => new SolverAnswer(SolverVerdict.Unsatisfiable, work, ModelParser.Empty, ""),
        };
    }
}
