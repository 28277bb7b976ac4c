using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class RewritingTests
{
    [TestMethod]
    public void Rewrite_renumbers_each_kind_of_index_and_nothing_else()
    {
        var body = Body(w =>
        {
            w.Op(Opcode.Call, 1);
            w.Op(Opcode.CallIndirect, 1, 1);
            w.Op(Opcode.GlobalGet, 1);
            w.Op(Opcode.LocalGet, 1);
            w.MemArg(Opcode.I32Load, 1, 2, 1);
            w.Op(Opcode.MemoryCopy, 1, 0);
            w.Op(Opcode.MemoryInit, 1, 1);
            w.Op(Opcode.TableInit, 1, 1);
            w.Block(Opcode.Block, 1);
            w.Block(Opcode.Block, -0x40);
            w.Op(Opcode.Br, 1);
            w.I32Const(1);
        });
        var maps = new IndexMaps();
        foreach (var space in Enum.GetValues<IndexSpace>())
        {
            maps[space] = [5, 10 + (int)space];
        }

        var expected = Body(w =>
        {
            w.Op(Opcode.Call, 11);
            w.Op(Opcode.CallIndirect, 10, 12);
            w.Op(Opcode.GlobalGet, 14);
            w.Op(Opcode.LocalGet, 1);
            w.MemArg(Opcode.I32Load, 13, 2, 1);
            w.Op(Opcode.MemoryCopy, 13, 5);
            w.Op(Opcode.MemoryInit, 16, 13);
            w.Op(Opcode.TableInit, 15, 12);
            w.Block(Opcode.Block, 10);
            w.Block(Opcode.Block, -0x40);
            w.Op(Opcode.Br, 1);
            w.I32Const(1);
        });
        CollectionAssert.AreEqual(expected.Code.ToArray(), BodyRewriter.Rewrite(body, maps).Code.ToArray());
    }

    [TestMethod]
    public void Rewrite_keeps_the_bytes_of_code_that_does_not_change()
    {
        // call 0 with a padded index, as LLVM emits for the linker.
        var body = new FunctionBody([], new byte[] { 0x10, 0x80, 0x80, 0x80, 0x80, 0x00, 0x0B });
        Assert.AreSame(body, BodyRewriter.Rewrite(body, new IndexMaps { [IndexSpace.Function] = [0, 1] }));
    }

    [TestMethod]
    public void Rewrite_refuses_to_lose_an_entity_that_is_used()
    {
        var body = Body(w => w.Op(Opcode.Call, 0));
        Assert.ThrowsExactly<InvariantException>(() => BodyRewriter.Rewrite(body, new IndexMaps { [IndexSpace.Function] = [-1] }));
    }

    [TestMethod]
    public void Apply_drops_a_function_and_renumbers_what_is_left()
    {
        var module = new Module();
        module.Types.Add(new FuncType([], []));
        var import = new Import("env", "dead", ExternKind.Function);
        module.Imports.Add(import);
        module.Functions.Add(new ModuleFunction(new TypeIndex(0), import, null));
        module.Functions.Add(new ModuleFunction(new TypeIndex(0), null, Body(w => w.Op(Opcode.Nop))));
        module.Functions.Add(new ModuleFunction(new TypeIndex(0), null, Body(w => w.Op(Opcode.Call, 1))));
        module.Exports.Add(new Export("run", ExternKind.Function, 2));
        module.Start = new FuncIndex(2);
        new NameSection { FunctionNames = { [0] = "dead", [1] = "leaf", [2] = "root" } }.WriteTo(module);

        var result = ModuleRemapper.Apply(module, new IndexMaps { [IndexSpace.Function] = IndexMaps.Keeping(3, i => i != 0) });

        Assert.AreEqual(0, result.Imports.Count);
        Assert.AreEqual(new Export("run", ExternKind.Function, 1), result.Exports.Single());
        Assert.AreEqual(new FuncIndex(1), result.Start);
        CollectionAssert.AreEqual(new byte[] { 0x10, 0x00, 0x0B }, result.Functions[1].Body!.Code.ToArray());
        CollectionAssert.AreEqual(new[] { "leaf", "root" }, NameSection.Read(result).FunctionNames.Values.ToArray());
        Assert.AreEqual(3, module.Functions.Count, "the original is as it was");
    }

    private static FunctionBody Body(Action<InstructionWriter> emit)
    {
        var output = new ByteWriter();
        var writer = new InstructionWriter(output);
        emit(writer);
        writer.End();
        return new FunctionBody([], output.ToArray());
    }
}
