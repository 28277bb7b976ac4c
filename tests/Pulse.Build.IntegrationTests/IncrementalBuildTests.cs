using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>
/// What a second build does after each kind of change. The tests share one project: each begins with it built and leaves it built.
/// </summary>
[TestClass]
public sealed class IncrementalBuildTests
{
    private const string Fuse = "FuseComponents";
    private const string Optimize = "OptimizeWasm";
    private const string Lower = "LowerToThumb";
    private const string Check = "CheckHotPathCalls";

    private static readonly string[] All = [Fuse, Optimize, Lower, Check];

    private static TestProject _project = null!;
    private static BuildRun _first = null!;

    [ClassInitialize]
    public static void Build_once(TestContext context)
    {
        _project = new TestProject();
        _first = _project.Build();
    }

    [ClassCleanup]
    public static void Delete() => _project.Dispose();

    [TestInitialize]
    public void Settle() => _project.Build().AssertSucceeded();

    [TestMethod]
    public void First_build_runs_every_stage_in_order()
    {
        _first.AssertSucceeded();
        CollectionAssert.AreEqual(All, _first.Tasks);
        Assert.IsNotEmpty(_first.LoadedAssemblies, "the log is expected to show the loads that the no-op test looks for");
        foreach (var extension in new[] { "elf", "bin", "hex", "map", "lst", "h" })
        {
            Assert.IsTrue(_project.Exists($"bin/Debug/firmware.{extension}"), extension);
        }
    }

    [TestMethod]
    public void Nothing_changed_runs_no_task_and_loads_none_of_our_assemblies()
    {
        var again = _project.Build().AssertSucceeded();
        CollectionAssert.AreEqual(Array.Empty<string>(), again.Tasks);
        CollectionAssert.AreEqual(Array.Empty<string>(), again.LoadedAssemblies);
        foreach (var target in new[] { "PulseFuse", "PulseOptimize", "PulseLower", "PulseCheckHotPath" })
        {
            Assert.IsTrue(again.Skipped(target), target);
        }
    }

    [TestMethod]
    public void Touched_component_does_no_work_and_settles()
    {
        _project.Touch("components/main.wasm");
        var touched = _project.Build().AssertSucceeded();
        CollectionAssert.Contains(touched.Tasks, Fuse);
        CollectionAssert.AreEqual(Array.Empty<string>(), touched.Worked);
        CollectionAssert.AreEqual(Array.Empty<string>(), _project.Build().AssertSucceeded().Tasks);
    }

    [TestMethod]
    public void Changed_component_runs_what_depends_on_it()
    {
        _project.Write("components/main.wasm", Wasm.Returning(43));
        CollectionAssert.AreEqual(All, _project.Build().AssertSucceeded().Worked);
        _project.Write("components/main.wasm", Wasm.Returning(42));
    }

    [TestMethod]
    public void Component_that_is_replaced_by_an_older_file_is_fused()
    {
        _project.Write("components/main.wasm", Wasm.Returning(43));
        File.SetLastWriteTimeUtc(_project["components/main.wasm"], new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        CollectionAssert.AreEqual(All, _project.Build().AssertSucceeded().Worked);
        CollectionAssert.AreEqual(Array.Empty<string>(), _project.Build().AssertSucceeded().Tasks);
        _project.Write("components/main.wasm", Wasm.Returning(42));
    }

    [TestMethod]
    [DataRow("PulseMemory=multi", Fuse)]
    [DataRow("PulseKeepExport=answer", Fuse)]
    [DataRow("PulseFeatures=mvp", Fuse)]
    [DataRow("PulseInline=false", Optimize)]
    [DataRow("PulseUnproved=error", Optimize)]
    [DataRow("PulseMode=size", Optimize)]
    [DataRow("PulseDumpIr=all", Optimize)]
    [DataRow("PulseBoundsChecks=none", Lower)]
    [DataRow("PulseHotPathSeverity=none", Check)]
    public void Changed_property_runs_its_stage_and_none_before_it(string property, string stage)
    {
        var changed = _project.Build("-p:" + property).AssertSucceeded();
        Assert.AreEqual(stage, changed.Worked[0]);
        Assert.AreEqual(stage, changed.Tasks[0]);
    }

    [TestMethod]
    public void Added_component_with_an_old_time_is_fused_and_a_removed_one_is_not()
    {
        _project.Write("more/old.wasm", Wasm.Returning(7));
        File.SetLastWriteTimeUtc(_project["more/old.wasm"], new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _project.WriteProject("""<ItemGroup><WasmComponent Include="more/old.wasm" /></ItemGroup>""");
        CollectionAssert.Contains(_project.Build().Tasks, Fuse);

        _project.WriteProject("");
        CollectionAssert.Contains(_project.Build().AssertSucceeded().Tasks, Fuse);
    }

    [TestMethod]
    [DataRow("fused.wasm", Fuse)]
    [DataRow("fused.provenance.json", Fuse)]
    [DataRow("optimized.wasm", Optimize)]
    [DataRow("optimized.report.json", Optimize)]
    [DataRow("firmware.o", Lower)]
    [DataRow("firmware.hex", Lower)]
    [DataRow("firmware.hotpath.sarif", Check)]
    public void Deleted_intermediate_file_is_made_again(string file, string stage)
    {
        File.Delete(_project["obj/Debug/" + file]);
        Assert.AreEqual(stage, _project.Build().AssertSucceeded().Worked[0]);
        Assert.IsTrue(_project.Exists("obj/Debug/" + file));
    }

    [TestMethod]
    public void Dumps_are_those_of_the_last_run_and_lower_nothing_anew()
    {
        _project.Write("obj/Debug/pulse-ir/gone/01-inline.ssa", []);
        CollectionAssert.AreEqual(new[] { Optimize }, _project.Build("-p:PulseDumpIr=all").AssertSucceeded().Worked);
        Assert.IsFalse(_project.Exists("obj/Debug/pulse-ir/gone/01-inline.ssa"));
    }

    [TestMethod]
    public void Deleted_product_is_copied_again_without_any_stage()
    {
        File.Delete(_project["bin/Debug/firmware.elf"]);
        CollectionAssert.AreEqual(Array.Empty<string>(), _project.Build().AssertSucceeded().Tasks);
        Assert.IsTrue(_project.Exists("bin/Debug/firmware.elf"));
    }

    [TestMethod]
    public void Edited_intermediate_file_is_not_taken_for_the_stages_own()
    {
        var path = _project["obj/Debug/firmware.elf"];
        var content = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [1, 2, 3]);
        _project.Touch("components/main.wasm");
        CollectionAssert.AreEqual(new[] { Lower }, _project.Build().AssertSucceeded().Worked);
        CollectionAssert.AreEqual(content, File.ReadAllBytes(path));
    }

    [TestMethod]
    public void Renamed_output_removes_the_old_files()
    {
        _project.Build("-p:AssemblyName=renamed").AssertSucceeded();
        Assert.IsTrue(_project.Exists("bin/Debug/renamed.elf"));
        foreach (var old in new[] { "bin/Debug/firmware.elf", "bin/Debug/firmware.map", "obj/Debug/firmware.o", "obj/Debug/firmware.o.key" })
        {
            Assert.IsFalse(_project.Exists(old), old);
        }
    }

    [TestMethod]
    public void Object_output_makes_an_object_and_a_header_and_no_image()
    {
        _project.Build("-p:PulseOutput=object").AssertSucceeded();
        Assert.IsTrue(_project.Exists("bin/Debug/firmware.o"));
        Assert.IsTrue(_project.Exists("bin/Debug/firmware.h"));
        Assert.IsFalse(_project.Exists("bin/Debug/firmware.elf"));
    }

    [TestMethod]
    public void Clean_leaves_nothing_and_rebuild_runs_every_stage()
    {
        _project.Run("clean").AssertSucceeded();
        CollectionAssert.AreEqual(Array.Empty<string>(), Left("bin"));
        CollectionAssert.AreEqual(Array.Empty<string>(), Left("obj"));
        _project.Build().AssertSucceeded();
        CollectionAssert.AreEqual(All, _project.Build("-t:Rebuild").AssertSucceeded().Worked);
    }

    private static string[] Left(string folder) => Directory.Exists(_project[folder])
        ? [.. Directory.GetFiles(_project[folder], "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".FileListAbsolute.txt", StringComparison.Ordinal))]
        : [];
}
