using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Stages;

[TestClass]
public sealed class CHeaderTests
{
    [TestMethod]
    public void Exports_and_imports_are_declared_and_chip_imports_are_not()
    {
        var module = WatParser.Parse(
            """
            (module
              (import "pulse:hal/mmio" "read32" (func (param i32) (result i32)))
              (import "env" "delay" (func (param i64)))
              (func (export "mix") (param i32 i64 f32 f64) (result i32) unreachable)
              (func (export "gust-poll") (result i64) unreachable)
              (func (export "register"))
              (func (export "pair") (result i32 i32) unreachable))
            """,
            "m.wat");
        Assert.AreEqual(
            """
            /* Functions of my-app. AAPCS: call them as C functions. */
            #ifndef MY_APP_H
            #define MY_APP_H

            #include <stdint.h>

            #ifdef __cplusplus
            extern "C" {
            #endif

            int32_t mix(int32_t, int64_t, float, double);
            int64_t gust_poll(void) __asm__("gust-poll");
            void _register(void) __asm__("register");
            /* pair: several results, not callable from C */

            /* To be supplied by the firmware. */
            void delay(int64_t);

            #ifdef __cplusplus
            }
            #endif

            #endif

            """,
            Header(module, "my-app"));
    }

    [TestMethod]
    public void Names_that_C_cannot_spell_are_quoted_and_those_that_look_alike_are_told_apart()
    {
        var module = WatParser.Parse(
            """
            (module
              (import "a" "tick" (func))
              (import "b" "tick" (func (param i32)))
              (import "b" "tick" (func (param i32)))
              (func (export "x-y"))
              (func (export "x_y") (param i32))
              (func (export "quo\22te\5c\0a"))
              (func (export ""))
              (func (export "*/ int evil; /*") (result i32 i32) unreachable))
            """,
            "m.wat");
        var lines = Header(module, "*/").Split('\n');
        foreach (var line in new[]
        {
            "/* Functions of * /. AAPCS: call them as C functions. */",
            "void x_y_(void) __asm__(\"x-y\");",
            "void x_y(int32_t);",
            "void quo_te__(void) __asm__(\"quo\\\"te\\\\\\012\");",
            "/* : no name, not callable from C */",
            "/* * / int evil; /*: several results, not callable from C */",
            "void a_tick(void) __asm__(\"a.tick\");",
            "void b_tick(int32_t) __asm__(\"b.tick\");",
        })
        {
            Assert.AreEqual(1, lines.Count(l => l == line), line);
        }
    }

    private static string Header(Module module, string name) => CHeader.Write(module, f => new SymbolNames(module, "m.wat").Functions[f.Index], name);
}
