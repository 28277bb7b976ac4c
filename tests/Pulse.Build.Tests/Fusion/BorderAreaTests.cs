using System.Text;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Fusion;

/// <summary>Where components have several memories, what passes to and from the host lies in an area of its own, and stays no longer than a call.</summary>
[TestClass]
public class BorderAreaTests
{
    [TestMethod]
    public void Strings_of_both_components_pass_through_one_memory()
    {
        var instance = New("two-memories");
        Assert.AreEqual("<né €😀>", Call(instance, "f", "né €😀"));
        Assert.AreEqual("<né €😀>", Call(instance, "g", "né €😀"));
        Assert.AreEqual("<>", Call(instance, "g", ""));
    }

    [TestMethod]
    public void Nothing_that_passes_stays_behind()
    {
        var instance = New("two-memories");
        var text = new string('é', 5000);
        for (var i = 0; i < 40; i++)
        {
            Assert.AreEqual($"<{text}>", Call(instance, i % 2 == 0 ? "f" : "g", text));
        }

        Assert.AreEqual(1UL, (ulong)Memory(instance).Pages);
    }

    [TestMethod]
    public void More_than_the_area_holds_makes_it_grow()
    {
        var instance = New("two-memories");
        var text = new string('x', 60000);
        Assert.AreEqual($"<{text}>", Call(instance, "f", text));
        Assert.IsTrue(Memory(instance).Pages >= 2);
    }

    [TestMethod]
    [DataRow("f", "g")]
    [DataRow("g", "f")]
    public void A_call_by_the_host_during_an_import_leaves_what_the_import_uses(string outer, string inner)
    {
        Instance instance = null!;
        instance = New("two-memories", text => text == "out" ? $"<{text} {Call(instance, inner, "in")}>" : $"<{text}>");
        for (var i = 0; i < 3; i++)
        {
            Assert.AreEqual("<out <in>>", Call(instance, outer, "out"));
        }
    }

    [TestMethod]
    public void A_result_stays_until_the_host_calls_again()
    {
        var instance = New("two-memories");
        var first = Result(instance, "f", "first");
        Put(instance, new byte[100]);
        Assert.AreEqual("<first>", Read(instance, first));
        Assert.AreEqual("<second>", Read(instance, Result(instance, "g", "second")));
    }

    [TestMethod]
    public void Results_of_components_without_allocators_reach_the_host()
    {
        var instance = New("no-allocator");
        Assert.AreEqual("abc", Read(instance, (uint)instance.Invoke("f", []).Results[0].Bits));
        Assert.AreEqual("abc", Read(instance, (uint)instance.Invoke("g", []).Results[0].Bits));
    }

    [TestMethod]
    public void Results_in_two_encodings_reach_the_host_in_one()
    {
        var instance = New("two-encodings");
        Assert.AreEqual("abc", Read(instance, (uint)instance.Invoke("f", []).Results[0].Bits));
        Assert.AreEqual("déf", Read(instance, (uint)instance.Invoke("g", []).Results[0].Bits));
    }

    private static Instance New(string name) => New(name, text => $"<{text}>");

    private static Instance New(string name, Func<string, string> echo)
    {
        var module = ModuleReader.Read(FusionGoldenTests.Fuse(Path.Combine("border", name), MemoryMode.Multi, out _)!.Module, name);
        Instance? instance = null;
        var imports = new Imports().Add("h:h/log", "echo", FuncType.Of([ValType.I32, ValType.I32, ValType.I32], []), a =>
        {
            var argument = Text(instance!, (uint)a[0].Bits, (uint)a[1].Bits);
            var text = Encoding.UTF8.GetBytes(echo(argument));
            Assert.AreEqual(argument, Text(instance!, (uint)a[0].Bits, (uint)a[1].Bits), "the argument stays while the import runs");
            Memory(instance!).Write((uint)a[2].Bits, 4, Put(instance!, text));
            Memory(instance!).Write((uint)a[2].Bits + 4, 4, (ulong)text.Length);
            return [];
        });
        return instance = Instance.Create(module, imports);
    }

    private static string Call(Instance instance, string function, string argument) => Read(instance, Result(instance, function, argument));

    /// <summary>The address of the result.</summary>
    private static uint Result(Instance instance, string function, string argument)
    {
        var bytes = Encoding.UTF8.GetBytes(argument);
        var outcome = instance.Invoke(function, [RuntimeValue.I32((int)Put(instance, bytes)), RuntimeValue.I32(bytes.Length)]);
        Assert.IsTrue(outcome.Returned, outcome.ToString());
        return (uint)outcome.Results[0].Bits;
    }

    private static uint Put(Instance instance, byte[] bytes)
    {
        var at = (uint)instance.Invoke("cabi_realloc", [RuntimeValue.I32(0), RuntimeValue.I32(0), RuntimeValue.I32(1), RuntimeValue.I32(bytes.Length)]).Results[0].Bits;
        Memory(instance).WriteBytes(at, bytes);
        return at;
    }

    private static string Read(Instance instance, uint area) =>
        Text(instance, (uint)Memory(instance).Read(area, 4), (uint)Memory(instance).Read(area + 4, 4));

    private static string Text(Instance instance, uint at, uint length)
    {
        var bytes = new byte[length];
        Memory(instance).ReadBytes(at, bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private static MemoryInstance Memory(Instance instance) => (MemoryInstance)instance.Export("memory")!;
}
