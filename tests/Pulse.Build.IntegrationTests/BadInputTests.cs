using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>What is wrong with a project is said with a code and a place, without a stack trace, and leaves no output.</summary>
[TestClass]
public sealed class BadInputTests
{
    [TestMethod]
    [DataRow("""<ItemGroup><WasmComponent Include="absent.wasm" /></ItemGroup>""", "firmware.wasmproj(1): error PULSE0002: The file 'absent.wasm'")]
    [DataRow("<PropertyGroup><PulseMemory>vast</PulseMemory></PropertyGroup>", "firmware.wasmproj(1): error PULSE0004: 'vast' is not a value of PulseMemory; use one of: auto, shared, multi.")]
    [DataRow("<PropertyGroup><PulseFeatures>all;-simt</PulseFeatures></PropertyGroup>", "error PULSE0004: '-simt' is not a value of PulseFeatures; use all, mvp, and names to add or, after '-', to take away: mutable-globals, sign-ext, ")]
    [DataRow("<PropertyGroup><PulseMode>fast</PulseMode></PropertyGroup>", "error PULSE0004: 'fast' is not a value of PulseMode; use one of: balanced, size, speed.")]
    [DataRow("<PropertyGroup><PulseVerify>maybe</PulseVerify></PropertyGroup>", "error PULSE0004: 'maybe' is not a value of PulseVerify; use one of: full, off.")]
    [DataRow("<PropertyGroup><PulseUnproved>ignore</PulseUnproved></PropertyGroup>", "error PULSE0004: 'ignore' is not a value of PulseUnproved; use one of: error, keep-original.")]
    [DataRow("<PropertyGroup><PulseOutput>exe</PulseOutput></PropertyGroup>", "error PULSE0004: 'exe' is not a value of PulseOutput; use one of: firmware, object.")]
    [DataRow("<PropertyGroup><PulseBoundsChecks>soft</PulseBoundsChecks></PropertyGroup>", "error PULSE0004: 'soft' is not a value of PulseBoundsChecks; use one of: software, mpu, none.")]
    [DataRow("<PropertyGroup><PulseInline>no way</PulseInline></PropertyGroup>", "error PULSE0004: 'no way' is not a value of PulseInline; use one of: true, false.")]
    [DataRow("<PropertyGroup><PulseHotPathSeverity>loud</PulseHotPathSeverity></PropertyGroup>", "error PULSE0004: 'loud' is not a value of PulseHotPathSeverity; use one of: warning, error, none.")]
    [DataRow("<PropertyGroup><PulseFaults>reboot</PulseFaults></PropertyGroup>", "error PULSE0004: 'reboot' is not a value of PulseFaults; use one of: halt, reset, on-fault, semihosting-exit.")]
    [DataRow("<PropertyGroup><PulseTraps>all</PulseTraps></PropertyGroup>", "error PULSE0004: 'all' is not a value of PulseTraps; use one of: shared, exact.")]
    [DataRow("<PropertyGroup><PulseStackSize>1k</PulseStackSize></PropertyGroup>", "error PULSE0004: '1k' is not a value of PulseStackSize; use a number of bytes.")]
    [DataRow("<PropertyGroup><PulseTarget>z80</PulseTarget></PropertyGroup>", "error PULSE4001: 'z80' is not a known target; set PulseTarget to one of: cortex-m3.")]
    [DataRow("<PropertyGroup><PulseBoard></PulseBoard></PropertyGroup>", "error PULSE4040: '' is not a known board; set PulseBoard to one of: lm3s6965evb, mps2-an385, stm32vldiscovery.")]
    [DataRow("<PropertyGroup><PulseEntry>start</PulseEntry></PropertyGroup>", "error PULSE4042: The entry 'start' (PulseEntry) is not exported. The exports are: answer, run.")]
    [DataRow("<PropertyGroup><PulseStackSize>9000</PulseStackSize></PropertyGroup>", "error PULSE4047: The image needs 9000 bytes of RAM, 808 more than the 8192 bytes of board 'stm32vldiscovery' (9000 of them kept free for the stack by PulseStackSize). Largest: nothing else.")]
    [DataRow("<PropertyGroup><PulseKeepExport>reset</PulseKeepExport></PropertyGroup>", "firmware.wasmproj(1): error PULSE2009: 'reset', which is to be kept as an export, is no export of the module.")]
    [DataRow("<PropertyGroup><PulseZ3Path>bin/z3</PulseZ3Path></PropertyGroup>", "/bin/z3' is neither a Z3 library nor the z3 program")]
    [DataRow("<PropertyGroup><PulseDumpIr>inlining</PulseDumpIr></PropertyGroup>", "error PULSE0004: 'inlining' is not a value of PulseDumpIr; use all or a pass: inline, ")]
    [DataRow("<PropertyGroup><PulseDumpIr>all:reset</PulseDumpIr></PropertyGroup>", "error PULSE0004: 'all:reset' is not a value of PulseDumpIr; use 'all' or 'all:' with the name of a function.")]
    [DataRow("<PropertyGroup><PulseRestore>maybe</PulseRestore></PropertyGroup>", "firmware.wasmproj : error PULSE0004: 'maybe' is not a value of PulseRestore; use one of: true, false.")]
    [DataRow("<PropertyGroup><EnableDefaultWasmItems>never</EnableDefaultWasmItems></PropertyGroup>", "firmware.wasmproj : error PULSE0004: 'never' is not a value of EnableDefaultWasmItems; use one of: true, false.")]
    [DataRow("""<ItemGroup><HotPathEntry Include="reset" /></ItemGroup>""", "firmware.wasmproj(1): error PULSE5002: HotPathEntry 'reset' names no exported function; use one of: answer, run.")]
    [DataRow("""<ItemGroup><InterruptHandler Include="SysTick" Export="on-tick" Priority="300" /></ItemGroup>""",
        "error PULSE0004: '300' is not a value of Priority of InterruptHandler 'SysTick'; use a number from 0 to 255.")]
    [DataRow("""<ItemGroup><InterruptHandler Include="SysTick" /></ItemGroup>""", "error PULSE0006: InterruptHandler 'SysTick' names no export.")]
    [DataRow("""<ItemGroup><NativeObject Include="driver.o" /></ItemGroup>""", "error PULSE4080: NativeObject 'driver.o'")]
    public void Project_is_refused_with_a_code(string body, string expected)
    {
        using var project = new TestProject(body);
        var build = project.Build().AssertFailed();
        Assert.Contains(expected, build.Output);
        AssertNoProduct(project);
    }

    /// <summary>A loader that meets a broken file of the library's name looks no further, and a program that says no version is no Z3.</summary>
    [TestMethod]
    public void Machine_without_Z3_is_told_what_to_type()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new AssertInconclusiveException("hides the system's library as Linux's loader looks for it");
        }

        using var project = new TestProject();
        foreach (var name in new[] { "libz3.so", "libz3.so.4", "z3" })
        {
            project.Write("hidden/" + name, "#!/bin/false\n"u8.ToArray());
            File.SetUnixFileMode(project["hidden/" + name], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        project.Environment["LD_LIBRARY_PATH"] = project["hidden"];
        project.Environment["PATH"] = project["hidden"] + ":" + Environment.GetEnvironmentVariable("PATH");
        var build = project.Build().AssertFailed();
        Assert.Contains("error PULSE3001: No Z3 solver was found (no pinned path, no native library, no z3 on the path). Install libz3 ('apt-get install libz3-4', 'brew install z3'),", build.Output);
        AssertNoProduct(project);

        project.Environment.Clear();
        project.Build().AssertSucceeded();
    }

    [TestMethod]
    public void Project_without_components_is_refused()
    {
        using var project = new TestProject(withComponent: false);
        Assert.Contains("firmware.wasmproj(1): error PULSE0005", project.Build().AssertFailed().Output);
        AssertNoProduct(project);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    [DataRow(30)]
    public void Truncated_component_is_refused_with_its_file_and_offset(int length)
    {
        using var project = new TestProject();
        project.Write("components/main.wasm", Wasm.Returning(1)[..length]);
        var build = project.Build().AssertFailed();
        StringAssert.Matches(build.Output, new(@"components/main\.wasm\(1\): error PULSE[12]\d\d\d: .*\(at byte 0x[0-9a-f]+\)"));
        AssertNoProduct(project);
    }

    [TestMethod]
    public void Error_in_a_text_has_line_and_column()
    {
        using var project = new TestProject(withComponent: false);
        project.Write("components/main.wat", "(module\n  (func (export \"run\")\n    i32.cosnt 1))\n"u8.ToArray());
        Assert.Contains("components/main.wat(3,5): error PULSE1004: ", project.Build().AssertFailed().Output);
        AssertNoProduct(project);
    }

    [TestMethod]
    public void Core_module_that_does_not_validate_is_refused()
    {
        using var project = new TestProject(withComponent: false);
        project.Write("components/main.wat", "(module (func (export \"run\") i32.const 1))"u8.ToArray());
        Assert.Contains("components/main.wat(1,41): error PULSE1002: ", project.Build().AssertFailed().Output);
        AssertNoProduct(project);
    }

    [TestMethod]
    public void Text_of_a_core_module_among_components_is_told_from_a_malformed_component()
    {
        using var project = new TestProject(withComponent: false);
        project.Write("components/a.wasm", [0, (byte)'a', (byte)'s', (byte)'m', 0x0d, 0, 1, 0]);
        project.Write("components/b.wat", "(module)"u8.ToArray());
        Assert.Contains("components/b.wat(1): error PULSE2001: Malformed component: this is the text of a core module", project.Build().AssertFailed().Output);
        AssertNoProduct(project);
    }

    [TestMethod]
    public void Two_core_modules_with_one_name_to_the_world_are_refused()
    {
        using var project = new TestProject();
        project.Write("components/other.wasm", Wasm.Returning(1));
        Assert.Contains("firmware.wasmproj(1): error PULSE2008: 'main' and 'other' both export 'run' to the world.", project.Build().AssertFailed().Output);
        AssertNoProduct(project);
    }

    [TestMethod]
    public void Failed_build_fails_again_and_a_mended_one_succeeds()
    {
        using var project = new TestProject();
        project.Build().AssertSucceeded();
        project.Write("components/main.wasm", [1, 2, 3, 4]);
        project.Build().AssertFailed();
        project.Build().AssertFailed();
        project.Write("components/main.wasm", Wasm.Returning(42));
        project.Build().AssertSucceeded();
    }

    [TestMethod]
    public void Too_old_MSBuild_is_refused_before_anything_else()
    {
        using var project = new TestProject("<PropertyGroup><_PulseNewEnough>false</_PulseNewEnough></PropertyGroup>");
        var build = project.Build().AssertFailed();
        Assert.Contains("error PULSE0001: Pulse.Build.Sdk needs MSBuild 18.6 or newer", build.Output);
        CollectionAssert.AreEqual(Array.Empty<string>(), build.Tasks);
    }

    private static void AssertNoProduct(TestProject project)
    {
        Assert.IsFalse(project.Exists("bin/Debug/firmware.elf"));
        var unfinished = Directory.Exists(project["obj"]) ? Directory.GetFiles(project["obj"], "*.tmp", SearchOption.AllDirectories) : [];
        CollectionAssert.AreEqual(Array.Empty<string>(), unfinished);
    }
}
