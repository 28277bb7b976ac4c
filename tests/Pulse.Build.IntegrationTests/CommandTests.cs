using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>What the command line and the editors ask of a project besides a build.</summary>
[TestClass]
public sealed class CommandTests
{
    private const int NotStarted = 127;

    [TestMethod]
    public void Publish_copies_the_products_to_the_publish_folder()
    {
        using var project = new TestProject();
        project.Run("publish", "--no-restore", "-o", "out/").AssertSucceeded();
        Assert.IsTrue(project.Exists("out/firmware.elf"));
        Assert.IsTrue(project.Exists("out/firmware.hex"));
        project.Run("publish", "--no-restore").AssertSucceeded();
        Assert.IsTrue(project.Exists("bin/Debug/publish/firmware.elf"));
    }

    [TestMethod]
    public void Run_starts_the_projects_command_with_its_arguments_and_returns_its_status()
    {
        using var project = new TestProject("""
            <PropertyGroup>
              <PulseRunCommand>sh</PulseRunCommand>
              <PulseRunArguments>-c "echo started; exit 3"</PulseRunArguments>
            </PropertyGroup>
            """);
        var (exitCode, output) = DotNet.Run(project.Folder, ["run", "--no-restore"]);
        Assert.AreEqual(3, exitCode, output);
        Assert.Contains("started", output);
    }

    /// <summary>What the command writes comes first and unchanged, what it reads is what the caller writes, and its line is explained wherever it wrote it.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Run_says_in_words_where_the_projects_command_stopped(int stream)
    {
        using var project = new TestProject($"""
            <PropertyGroup>
              <PulseRunCommand>sh</PulseRunCommand>
              <PulseRunArguments>-c "cat; printf '\nPULSE fault 0x00000001' &gt;&amp;{stream}; exit 93"</PulseRunArguments>
            </PropertyGroup>
            """);
        var (exitCode, output) = DotNet.Run(project.Folder, ["run", "--no-restore"]);
        Assert.AreEqual(93, exitCode, output);
        StringAssert.EndsWith(output, "\nfirmware.elf: error PULSE6001: the stack left RAM (HardFault)\n", StringComparison.Ordinal);
        Assert.Contains("\nPULSE fault 0x00000001\n", output);
    }

    [TestMethod]
    public void Run_of_a_firmware_that_traps_names_the_function_and_ends_with_its_status()
    {
        using var project = new TestProject("<PropertyGroup><PulseFaults>semihosting-exit</PulseFaults></PropertyGroup>", withComponent: false);
        project.Write("components/main.wat", """
            (module (memory 1)
              (func $report (param i32) (drop (i32.load (local.get 0))))
              (func (export "run") (call $report (i32.const -4)) (call $report (i32.const -8))))
            """u8.ToArray());
        var (exitCode, output) = DotNet.Run(project.Folder, ["run", "--no-restore", "-p:PulseInline=false"]);
        if (exitCode == NotStarted)
        {
            Assert.Inconclusive("qemu-system-arm is not installed: the image was not booted");
        }

        Assert.AreEqual(66, exitCode, output);
        StringAssert.EndsWith(output, "\nfirmware.elf: error PULSE6001: trap \"memory bounds\" in report\n", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Run_of_a_command_that_is_not_there_says_so()
    {
        using var project = new TestProject("<PropertyGroup><PulseRunCommand>no-such-emulator</PulseRunCommand></PropertyGroup>");
        var (exitCode, output) = DotNet.Run(project.Folder, ["run", "--no-restore"]);
        Assert.AreEqual(NotStarted, exitCode, output);
        Assert.Contains("error PULSE6002: 'no-such-emulator' cannot be started: ", output);
    }

    [TestMethod]
    public void Run_of_a_board_without_emulator_says_what_to_set()
    {
        using var project = new TestProject("<PropertyGroup><PulseBoard>mystery</PulseBoard></PropertyGroup>");
        var run = project.Run("msbuild", "-t:ComputeRunArguments").AssertFailed();
        Assert.Contains("error PULSE0007: No emulator is known for board 'mystery'.", run.Output);
    }

    [TestMethod]
    public void Artifacts_path_takes_everything_that_is_made()
    {
        using var project = new TestProject();
        project.Run("build", "--artifacts-path", "art").AssertSucceeded();
        Assert.IsTrue(project.Exists("art/bin/firmware/debug/firmware.elf"));
        Assert.IsTrue(project.Exists("art/obj/firmware/debug/fused.wasm"));
        Assert.IsFalse(Directory.Exists(project["bin"]) || Directory.Exists(project["obj"]));
    }

    [TestMethod]
    public void Two_projects_in_one_folder_do_not_share_what_they_make()
    {
        using var project = new TestProject();
        File.Copy(project["firmware.wasmproj"], project["loader.wasmproj"]);
        project.Run("build", "--no-restore", "firmware.wasmproj", "-p:PulseStackSize=512").AssertSucceeded();
        project.Run("build", "--no-restore", "loader.wasmproj").AssertSucceeded();
        CollectionAssert.AreEqual(Array.Empty<string>(), project.Run("build", "--no-restore", "firmware.wasmproj", "-p:PulseStackSize=512").AssertSucceeded().Tasks);
        Assert.IsTrue(project.Exists("obj/Debug/loader/fused.wasm") && project.Exists("bin/Debug/loader.elf"));
        project.Run("clean", "loader.wasmproj").AssertSucceeded();
        Assert.IsTrue(project.Exists("obj/Debug/firmware/fused.wasm") && project.Exists("bin/Debug/firmware.elf"));
    }

    [TestMethod]
    public void What_a_project_says_of_memories_and_interrupts_is_in_the_image()
    {
        const string Handler = """<InterruptHandler Include="EXTI0" Export="on-irq" Priority="2" Enabled="true" />""";
        using var project = new TestProject($"""
            <PropertyGroup>
              <PulseFlashOffset>0x4000</PulseFlashOffset><PulseNoInitBytes>32</PulseNoInitBytes><PulseImageCrc>true</PulseImageCrc>
              <PulseExtraRam>0x10000000:4096; 0x11000000:0x100</PulseExtraRam>
            </PropertyGroup>
            <ItemGroup>{Handler}</ItemGroup>
            """, withComponent: false);
        project.Write("components/main.wat", "(module (func (export \"run\")) (func (export \"on-irq\")))"u8.ToArray());
        project.Build().AssertSucceeded();
        var map = File.ReadAllText(project["bin/Debug/firmware.map"]);
        foreach (var line in new[] { "flash   0x08004000  114688 ", "ram     0x20000000    8160 ", "ram1    0x10000000    4096 ", "ram2    0x11000000     256 ", "__noinit_start", "__image_crc" })
        {
            Assert.Contains(line, map);
        }

        var before = File.ReadAllBytes(project["bin/Debug/firmware.bin"]);
        var text = File.ReadAllText(project["firmware.wasmproj"]);
        File.WriteAllText(project["firmware.wasmproj"], text.Replace("Priority=\"2\"", "Priority=\"3\"", StringComparison.Ordinal));
        CollectionAssert.Contains(project.Build().AssertSucceeded().Tasks, "LowerToThumb");
        var after = File.ReadAllBytes(project["bin/Debug/firmware.bin"]);
        Assert.AreEqual(1, before.SkipLast(4).Zip(after).Count(pair => pair.First != pair.Second), "the priority, besides the CRC");
    }

    [TestMethod]
    public void Run_of_an_object_says_that_it_is_no_image()
    {
        using var project = new TestProject("<PropertyGroup><PulseOutput>object</PulseOutput></PropertyGroup>");
        var run = project.Run("msbuild", "-t:ComputeRunArguments").AssertFailed();
        Assert.Contains("error PULSE0008: PulseOutput=object makes no image that 'dotnet run' could start.", run.Output);
        project.Run("msbuild", "-t:ComputeRunArguments", "-p:PulseRunCommand=flash").AssertSucceeded();
        var (exitCode, output) = DotNet.Run(project.Folder, ["msbuild", "-nologo", "-t:ComputeRunArguments", "-p:PulseRunCommand=flash", "-getProperty:RunCommand"]);
        Assert.AreEqual((0, "flash"), (exitCode, output.Trim()), "no image can be explained");
    }

    [TestMethod]
    public void Run_of_the_discovery_board_starts_its_emulator()
    {
        using var project = new TestProject();
        var (exitCode, output) = DotNet.Run(
            project.Folder, ["msbuild", "-nologo", "-t:ComputeRunArguments", "-getProperty:RunCommand", "-getProperty:RunArguments"]);
        Assert.AreEqual(0, exitCode, output);
        Assert.Contains("Pulse.Build.Tasks.dll", output);
        Assert.Contains("qemu-system-arm", output);
        Assert.Contains("-M stm32vldiscovery", output);
        Assert.Contains(project["bin/Debug/firmware.elf"], output);
    }

    [TestMethod]
    [DataRow("Pack")]
    [DataRow("VSTest")]
    [DataRow("CompileDesignTime")]
    [DataRow("GetTargetPath")]
    [DataRow("ResolveProjectReferencesDesignTime")]
    public void Target_that_others_call_succeeds_and_runs_no_stage(string target)
    {
        using var project = new TestProject();
        CollectionAssert.AreEqual(Array.Empty<string>(), project.Run("msbuild", "-t:" + target).AssertSucceeded().Tasks);
    }

    [TestMethod]
    public void Up_to_date_check_and_watch_know_inputs_and_product()
    {
        using var project = new TestProject();
        var (exitCode, output) = DotNet.Run(
            project.Folder, ["msbuild", "-nologo", "-getItem:UpToDateCheckInput", "-getItem:UpToDateCheckBuilt", "-getItem:Watch"]);
        Assert.AreEqual(0, exitCode, output);
        Assert.Contains("components/main.wasm", output);
        Assert.Contains("bin/Debug/firmware.elf", output);
    }

    [TestMethod]
    public void Restore_can_be_switched_off()
    {
        using var project = new TestProject("<PropertyGroup><PulseRestore>false</PulseRestore></PropertyGroup>");
        project.Run("build").AssertSucceeded();
        Assert.IsFalse(project.Exists("obj/project.assets.json"));
    }

    [TestMethod]
    public void Thread_per_project_build_works_from_another_folder()
    {
        using var project = new TestProject();
        using var elsewhere = new TestProject();
        var (exitCode, output) = DotNet.Run(elsewhere.Folder, ["build", "-nologo", "--no-restore", "-mt", project["firmware.wasmproj"]]);
        Assert.AreEqual(0, exitCode, output);
        Assert.IsTrue(project.Exists("bin/Debug/firmware.elf"));
        Assert.IsFalse(elsewhere.Exists("obj/Debug/fused.wasm"));
    }
}
