using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Pulse.Build.Engine.Smt.Text;
using Native = Microsoft.Z3.Native;

namespace Pulse.Build.Engine.Smt.Solving;

/// <summary>
/// Z3 in process, through the bindings of the package Microsoft.Z3. A load of the bindings belongs to one library for good, from its first call on; so every
/// library that this process uses gets a load of its own, in a context named after it, and builds that name different libraries each get the one they name.
/// </summary>
internal sealed class Z3LibrarySolver : ISolver
{
    private readonly Func<string, string, uint, (int Verdict, long Work, string Text)> _check;

    private Z3LibrarySolver(string path, AssemblyLoadContext context)
    {
        Path = path;
        Bindings = context.LoadFromAssemblyName(typeof(Native).Assembly.GetName());
        var session = context.LoadFromAssemblyName(typeof(Z3Session).Assembly.GetName()).GetType(typeof(Z3Session).FullName!, throwOnError: true)!;
        _check = session.GetMethod(nameof(Z3Session.Check), [typeof(string), typeof(string), typeof(uint)])!
            .CreateDelegate<Func<string, string, uint, (int Verdict, long Work, string Text)>>();
        Version = session.GetMethod(nameof(Z3Session.Version))!.CreateDelegate<Func<string>>()();
    }

    public string Version { get; }

    public string Path { get; }

    /// <summary>The load of the bindings that is bound to this library.</summary>
    public Assembly Bindings { get; }

    /// <summary>The library at <paramref name="path"/>, or null when it does not load or is no Z3 that can decide a formula.</summary>
    public static Z3LibrarySolver? TryLoad(string path)
    {
        if (!NativeLibrary.TryLoad(path, out var library))
        {
            return null;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"Z3 {library:x}");
        try
        {
            var solver = new Z3LibrarySolver(path, AssemblyLoadContext.All.FirstOrDefault(context => context.Name == name) ?? Load(name, library));
            return solver._check("QF_BV", "(assert false)", 1000).Verdict < 0 ? solver : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    public SolverAnswer Check(SmtQuery query, uint limit)
    {
        var (verdict, work, text) = _check(query.Logic, query.Text, limit);
        return verdict switch
        {
            0 => new SolverAnswer(SolverVerdict.Unknown, work, ModelParser.Empty, text),
            > 0 => new SolverAnswer(SolverVerdict.Satisfiable, work, ModelParser.Arrows(text), ""),
            _ => new SolverAnswer(SolverVerdict.Unsatisfiable, work, ModelParser.Empty, ""),
        };
    }

    private static AssemblyLoadContext Load(string name, nint library)
    {
        var context = new AssemblyLoadContext(name);
        NativeLibrary.SetDllImportResolver(context.LoadFromAssemblyPath(typeof(Native).Assembly.Location), (_, _, _) => library);
        context.LoadFromAssemblyPath(typeof(Z3Session).Assembly.Location);
        return context;
    }
}
