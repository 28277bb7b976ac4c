using Pulse.Build.Engine.Codegen;
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
              (func $register (export "register"))
              (start $register)
              (memory 1)
              (func (export "pair") (result i32 i32) unreachable))
            """,
            "m.wat");
        Assert.AreEqual(
            """
            /* my-app: a WebAssembly module as an object.
             *
             * Calls: AAPCS with floating point in core registers (-mfloat-abi=soft or softfp), the stack aligned to 8 bytes.
             * Traps: a trap executes `udf #KIND`, a UsageFault, or a HardFault where that is not enabled. KIND is the low byte of the
             *   instruction at the stacked PC: 1 unreachable, 2 memory bounds, 3 divide by zero, 4 integer overflow, 5 table bounds, 6 null function, 7 signature mismatch, 8 stack overflow, 9 unaligned atomic.
             *   After a trap nothing may be called here before memory and variables are as they were at reset.
             * Re-entrancy: the functions share memory and variables without locks. While one runs, neither an interrupt handler, nor another
             *   thread, nor a function that is supplied may call one; what the project names as an InterruptHandler may interrupt the others. */
            #ifndef MY_APP_H
            #define MY_APP_H

            #include <stdint.h>

            #ifdef __cplusplus
            extern "C" {
            #endif

            /* To be called once, after .data and .bss are initialised and before any other function. */
            void my_app_init(void);

            int32_t mix(int32_t, int64_t, float, double);
            int64_t gust_poll(void); /* gust-poll */
            void _register(void); /* register */
            /* pair: several results, not callable from C */

            /* Linear memory, and the address of an offset in it: what the functions call a pointer is such an offset. */
            #define MY_APP_MEMORY_SIZE 65536u
            extern uint8_t my_app_memory[65536u];
            static inline void *my_app_address(uint32_t offset) { return my_app_memory + offset; }

            /* To be supplied by the program. */
            void delay(int64_t);

            #ifdef __cplusplus
            }
            #endif

            #endif

            """,
            Header(module, "my-app"));
    }

    [TestMethod]
    public void Names_that_C_cannot_spell_are_said_and_those_that_look_alike_are_told_apart()
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
            "/* * /: a WebAssembly module as an object.",
            "void x_y_(void); /* x-y */",
            "void x_y(int32_t);",
            "void quo_te__(void); /* quo\"te\\  */",
            "void _(void); /*  */",
            "/* * / int evil; / *: several results, not callable from C */",
            "void a_tick(void); /* a.tick */",
            "void b_tick(int32_t); /* b.tick */",
        })
        {
            Assert.AreEqual(1, lines.Count(l => l == line), line);
        }
    }

    private static string Header(Module module, string name)
    {
        var plan = new ModulePlan(module, "m.wat", new CompilerOptions());
        return CHeader.Write(plan, new CNames(plan, name), name);
    }
}
