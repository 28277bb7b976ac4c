using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Shared;

namespace Pulse.Build.Tests.Ir;

/// <summary>Functions that are large in one respect: an algorithm that is not linear there would not come to an end, or not fit the stack.</summary>
[TestClass]
public sealed class ScaleTests
{
    private const int Size = 10_000;

    public static IEnumerable<object[]> Shapes => ModuleShapes.Names.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void A_large_function_comes_back_valid_and_no_longer(string shape)
    {
        var bytes = ModuleWriter.Write(ModuleShapes.Make(shape, Size));
        var module = ModuleReader.Read(bytes, shape);
        Validator.Validate(module, shape);
        var program = ProgramReader.Read(module);
        program.Functions.Where(function => program.Body(function) is not null).ToList().ForEach(program.MarkChanged);
        var after = ModuleWriter.Write(ProgramWriter.Write(program));
        Validator.Validate(ModuleReader.Read(after, shape), shape);

        // The stackifier looks back a few hundred instructions only: of thousands of operands, most go through locals.
        Assert.IsLessThanOrEqualTo(shape == "operands" ? 3 * bytes.Length : bytes.Length, after.Length);
    }

    [TestMethod]
    public void Code_nested_deeper_than_a_stack_comes_back()
    {
        var module = ModuleShapes.Make("switch", 60_000);
        var body = SsaToWasm.Convert(WasmToSsa.Convert(module, new FuncIndex(0))!, module);
        module.Functions[0] = module.Functions[0] with { Body = body };
        Validator.Validate(module, "switch");
    }

    [TestMethod]
    public void A_function_that_would_need_more_locals_than_engines_take_is_carried_through()
    {
        var module = ModuleShapes.Make("operands", 60_000);
        var original = module.Functions[0].Body;
        var program = ProgramReader.Read(module);
        Assert.IsNotNull(program.Body(new FuncIndex(0)));
        program.MarkChanged(new FuncIndex(0));
        Assert.AreSame(original, ProgramWriter.Write(program).Functions[0].Body);
    }

    [TestMethod]
    public void Values_share_the_first_local_that_is_free_for_all_of_them()
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var locals = new LocalsOfType([]);
            var all = new List<Local>();
            foreach (var start in Enumerable.Range(0, 300).Select(_ => random.Next(400)).Order())
            {
                var end = start + 1 + random.Next(40);
                var hole = end + random.Next(1, 30);
                var wanted = new SegmentSet([new Segment(start, end), new Segment(hole, hole + 1 + random.Next(round))]);
                var expected = all.Find(local => !local.Segments.Overlaps(wanted));
                Assert.AreSame(expected, locals.FirstFit(wanted));
                if (expected is null)
                {
                    all.Add(expected = new Local(ValType.I32));
                    locals.Add(expected);
                }

                expected.Segments = SegmentSet.Join(expected.Segments, wanted);
            }
        }
    }

    [TestMethod]
    public void A_function_whose_SSA_form_would_be_out_of_proportion_is_carried_through()
    {
        // Eight thousand locals that live through two thousand loops.
        var code = new ByteWriter();
        for (var i = 0; i < 2000; i++)
        {
            code.Bytes([(byte)Opcode.Loop, 0x40, (byte)Opcode.LocalGet, 0, (byte)Opcode.BrIf, 0, (byte)Opcode.End]);
        }

        for (var i = 1; i < 8000; i++)
        {
            code.U8((byte)Opcode.LocalGet);
            code.Uleb((ulong)i);
            code.U8((byte)Opcode.Drop);
        }

        code.U8((byte)Opcode.End);
        var module = new Module();
        var type = module.AddType(FuncType.Of([ValType.I32], []));
        module.Functions.Add(new ModuleFunction(type, null, new FunctionBody([new LocalGroup(8000, ValType.I32)], code.ToArray())));
        Validator.Validate(module, "");
        Assert.IsNull(WasmToSsa.Convert(module, new FuncIndex(0)));
        var program = ProgramReader.Read(module);
        Assert.AreSame(module.Functions[0].Body, ProgramWriter.Write(program).Functions[0].Body);
    }

    [TestMethod]
    public void Segments_added_in_any_order_are_the_positions_of_all()
    {
        var random = new Random(7);
        for (var round = 0; round < 20; round++)
        {
            var (set, other) = (new SegmentSet(), new SegmentSet());
            var (expected, alone) = (new bool[8100], new bool[8100]);
            for (var i = 0; i < 2500; i++)
            {
                var start = random.Next(8000);
                var segment = new Segment(start, start + 1 + random.Next(round % 4 == 0 ? 90 : 2));
                (i < 2400 ? set : other).Add(segment);
                Array.Fill(i < 2400 ? expected : alone, true, segment.Start, segment.End - segment.Start);
            }

            Assert.AreEqual(expected.Zip(alone).Any(pair => pair.First && pair.Second), set.Overlaps(other));
            var joined = SegmentSet.Join(set, other);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i] || alone[i], joined.Contains(i), $"round {round}, position {i}");
            }
        }
    }
}
