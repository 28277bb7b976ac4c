using System.Globalization;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>The modules that mutants are made of.</summary>
internal static class TrialOriginals
{
    private const int Largest = 2_500;

    /// <summary>Modules of firmware's shape, and generated ones, which the seed chooses.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Own(ulong seed = 1)
    {
        var files = Directory.GetFiles(GoldenFiles.Path("trial"), "*.wat").Order(StringComparer.Ordinal).ToArray();
        Assert.IsNotEmpty(files);
        foreach (var file in files)
        {
            yield return (Path.GetFileNameWithoutExtension(file), RefinePairs.Binary(File.ReadAllText(file)));
        }

        GeneratorFeatures[] mixes = [GeneratorFeatures.None, GeneratorFeatures.References | GeneratorFeatures.Bulk, GeneratorFeatures.TailCalls | GeneratorFeatures.Memories];
        for (var i = 0; i < 6; i++)
        {
            var module = ModuleGenerator.Generate(new FuzzRandom((seed * 499) + (ulong)i + 1).Bytes(160), i < 3, mixes[i % 3]);
            yield return (string.Create(CultureInfo.InvariantCulture, $"generated {i}"), ModuleWriter.Write(module));
        }
    }

    /// <summary>Small modules beside the repository.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Shared()
    {
        var shared = Path.Combine(SharedMaterial.Repository, "..", "shared");
        if (!Directory.Exists(shared))
        {
            yield break;
        }

        foreach (var file in Directory.GetFiles(Path.Combine(shared, "adversary"), "*.wa*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (file.Contains(".before.", StringComparison.Ordinal) || file.Contains("unproved", StringComparison.Ordinal) && new FileInfo(file).Length < Largest)
            {
                yield return (Path.GetFileName(file), file.EndsWith(".wat", StringComparison.Ordinal) ? RefinePairs.Binary(File.ReadAllText(file)) : File.ReadAllBytes(file));
            }
        }

        foreach (var file in Directory.GetFiles(Path.Combine(shared, "suites", "build"), "*.core.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (new FileInfo(file).Length < Largest)
            {
                yield return (Path.GetFileName(file), File.ReadAllBytes(file));
            }
        }
    }
}
