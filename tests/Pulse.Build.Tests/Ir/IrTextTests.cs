using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Verification;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class IrTextTests
{
    internal const string Everything = """
        func @"a \"name\" with (signs); and blanks"(i32, f64) -> (i32, i64) {
        b0(v0: i32, v1: f64):
          v2 = i32.const -5
          v3 = i64.const 9223372036854775807
          v4 = f32.const -nan:0x400001
          v5 = f64.const -0
          v6 = f32.const inf
          v7 = f64.const 1.5E-300
          v8: funcref = ref.null funcref
          v9: i32 = ref.is_null v8
          v10 = i64.load16_u mem1 offset=4294967295 align=1 v0
          i32.store8 v0, v2
          v11: i32, v12: i64 = call func3 v0
          v13: i32 = call_indirect type2 table1 v0, v2
          v14: i64 = select v3, v10, v2
          memory.init data1 mem0 v0, v2, v2
          v15 = v128.const 000102030405060708090a0b0c0dfeff
          v16 = i8x16.shuffle 000102030405060708090a0b0c0d1e1f v15, v15
          v17 = i16x8.extract_lane_s lane=7 v16
          v18 = v128.load64_lane mem1 offset=8 align=1 lane=1 v0, v16
          v128.store8_lane lane=15 v0, v18
          v128.store align=4 v0, v18
          v19 = i32.atomic.rmw8.cmpxchg_u offset=3 v0, v2, v17
          v20 = memory.atomic.wait64 v0, v3, v3
          atomic.fence
          br_table v0, b1, b2(v2, v14), b1
        b1:
          br_if v0, b2(v0, v12), b3
        b2(v21: i32, v22: i64):
          return v21, v22
        b3:
          unreachable
        }

        """;

    [TestMethod]
    public void Printing_what_was_parsed_gives_the_text_back()
    {
        var text = Everything.ReplaceLineEndings("\n");
        Assert.AreEqual(text, IrPrinter.Print(IrParser.Parse(text)));
    }

    [TestMethod]
    public void Every_function_of_the_suites_modules_survives_print_and_parse()
    {
        foreach (var file in SharedMaterial.Files("suites", "*.core.wasm"))
        {
            var program = ProgramReader.Read(ModuleReader.Read(File.ReadAllBytes(file), file));
            foreach (var index in program.Functions)
            {
                if (program.Body(index) is { } body)
                {
                    var text = IrPrinter.Print(body);
                    var parsed = IrParser.Parse(text);
                    Assert.AreEqual(text, IrPrinter.Print(parsed));
                    Assert.IsEmpty(IrVerifier.Verify(parsed, program.Module));
                }
            }
        }
    }

    [TestMethod]
    [DataRow("func @f() {\nb0:\n  i33.add\n}", 3, "'i33.add' is not an instruction")]
    [DataRow("func @f() {\nb0:\n  return v7\n}", 3, "v7 is not defined")]
    [DataRow("func @f() {\nb0:\n  br b7\n}", 3, "there is no block b7")]
    [DataRow("func @f() {\n  return\n}", 2, "before the first block")]
    [DataRow("func @f(i32) {\nb0:\n  return\n}", 2, "has not the parameters")]
    [DataRow("func @f() {\nb0:\n  v0 = call func1\n  return\n}", 3, "the type of a result of call must be written")]
    [DataRow("func @f() {\nb0:\n  v0 = i32.const x\n  return\n}", 3, "'x' is not a constant")]
    [DataRow("func @f() {\nb0:\n  v0 = v128.const 0011\n  return\n}", 3, "'0011' is not 16 bytes")]
    [DataRow("func @f(v128) {\nb0(v0: v128):\n  v1 = i8x16.extract_lane_u lane=16 v0\n  return\n}", 3, "i8x16.extract_lane_u has no such lane")]
    [DataRow("func @f(v128) {\nb0(v0: v128):\n  v1 = i8x16.extract_lane_u 3 v0\n  return\n}", 3, "'lane=' expected")]
    [DataRow("func @f() {\nb0:\n  return", 1, "is not closed")]
    [DataRow("func @f() {\nb0:\n  return\n}}", 4, "'}' is not expected")]
    [DataRow("func @f(i31) {\nb0:\n  return\n}", 1, "'i31' is not a type")]
    public void What_is_not_IR_is_refused_with_its_line(string text, int line, string message)
    {
        var error = Assert.ThrowsExactly<IrSyntaxException>(() => IrParser.ParseAll(text));
        Assert.AreEqual(line, error.Line);
        StringAssert.Contains(error.Message, message, StringComparison.Ordinal);
    }
}
