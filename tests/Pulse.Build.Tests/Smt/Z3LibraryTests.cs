using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Pulse.Build.Engine.Smt.Locating;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Text;
using Pulse.Build.Tests.Architecture;

namespace Pulse.Build.Tests.Smt;

/// <summary>Z3 is called through the bindings of its package, each library through a load of its own.</summary>
[TestClass]
public sealed class Z3LibraryTests
{
    private static readonly SmtQuery _wraps = new("(declare-const v1 (_ BitVec 8))\n(assert (bvult (bvadd v1 #x01) v1))\n", "QF_BV", new Dictionary<string, Engine.Smt.Terms.Term>());

    [TestMethod]
    public void Bindings_come_from_the_package()
    {
        var solver = Library();
        Assert.AreEqual("Microsoft.Z3, Version=4.12.2.0", string.Join(',', solver.Bindings.FullName!.Split(',')[..2]));
        Assert.AreEqual(255UL, solver.Check(_wraps, 10_000).Model["v1"]);

        using var engine = new EngineMetadata();
        var members = engine.OutsideMembers.ToList();
        Assert.Contains("Microsoft.Z3.Native.Z3_solver_check", members);
        Assert.IsFalse(members.Exists(member => member.StartsWith("System.Runtime.InteropServices.NativeLibrary.GetExport", StringComparison.Ordinal)), "a table of our own");
        Assert.IsEmpty(engine.ForeignFunctions);
    }

    [TestMethod]
    public void Two_libraries_in_one_process_are_each_used_by_whom_they_are_named()
    {
        var system = Library();
        var file = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().First(module => module.ModuleName.StartsWith("libz3", StringComparison.Ordinal)).FileName;
        var copy = Path.Combine(Directory.CreateTempSubdirectory("pulse-").FullName, Path.GetFileName(file));
        File.Copy(file, copy);
        try
        {
            var pinned = (Z3LibrarySolver)Z3Locator.Find(copy);
            Assert.AreEqual(copy, pinned.Path);
            Assert.AreNotSame(system.Bindings, pinned.Bindings, "one load of the bindings cannot call two libraries");
            Assert.AreSame(system.Bindings, Library().Bindings, "the library that was there is still the one in use");
            Assert.AreSame(pinned.Bindings, ((Z3LibrarySolver)Z3Locator.Find(copy)).Bindings, "a library is bound once");
            Assert.AreEqual(system.Check(_wraps, 10_000).Work, pinned.Check(_wraps, 10_000).Work);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        }
    }

    [TestMethod]
    public void A_library_that_is_no_Z3_is_none()
    {
        var other = OperatingSystem.IsWindows() ? "kernel32.dll" : OperatingSystem.IsMacOS() ? "libSystem.dylib" : "libc.so.6";
        Assert.IsTrue(NativeLibrary.TryLoad(other, out _));
        Assert.IsNull(Z3Library.TryLoad(other));
    }

    [TestMethod]
    public void A_text_that_Z3_does_not_read_is_unknown_with_its_words()
    {
        var answer = Library().Check(_wraps with { Text = "(assert (= v1 v2))" }, 10_000);
        Assert.AreEqual(SolverVerdict.Unknown, answer.Verdict);
        StringAssert.Contains(answer.Reason, "unknown constant v1", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_budget_used_up_is_unknown()
    {
        var text = "(declare-const v1 (_ BitVec 64))\n(declare-const v2 (_ BitVec 64))\n(assert (= (bvmul v1 v2) #x7fffffffffffffe7))\n(assert (bvugt v1 #x0000000000000001))\n(assert (bvugt v2 #x0000000000000001))\n";
        var answer = Library().Check(_wraps with { Text = text }, 10_000);
        Assert.AreEqual(SolverVerdict.Unknown, answer.Verdict, answer.Reason);
        Assert.AreNotEqual("", answer.Reason);
    }

    private static Z3LibrarySolver Library() => Z3Locator.Find("") as Z3LibrarySolver ?? throw new AssertInconclusiveException("no Z3 library");
}
