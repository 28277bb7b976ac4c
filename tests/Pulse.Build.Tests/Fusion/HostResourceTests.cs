using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Fusion;

/// <summary>A resource of the host in the handles of two components: the host sees indices of the one table that it keeps for the fused module.</summary>
[TestClass]
public class HostResourceTests
{
    private static readonly FuncType _number = FuncType.Of([ValType.I32], [ValType.I32]);

    private readonly List<string> _log = [];
    private int _next = 100;

    [TestMethod]
    public void A_handle_passes_through_both_components_and_is_dropped_once()
    {
        Assert.AreEqual("10", Call("through"));
        Assert.AreEqual("open(5) read(100) read(100) read(100) drop(100)", string.Join(' ', _log));
    }

    [TestMethod]
    public void A_component_sees_indices_of_its_own_table() => Assert.AreEqual("513", Call("indices"));

    [TestMethod]
    public void A_handle_given_back_to_the_host_is_not_dropped()
    {
        Assert.AreEqual("7", Call("closed"));
        Assert.AreEqual("open(7) close(100)", string.Join(' ', _log));
    }

    [TestMethod]
    public void A_handle_given_back_twice_traps() => Assert.AreEqual("trap", Call("closed-twice"));

    [TestMethod]
    public void Handles_that_the_host_returns_in_memory_are_replaced_there() => Assert.AreEqual("131585", Call("both"));

    [TestMethod]
    public void A_borrow_of_the_host_goes_back_to_it_when_it_is_dropped()
    {
        Assert.AreEqual("50", Call("inspect", 50));
        Assert.AreEqual("read(50) drop(50)", string.Join(' ', _log));
    }

    [TestMethod]
    public void A_borrow_of_the_host_that_is_kept_traps() => Assert.AreEqual("trap", Call("inspect-and-hold", 50));

    [TestMethod]
    public void Borrows_of_the_host_in_a_list_are_replaced_where_they_are()
    {
        Assert.AreEqual((0x30000 + 50 + 60).ToString(System.Globalization.CultureInfo.InvariantCulture), Call("inspect-all", [(512, 50), (516, 60)], 512, 2));
        Assert.AreEqual("read(50) drop(50) read(60) drop(60)", string.Join(' ', _log));
    }

    [TestMethod]
    public void What_stands_beside_a_handle_among_the_parameters_stays()
    {
        Assert.AreEqual("303107", Call("mixed", 3, 50, 3, 0, 7));
        Assert.AreEqual("303112", Call("mixed", 3, 50, 3, 1, 60));
    }

    [TestMethod]
    public void An_owner_that_is_returned_to_the_host_is_its_own_index_again() => Assert.AreEqual("100", Call("opened", 5));

    private string Call(string function, params int[] arguments) => Call(function, [], arguments);

    private string Call(string function, (int At, int Value)[] memory, params int[] arguments)
    {
        var module = ModuleReader.Read(FusionGoldenTests.Fuse(Path.Combine("border", "host-resource"), MemoryMode.Auto, out _)!.Module, "host-resource");
        var numbers = new Dictionary<int, int> { [50] = 50, [60] = 60 };
        int Open(int number)
        {
            numbers[_next] = number;
            return _next++;
        }

        var imports = new Imports();
        void Add(string name, Func<int, int> body) => imports.Add("h:h/io", name, _number, a => [RuntimeValue.I32(Log(name, (int)a[0].Bits, body))]);
        Add("open", Open);
        Add("read", i => numbers[i]);
        Add("close", i => numbers[i]);
        imports.Add("h:h/io", "[resource-drop]r", FuncType.Of([ValType.I32], []), a =>
        {
            Log("drop", (int)a[0].Bits, i => i);
            return [];
        });
        Instance? instance = null;
        imports.Add("h:h/io", "two", FuncType.Of([ValType.I32], []), a =>
        {
            var at = (int)a[0].Bits;
            instance!.Invoke("poke", [RuntimeValue.I32(at), RuntimeValue.I32(Open(1))]);
            instance.Invoke("poke", [RuntimeValue.I32(at + 4), RuntimeValue.I32(Open(2))]);
            return [];
        });
        instance = Instance.Create(module, imports);
        foreach (var (at, value) in memory)
        {
            instance.Invoke("poke", [RuntimeValue.I32(at), RuntimeValue.I32(value)]);
        }

        var outcome = instance.Invoke(function, [.. arguments.Select(RuntimeValue.I32)]);
        return outcome.Returned ? ((uint)outcome.Results[0].Bits).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : outcome.Kind == OutcomeKind.Trapped ? "trap" : outcome.ToString();
    }

    private int Log(string name, int argument, Func<int, int> body)
    {
        _log.Add($"{name}({argument})");
        return body(argument);
    }
}
