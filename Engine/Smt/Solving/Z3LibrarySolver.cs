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
    public string Version => version;

    public string Path => path;

    public Assembly Bindings => bindings;

    public SolverAnswer Check(SmtQuery query, uint limit)
    {
        var (verdict, work, text) = check(query.Logic, query.Text, limit);
        return verdict switch
        {
            0 => new SolverAnswer(SolverVerdict.Unknown, work, ModelParser.Empty, text),
            > 0 => new SolverAnswer(SolverVerdict.Satisfiable, work, ModelParser.Arrows(text), ""),
            _ => new SolverAnswer(SolverVerdict.Unsatisfiable, work, ModelParser.Empty, ""),
        };
    }
}
