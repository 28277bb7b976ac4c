namespace Pulse.Build.IntegrationTests.Support;

/// <summary>
/// A .wasmproj of its own in a folder of its own, on this repository's targets and the tasks built with the tests. It is a folder that
/// lives as long as the test.
/// </summary>
internal sealed class TestProject : IDisposable
{
    private int _builds;

    public TestProject(string body = "", bool withComponent = true)
    {
        Folder = Directory.CreateTempSubdirectory("pulse-").FullName;
        if (withComponent)
        {
            Write("components/main.wasm", Wasm.Returning(42));
        }

        WriteProject(body);
    }

    public string Folder { get; }

    /// <summary>Variables of the build's environment, beside those of the test's.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string this[string relative] => Path.Combine(Folder, relative);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public void WriteProject(string body) => File.WriteAllText(this["firmware.wasmproj"], $"""
        <Project>
          <PropertyGroup>
            <PulseInSource>false</PulseInSource>
            <PulseTasksDir>{Repository.TasksDirectory}</PulseTasksDir>
          </PropertyGroup>
          <Import Project="{Repository.Root}Sdk/Sdk.props" />
          <PropertyGroup>
            <PulseBoard>stm32vldiscovery</PulseBoard>
          </PropertyGroup>
          {body}
          <Import Project="{Repository.Root}Sdk/Sdk.targets" />
        </Project>
        """);

    public void Write(string relative, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[relative])!);
        File.WriteAllBytes(this[relative], content);
    }

    /// <summary>Sets a file's time so far ahead that no clock granularity hides it, yet no later than anything the next build writes.</summary>
    public void Touch(string relative) => File.SetLastWriteTimeUtc(this[relative], DateTime.UtcNow);

    public bool Exists(string relative) => File.Exists(this[relative]);

    /// <summary>Builds with a binary log, without restore: the project has no packages.</summary>
    public BuildRun Build(params string[] arguments) => Run("build", ["--no-restore", .. arguments]);

    public BuildRun Run(string verb, params string[] arguments)
    {
        var log = this[$"{_builds++}.binlog"];
        var (exitCode, output) = DotNet.Run(Folder, [verb, "-nologo", "-v:n", "-tl:off", "-m:1", "-bl:" + log, .. arguments], Environment);
        return new BuildRun(exitCode, output, log);
    }
}
