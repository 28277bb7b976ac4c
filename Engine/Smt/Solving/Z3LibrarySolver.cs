using System.Reflection;
using Native = Microsoft.Z3.Native;
using Pulse.Build.Engine.Smt.Models;
using Pulse.Build.Engine.Smt.Text;
using Z3Exception = Microsoft.Z3.Z3Exception;

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

/// <summary>
/// One query in a context of Z3 of its own: only then is the count of work the same each time. What comes in and goes out is of types that every load of
/// this assembly shares, because it is called in another load than the caller's own.
/// </summary>
internal static class Z3Session
{
    /// <summary>Installed so that an error becomes an exception, not the end of the process; it lives as long as the library may call it.</summary>
    private static readonly Native.Z3_error_handler _ignored = (_, _) => { };

    /// <summary>Full version of the library.</summary>
    public static string Version() => Native.Z3_get_full_version();

    /// <summary>Decides one formula.</summary>
    /// <param name="logic">The logic whose own solver decides it; the plain solver if it is empty.</param>
    /// <param name="text">Declarations and assertions.</param>
    /// <param name="limit">Most work (rlimit) to spend.</param>
    /// <returns>1 satisfiable, −1 not, 0 unknown; the work that it took; the model, or why it is unknown.</returns>
    public static (int Verdict, long Work, string Text) Check(string logic, string text, uint limit)
    {
        var config = Native.Z3_mk_config();
        var context = Native.Z3_mk_context(config);
        Native.Z3_del_config(config);
        try
        {
            Native.Z3_set_error_handler(context, _ignored);
            return Check(context, logic.Length == 0 ? Native.Z3_mk_simple_solver(context) : Native.Z3_mk_solver_for_logic(context, Symbol(context, logic)), text, limit);
        }
        finally
        {
            Native.Z3_del_context(context);
        }
    }

    private static (int Verdict, long Work, string Text) Check(nint context, nint solver, string text, uint limit)
    {
        Native.Z3_solver_inc_ref(context, solver);
        var parameters = Native.Z3_mk_params(context);
        Native.Z3_params_inc_ref(context, parameters);
        Native.Z3_params_set_uint(context, parameters, Symbol(context, "rlimit"), limit);
        Native.Z3_solver_set_params(context, solver, parameters);
        try
        {
            Native.Z3_solver_from_string(context, solver, text);
        }
        catch (Z3Exception error)
        {
            return (0, 0, "Z3 does not read the formula: " + error.Message);
        }

        try
        {
            var verdict = Native.Z3_solver_check(context, solver);
            var work = Work(context, solver); // before the model, which costs work too
            var said = verdict == 0 ? Native.Z3_solver_get_reason_unknown(context, solver)
                : verdict == 1 ? Native.Z3_model_to_string(context, Native.Z3_solver_get_model(context, solver)) : "";
            return (verdict, work, said);
        }
        catch (Z3Exception error)
        {
            return (0, Work(context, solver), error.Message);
        }
    }

    private static nint Symbol(nint context, string name) => Native.Z3_mk_string_symbol(context, name);

    private static long Work(nint context, nint solver)
    {
        var statistics = Native.Z3_solver_get_statistics(context, solver);
        Native.Z3_stats_inc_ref(context, statistics);
        var size = Native.Z3_stats_size(context, statistics);
        for (uint i = 0; i < size; i++)
        {
            if (Native.Z3_stats_get_key(context, statistics, i) == "rlimit count" && Native.Z3_stats_is_uint(context, statistics, i) != 0)
            {
                return Native.Z3_stats_get_uint_value(context, statistics, i);
            }
        }

        return 0;
    }
}
