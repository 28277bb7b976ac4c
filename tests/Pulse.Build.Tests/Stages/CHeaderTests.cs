using Pulse.Build.Engine.Pipelines;
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
            CHeader.Write(module, "my-app"));
    }
}
