using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Fusion;

/// <summary>Functions of the host that a component exports as they are.</summary>
[TestClass]
public class HostFunctionTests
{
    [TestMethod]
    public void An_exported_function_of_the_host_is_the_import_itself()
    {
        var module = ModuleReader.Read(FusionGoldenTests.Fuse(Path.Combine("border", "host-function"), MemoryMode.Auto, out _)!.Module, "host-function");
        Assert.AreEqual(2, module.Functions.Count(f => f.Import is not null));
        Assert.AreEqual(1, module.Functions.Count(f => f.Body is not null), "nothing stands between");
        var number = FuncType.Of([ValType.I32], [ValType.I32]);
        var imports = new Imports()
            .Add("h:h/a", "half", number, a => [RuntimeValue.I32((int)a[0].Bits / 2)])
            .Add("h:h/a", "same", FuncType.Of([ValType.I32, ValType.I32], [ValType.I32]), a => [RuntimeValue.I32(a[0].Bits == a[1].Bits ? 1 : 0)]);
        var instance = Instance.Create(module, imports);
        Assert.AreEqual(4UL, instance.Invoke("h:h/b#half", [RuntimeValue.I32(8)]).Results[0].Bits);
        Assert.AreEqual(1UL, instance.Invoke("h:h/b#same", [RuntimeValue.I32(3), RuntimeValue.I32(3)]).Results[0].Bits);
        Assert.AreEqual(2UL, instance.Invoke("quarter", [RuntimeValue.I32(8)]).Results[0].Bits);
    }
}
