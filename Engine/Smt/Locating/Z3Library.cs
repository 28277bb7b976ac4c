using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Pulse.Build.Engine.Smt.Solving;
using Native = Microsoft.Z3.Native;

namespace Pulse.Build.Engine.Smt.Locating;

/// <summary>
/// Loads the bindings of the package Microsoft.Z3. A load of the bindings belongs to one library for good, from its first call on; so every
/// library that this process uses gets a load of its own, in a context named after it, and builds that name different libraries each get the one they name.
/// </summary>
internal static class Z3Library
{
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
            var solver = Bind(path, AssemblyLoadContext.All.FirstOrDefault(context => context.Name == name) ?? Load(name, library), out var check);
            return check("QF_BV", "(assert false)", 1000).Verdict < 0 ? solver : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static Z3LibrarySolver Bind(string path, AssemblyLoadContext context, out Func<string, string, uint, (int Verdict, long Work, string Text)> check)
    {
        var session = context.LoadFromAssemblyName(typeof(Z3Session).Assembly.GetName()).GetType(typeof(Z3Session).FullName!, throwOnError: true)!;
        check = session.GetMethod(nameof(Z3Session.Check), [typeof(string), typeof(string), typeof(uint)])!
            .CreateDelegate<Func<string, string, uint, (int Verdict, long Work, string Text)>>();
        var version = session.GetMethod(nameof(Z3Session.Version))!.CreateDelegate<Func<string>>()();
        return new Z3LibrarySolver(path, context.LoadFromAssemblyName(typeof(Native).Assembly.GetName()), version, check);
    }

    private static AssemblyLoadContext Load(string name, nint library)
    {
        var context = new AssemblyLoadContext(name);
        NativeLibrary.SetDllImportResolver(context.LoadFromAssemblyPath(typeof(Native).Assembly.Location), (_, _, _) => library);
        context.LoadFromAssemblyPath(typeof(Z3Session).Assembly.Location);
        return context;
    }
}
