using System.Collections.Immutable;
using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Components;

namespace Pulse.Build.Tests.Fusion;

/// <summary>Plain core modules are linked by name, and kept exports are kept beside a composition too.</summary>
[TestClass]
public class CoreLinkingTests
{
    private static readonly InputFile _libc = Wat("libc", """
        (module
          (memory (export "memory") 1)
          (global (export "top") (mut i32) (i32.const 1024))
          (table (export "callbacks") 1 funcref)
          (func (export "put") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
          (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "unused") (result i32) (i32.const 9)))
        """);

    private static readonly InputFile _app = Wat("app", """
        (module
          (import "libc" "memory" (memory 1))
          (import "libc" "top" (global $top (mut i32)))
          (import "libc" "put" (func $put (param i32 i32)))
          (import "libc" "get" (func $get (param i32) (result i32)))
          (import "libc" "callbacks" (table 1 funcref))
          (import "env" "log" (func $log (param i32)))
          (elem (i32.const 0) $one)
          (data (i32.const 64) "\2a")
          (func $one (result i32) (i32.load8_u (i32.const 64)))
          (func (export "run") (result i32)
            (global.set $top (i32.sub (global.get $top) (i32.const 16)))
            (call $put (global.get $top) (call_indirect (result i32) (i32.const 0)))
            (call $log (global.get $top))
            (call $get (global.get $top))))
        """);

    [TestMethod]
    public void Modules_are_linked_by_the_names_of_their_files()
    {
        var module = Link([_app, _libc]);
        Assert.AreEqual("env log", string.Join(", ", module.Imports.Select(i => $"{i.Module} {i.Name}")));
        Assert.AreEqual("run unused", string.Join(' ', module.Exports.Select(e => e.Name).Order(StringComparer.Ordinal)));
        var logged = 0;
        var imports = new Imports().Add("env", "log", FuncType.Of([ValType.I32], []), a =>
        {
            logged = (int)a[0].Bits;
            return [];
        });
        Assert.AreEqual(42UL, Instance.Create(module, imports).Invoke("run", []).Results[0].Bits);
        Assert.AreEqual(1008, logged);
    }

    [TestMethod]
    public void Every_kind_of_export_can_be_kept()
    {
        var module = Link([_app, _libc], "memory", "top", "callbacks", "get");
        CollectionAssert.IsSubsetOf(new[] { "memory", "top", "callbacks", "get", "run" }, module.Exports.Select(e => e.Name).ToArray());
        Assert.AreEqual(1, module.Memories.Count);
    }

    [TestMethod]
    public void A_module_that_is_not_used_is_linked_for_its_exports() =>
        Assert.AreEqual("a b", string.Join(' ', Link([Wat("x", "(module (func (export \"a\")))"), Wat("y", "(module (func (export \"b\")))")]).Exports.Select(e => e.Name)));

    [TestMethod]
    public void Modules_that_import_each_other_are_PULSE2007() => Refuses(DiagnosticId.PULSE2007, "x -> y -> x",
        [Wat("x", "(module (import \"y\" \"f\" (func)) (func (export \"g\")))"), Wat("y", "(module (import \"x\" \"g\" (func)) (func (export \"f\")))")]);

    [TestMethod]
    public void An_export_that_the_named_module_does_not_have_is_PULSE2004() => Refuses(DiagnosticId.PULSE2004, "'libc' does not export 'malloc'",
        [Wat("x", "(module (import \"libc\" \"malloc\" (func)) (func (export \"g\")))"), _libc]);

    [TestMethod]
    public void An_export_of_another_type_is_PULSE2003() => Refuses(DiagnosticId.PULSE2003, "'libc' 'get'",
        [Wat("x", "(module (import \"libc\" \"get\" (func (param i64))) (func (export \"g\") (call 0 (i64.const 1))))"), _libc]);

    [TestMethod]
    public void A_memory_of_the_host_is_PULSE2010() => Refuses(DiagnosticId.PULSE2010, "'env' 'memory'",
        [Wat("x", "(module (import \"env\" \"memory\" (memory 1)) (func (export \"g\")))"), _libc]);

    [TestMethod]
    public void Two_files_of_one_name_are_PULSE2005() => Refuses(DiagnosticId.PULSE2005, "libc", [_libc, _libc with { Path = "other/libc.wat" }]);

    [TestMethod]
    public void Two_modules_with_the_same_open_export_are_PULSE2008() => Refuses(DiagnosticId.PULSE2008, "'memory'", [_libc, _libc with { Path = "c.wat" }]);

    [TestMethod]
    public void A_kept_export_that_no_module_has_is_PULSE2009() => Refuses(DiagnosticId.PULSE2009, "blend", [_app, _libc], "blend");

    [TestMethod]
    public void Modules_that_export_nothing_are_PULSE2014() => Refuses(DiagnosticId.PULSE2014, "exports anything", [Wat("x", "(module)"), Wat("y", "(module)")]);

    [TestMethod]
    public void A_kept_export_stays_beside_an_explicit_composition()
    {
        var options = Composed("mix");
        var sink = new DiagnosticList();
        var result = ComponentFuser.Fuse(options, sink);
        Assert.IsNotNull(result, string.Join("\n", sink));
        var exports = ModuleReader.Read(result.Module, "fused").Exports.Select(e => e.Name).ToList();
        CollectionAssert.Contains(exports, "gust:mixer/mixing#mix");
        Assert.AreEqual(1, exports.Count(e => e.EndsWith("#mix", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_kept_export_that_is_not_there_is_PULSE2009_beside_an_explicit_composition()
    {
        var sink = new DiagnosticList();
        Assert.IsNull(ComponentFuser.Fuse(Composed("blend"), sink));
        Assert.AreEqual(DiagnosticId.PULSE2009, sink[0].Id);
    }

    private static FuseOptions Composed(string keep)
    {
        var kernel = ComponentBytes.Sample("kernel");
        return new FuseOptions
        {
            Components = [new InputFile("mixer.wasm", ComponentBytes.Sample("mixer")), new InputFile("kernel.wasm", kernel)],
            KeepExports = [keep],
            Composition = new Composition(
                [new CompositionInstance("m", 0), new CompositionInstance("k", 1)],
                [new CompositionPlug("k", "gust:mixer/mixing", "m", "gust:mixer/mixing")],
                [.. Pulse.Build.Engine.Components.ComponentReader.Read(kernel, "kernel").Exports.Select(e => new CompositionExport(e.Name, "k", e.Name))]),
        };
    }

    private static Module Link(ImmutableArray<InputFile> files, params string[] keep)
    {
        var sink = new DiagnosticList();
        var result = ComponentFuser.Fuse(new FuseOptions { Components = files, KeepExports = [.. keep] }, sink);
        Assert.IsNotNull(result, string.Join("\n", sink));
        return ModuleReader.Read(result.Module, "linked");
    }

    private static void Refuses(DiagnosticId id, string words, ImmutableArray<InputFile> files, params string[] keep)
    {
        var sink = new DiagnosticList();
        Assert.IsNull(ComponentFuser.Fuse(new FuseOptions { Components = files, KeepExports = [.. keep] }, sink));
        Assert.AreEqual(id, sink[0].Id, sink[0].ToString());
        StringAssert.Contains(sink[0].Message, words);
    }

    private static InputFile Wat(string name, string text) => new(name + ".wat", Encoding.UTF8.GetBytes(text));
}
