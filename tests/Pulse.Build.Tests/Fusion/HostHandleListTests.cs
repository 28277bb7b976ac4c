using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Fusion;

/// <summary>Lists of handles of the host's resource that components pass to the host: it sees indices of its own table, they keep theirs.</summary>
[TestClass]
public class HostHandleListTests
{
    private readonly Dictionary<uint, uint> _numbers = [];
    private readonly List<string> _log = [];

    [TestMethod]
    [DataRow("handles-of-one", "a", 101)]
    [DataRow("handles-of-two", "a", 2)]
    [DataRow("handles-of-two", "b", 2)]
    [DataRow("handles-beside", "a", 2)]
    public void The_host_finds_its_own_indices_in_a_list_and_the_component_its_own_after_it(string name, string instance, int second)
    {
        Assert.AreEqual(Hexadecimal(7 | 8 << 8 | second << 16 | 2 << 24), Call(name, instance + "-polled", 7));
        Assert.AreEqual("poll(100, 101) drop(100)", string.Join(' ', _log));
    }

    [TestMethod]
    [DataRow("handles-of-one", "a")]
    [DataRow("handles-of-two", "b")]
    [DataRow("handles-beside", "a")]
    public void Owners_in_a_list_go_to_the_host(string name, string instance)
    {
        Assert.AreEqual(Hexadecimal(1 * 7 + 3 * 8), Call(name, instance + "-joined", 7));
        Assert.AreEqual("join(1: 100, 2: none, 3: 101) poll(102)", string.Join(' ', _log));
    }

    [TestMethod]
    [DataRow("handles-of-two")]
    [DataRow("handles-beside")]
    public void An_owner_that_is_given_away_twice_in_one_list_traps(string name)
    {
        Assert.AreEqual("trap", Call(name, "a-twice", 7));
        Assert.AreEqual("", string.Join(' ', _log));
    }

    [TestMethod]
    public void A_component_without_memory_keeps_a_table_too() => Assert.AreEqual(Hexadecimal(2), Call("handles-beside", "b-opened"));

    [TestMethod]
    public void In_a_shared_memory_where_they_cannot_be_copied_they_are_refused()
    {
        var result = FusionGoldenTests.Fuse(Path.Combine("border", "handles-beside"), MemoryMode.Shared, out var sink);
        Assert.IsNull(result);
        Assert.AreEqual(DiagnosticId.PULSE2010, sink[0].Id);
        StringAssert.Contains(sink[0].Message, "list<borrow<r");
    }

    private string Call(string name, string function, params int[] arguments)
    {
        Instance instance = null!;
        var imports = new Imports();
        MemoryInstance Memory() => (MemoryInstance)instance.Export("memory")!;
        uint Read(uint at) => (uint)Memory().Read(at, 4);
        uint Open(uint number)
        {
            _numbers[100 + (uint)_numbers.Count] = number;
            return 100 + (uint)_numbers.Count - 1;
        }

        imports.Add("h:h/io", "open", FuncType.Of([ValType.I32], [ValType.I32]), a => [RuntimeValue.I32((int)Open((uint)a[0].Bits))]);
        imports.Add("h:h/io", "[resource-drop]r", FuncType.Of([ValType.I32], []), a =>
        {
            _log.Add($"drop({a[0].Bits})");
            return [];
        });
        imports.Add("h:h/io", "poll", FuncType.Of([ValType.I32, ValType.I32, ValType.I32], []), a =>
        {
            var list = (uint)a[0].Bits;
            var handles = Enumerable.Range(0, (int)a[1].Bits).Select(i => Read(list + 4 * (uint)i)).ToList();
            _log.Add($"poll({string.Join(", ", handles)})");
            var at = (uint)instance.Invoke("cabi_realloc", [.. new[] { 0, 0, 4, 4 * handles.Count }.Select(RuntimeValue.I32)]).Results[0].Bits;
            handles.Index().ToList().ForEach(h => Memory().Write(at + 4 * (uint)h.Index, 4, _numbers[h.Item]));
            Memory().Write((uint)a[2].Bits, 4, at);
            Memory().Write((uint)a[2].Bits + 4, 4, (ulong)handles.Count);
            return [];
        });
        imports.Add("h:h/io", "join", FuncType.Of([ValType.I32, ValType.I32], [ValType.I32]), a =>
        {
            var list = (uint)a[0].Bits;
            var items = Enumerable.Range(0, (int)a[1].Bits).Select(i => list + 12 * (uint)i)
                .Select(at => (Weight: (uint)Memory().Read(at, 1), Handle: Memory().Read(at + 4, 1) == 0 ? (uint?)null : Read(at + 8))).ToList();
            _log.Add($"join({string.Join(", ", items.Select(i => $"{i.Weight}: {i.Handle?.ToString(CultureInfo.InvariantCulture) ?? "none"}"))})");
            return [RuntimeValue.I32((int)Open((uint)items.Sum(i => i.Handle is { } handle ? i.Weight * _numbers[handle] : 0)))];
        });
        instance = Instance.Create(ModuleReader.Read(FusionGoldenTests.Fuse(Path.Combine("border", name), MemoryMode.Multi, out _)!.Module, name), imports);
        var outcome = instance.Invoke(function, [.. arguments.Select(RuntimeValue.I32)]);
        return outcome.Returned ? Hexadecimal((int)outcome.Results[0].Bits) : outcome.Kind == OutcomeKind.Trapped ? "trap" : outcome.ToString();
    }

    private static string Hexadecimal(int value) => value.ToString("x", CultureInfo.InvariantCulture);
}
