using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Engine.Smt.Models;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Solving;

/// <summary>The z3 program, one process a query: slower by a factor of twenty, and just as repeatable.</summary>
internal sealed class Z3ProcessSolver : ISolver
{
    private Z3ProcessSolver(string path, string version) => (Path, Version) = (path, version);

    public string Version { get; }

    public string Path { get; }

    /// <summary>The program at <paramref name="path"/>, or null when it does not start or is no Z3.</summary>
    public static Z3ProcessSolver? TryStart(string path)
    {
        try
        {
            var version = Run(path, ["-version"], "").Trim();
            return version.StartsWith("Z3", StringComparison.OrdinalIgnoreCase) ? new Z3ProcessSolver(path, version) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public SolverAnswer Check(SmtQuery query, uint limit)
    {
        // The simple solver is not to be had here; without a logic the program picks its general one, which is close enough for integers.
        var text = query.Logic == "QF_BV" ? query.Text : query.Text.Replace("(set-logic QF_NIA)\n", "", StringComparison.Ordinal);
        var output = Run(Path, ["-in", "-smt2", string.Create(CultureInfo.InvariantCulture, $"rlimit={limit}")], text + "(check-sat)\n(get-info :rlimit)\n(get-model)\n");
        var verdict = output.StartsWith("unsat", StringComparison.Ordinal) ? SolverVerdict.Unsatisfiable
            : output.StartsWith("sat", StringComparison.Ordinal) ? SolverVerdict.Satisfiable : SolverVerdict.Unknown;
        var work = output.Split(":rlimit", 2) is [_, var rest] && long.TryParse(rest.Trim().Split(')', ' ', '\n')[0], CultureInfo.InvariantCulture, out var used) ? used : 0;
        var model = verdict == SolverVerdict.Satisfiable ? ModelParser.Definitions(output) : ModelParser.Empty;
        return new SolverAnswer(query.Key, verdict, work, model, verdict == SolverVerdict.Unknown ? output.Split('\n')[0] : "");
    }

    private static string Run(string path, string[] arguments, string input)
    {
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended early; what it said decides.
        }

        process.WaitForExit();
        return output.Result;
    }
}
