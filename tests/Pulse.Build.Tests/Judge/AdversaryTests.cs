using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Components;
using Pulse.Build.Tests.Judge.Trial;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Judge;

/// <summary>Wrong rewrites of every kind that a judge may overlook. None is ever proved; that each is wrong, runs show.</summary>
[TestClass]
public sealed class AdversaryTests
{
    public TestContext TestContext { get; set; } = null!;

    private static IEnumerable<object[]> Kinds => AdversaryPairs.All.Select(pair => pair.Kind).Distinct().Select(kind => new object[] { kind });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void A_wrong_rewrite_is_never_proved(string kind)
    {
        var wrong = new List<string>();
        foreach (var pair in AdversaryPairs.All.Where(pair => pair.Kind == kind))
        {
            var report = RefinePairs.Check(pair.Before, pair.After);
            var said = string.Join("; ", report.Functions.Where(f => f.Verdict != Verdict.Proved).Select(f => $"{f.Name}: {f.Obligation} {f.Reason}")
                .Concat(report.Module.Where(m => m.Verdict != Verdict.Proved).Select(m => $"{m.What}: {m.Reason}")));
            TestContext.WriteLine($"{pair}: {report.Verdict}, {said}");
            if (report.Verdict == Verdict.Proved)
            {
                wrong.Add($"{pair} is proved");
            }
            else if (!said.Contains(pair.Names, StringComparison.Ordinal))
            {
                wrong.Add($"{pair}: '{said}' does not mention '{pair.Names}'");
            }
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void A_wrong_rewrite_behaves_differently(string kind)
    {
        var alike = AdversaryPairs.All.Where(pair => pair.Kind == kind && pair.Beyond is null)
            .Where(pair => new BehaviourComparison(60).Difference(RefinePairs.Binary(pair.Before), RefinePairs.Binary(pair.After)) is null).ToList();
        Assert.IsEmpty(alike, string.Join('\n', alike));
    }

    [TestMethod]
    public void None_of_the_shared_wrong_rewrites_is_proved()
    {
        var proved = new List<string>();
        foreach (var file in SharedMaterial.Files("adversary/wrong", "*.after.*"))
        {
            var name = file[..file.IndexOf(".after.", StringComparison.Ordinal)];
            var before = File.Exists(name + ".before.wat") ? RefinePairs.Binary(File.ReadAllText(name + ".before.wat"))
                : File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(file)!, Path.GetFileName(name).Split('-')[0] + ".before.wasm"));
            var after = file.EndsWith(".wat", StringComparison.Ordinal) ? RefinePairs.Binary(File.ReadAllText(file)) : File.ReadAllBytes(file);
            // What an interrupt handler sees counts where the handler is declared: these have no such declaration.
            if (!Path.GetFileName(name).StartsWith("interrupt-", StringComparison.Ordinal) && RefinePairs.Check(before, after).Verdict == Verdict.Proved)
            {
                proved.Add(Path.GetFileName(name));
            }
        }

        Assert.IsEmpty(proved, string.Join(", ", proved));
    }

    [TestMethod]
    public void No_shared_right_rewrite_is_refuted()
    {
        foreach (var file in SharedMaterial.Files("adversary/refuted-but-right", "*.after.wat"))
        {
            var report = RefinePairs.Check(File.ReadAllText(file.Replace(".after.", ".before.", StringComparison.Ordinal)), File.ReadAllText(file));
            Assert.AreNotEqual(Verdict.Refuted, report.Verdict, $"{file}: {RefinePairs.Describe(report)}");
        }
    }

    [TestMethod]
    public void Each_of_the_last_host_calls_of_the_sample_is_missed()
    {
        const int last = 7;
        var sink = new DiagnosticList();
        string[] components = ["mixer", "kernel", "uart", "app"];
        var fused = ComponentFuser.Fuse(
            new FuseOptions { Components = [.. components.Select(c => new InputFile(c + ".wasm", ComponentBytes.Sample(c)))], Memory = MemoryMode.Auto }, sink)!.Module;
        var original = ModuleReader.Read(fused, "fused.wasm");
        var run = original.Exports.Find(e => e.Name == "run")!.Index;
        var calls = HostCalls(original, CodeTree.Parse(original, run)).Count;
        Assert.IsGreaterThan(last, calls);
        for (var i = calls - last; i < calls; i++)
        {
            var module = original.Clone();
            var code = CodeTree.Parse(module, run);
            var (list, start, end) = HostCalls(module, code)[i];
            list.RemoveRange(start, end - start);
            module.Functions[run] = module.Functions[run] with { Body = new FunctionBody(module.Functions[run].Body!.Locals, CodeTree.Write(code)) };
            var report = RefinePairs.Check(fused.ToArray(), ModuleWriter.Write(module));
            Assert.AreEqual(Verdict.Refuted, report.Verdict, $"call {i} of {calls}: {RefinePairs.Describe(report)}");
        }
    }

    /// <summary>Statements that call the host and do nothing else, in the order of the code.</summary>
    private static List<(List<CodeNode> Code, int Start, int End)> HostCalls(Module module, List<CodeNode> root)
    {
        var calls = new List<(List<CodeNode>, int, int)>();
        foreach (var code in CodeTree.Lists(root))
        {
            for (var at = 0; at < code.Count; at++)
            {
                if (code[at].Head.Opcode == Opcode.Call && module.Functions[code[at].Head.A].Import is not null && code[at].Pushes == 0)
                {
                    var start = at;
                    for (var taken = 0; taken < code[at].Pops && start >= 0; taken++)
                    {
                        start = CodeTree.OperandStart(code, start);
                    }

                    calls.Add((code, start, at + 1));
                }
            }
        }

        return calls;
    }
}
