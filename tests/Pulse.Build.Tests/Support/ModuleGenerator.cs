using System.Collections.Immutable;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Support;

/// <summary>
/// Makes a valid module from bytes: the same bytes give the same module, more bytes give a larger one, and any bytes will do. Every call of
/// every exported function <c>f0</c>, <c>f1</c>, … ends: loops count down and calls go to later functions only. Traps are possible.
/// </summary>
/// <remarks>
/// The module imports <c>env.observe: (i32) -> i32</c>, and exports its memory and its four globals <c>g0</c> to <c>g3</c>, one of each type.
/// </remarks>
internal sealed partial class ModuleGenerator
{
    /// <summary>The import that sees what a function does.</summary>
    public const int Imports = 1;

    private static readonly ValType[] Numeric = [ValType.I32, ValType.I64, ValType.F32, ValType.F64];

    private static readonly ILookup<ValType, OpcodeInfo> Operations = Deterministic
        .Where(row => row is { Immediate: ImmediateKind.None, Pushes.Length: 1, Pops.Length: > 0 } && row.Pops.All(IsValue) && IsValue(row.Pushes[0]))
        .ToLookup(row => row.Pushes[0]);

    private static readonly ILookup<ValType, OpcodeInfo> Loads = Deterministic.Where(row => row.IsLoad && IsValue(row.Pushes[0]))
        .ToLookup(row => row.Pushes[0]);

    private static readonly ILookup<ValType, OpcodeInfo> Stores = Deterministic.Where(row => row.IsStore && IsValue(row.Pops[1]))
        .ToLookup(row => row.Pops[1]);

    private readonly byte[] _bytes;
    private readonly ValType[] _numeric;
    private readonly ValType[] _types;
    private readonly GeneratorFeatures _features;
    private readonly Dictionary<ValType, OpcodeInfo[]> _operations;
    private readonly Module _module = new();
    private int _next;
    private InstructionWriter _code;
    private ByteWriter _output = new();
    private List<ValType> _locals = [];
    private List<ValType?> _labels = [];
    private FuncType _type = FuncType.Of([], []);
    private int _function;
    private int _counters;

    private ModuleGenerator(ReadOnlySpan<byte> bytes, bool integers, GeneratorFeatures features)
    {
        _bytes = bytes.ToArray();
        _features = features;
        _numeric = integers ? [ValType.I32, ValType.I64] : Has(GeneratorFeatures.Vectors) ? [.. Numeric, ValType.V128] : Numeric;
        _types = Has(GeneratorFeatures.References) ? [.. _numeric, ValType.FuncRef, ValType.ExternRef] : _numeric;
        _operations = _numeric.ToDictionary(type => type, type => Operations[type].Where(row => row.Pops.All(_numeric.Contains)).ToArray());
    }

    private static IEnumerable<OpcodeInfo> Deterministic => Opcodes.Rows.Where(row => !row.IsCustom && row.Feature != WasmFeatures.RelaxedSimd);

    /// <summary>
    /// The module that <paramref name="bytes"/> stand for; its code computes with integers only where <paramref name="integers"/> says so, and
    /// uses more than the first version of the language where <paramref name="features"/> say so.
    /// </summary>
    public static Module Generate(ReadOnlySpan<byte> bytes, bool integers = false, GeneratorFeatures features = GeneratorFeatures.None)
    {
        var generator = new ModuleGenerator(bytes, integers, features);
        generator.Build();
        return generator._module;
    }

    private void Build()
    {
        var observe = new Import("env", "observe", ExternKind.Function);
        _module.Imports.Add(observe);
        _module.Functions.Add(new ModuleFunction(_module.AddType(FuncType.Of([ValType.I32], [ValType.I32])), observe, null));
        _module.Memories.Add(new ModuleMemory(new Limits(1, 3), null));
        _module.Exports.Add(new Export("memory", ExternKind.Memory, 0));
        _module.Globals.Add(new ModuleGlobal(ValType.I32, true, null, ConstantExpression.I32(11)));
        _module.Globals.Add(new ModuleGlobal(ValType.I64, true, null, ConstantExpression.I64(-12)));
        _module.Globals.Add(new ModuleGlobal(ValType.F32, true, null, ConstantExpression.F32(0x3FC0_0000)));
        _module.Globals.Add(new ModuleGlobal(ValType.F64, true, null, ConstantExpression.F64(0x4004_0000_0000_0000)));
        for (var i = 0; i < Numeric.Length; i++)
        {
            _module.Exports.Add(new Export($"g{i}", ExternKind.Global, i));
        }

        var types = Enumerable.Range(0, 1 + Choose(4)).Select(_ => RandomType()).ToArray();
        foreach (var type in types)
        {
            _module.Functions.Add(new ModuleFunction(_module.AddType(type), null, null));
        }

        var all = Enumerable.Range(Imports, types.Length).Select(index => new FuncIndex(index)).ToImmutableArray();
        _module.Tables.Add(new ModuleTable(ValType.FuncRef, new Limits((ulong)types.Length + 1, null), null));
        _module.Elements.Add(new ElementSegment(SegmentMode.Active, new TableIndex(0), ConstantExpression.I32(0), ValType.FuncRef, all, []));
        AddSpaces(all);
        for (_function = Imports; _function < _module.Functions.Count; _function++)
        {
            _module.Functions[_function] = _module.Functions[_function] with { Body = Body(types[_function - Imports]) };
            _module.Exports.Add(new Export($"f{_function - Imports}", ExternKind.Function, _function));
        }

        if (_features != GeneratorFeatures.None)
        {
            AddScript(types);
        }
    }

    private FuncType RandomType() => FuncType.Of(
        Enumerable.Range(0, Choose(4)).Select(_ => Pick(_types)).ToArray(),
        Enumerable.Range(0, Choose(5) switch { 0 => 0, 4 => 2, _ => 1 }).Select(_ => Pick(_types)).ToArray());

    private FunctionBody Body(FuncType type)
    {
        _type = type;
        _output = new ByteWriter();
        _code = new InstructionWriter(_output);
        var declared = Enumerable.Range(0, Choose(5)).Select(_ => Pick(_types)).ToArray();

        // The last locals count the rounds of nested loops and are not touched otherwise.
        _locals = [.. type.Parameters, .. declared];
        _counters = _locals.Count;
        _labels = [];
        CountCall();
        Statements(3);
        KeepLocals();
        foreach (var result in type.Results)
        {
            Expression(result, 4);
        }

        _code.End();
        return new FunctionBody([.. declared.Concat([ValType.I32, ValType.I32, ValType.I32]).Concat(Scratch).Select(local => new LocalGroup(1, local))], _output.ToArray());
    }

    private byte Byte() => _next < _bytes.Length ? _bytes[_next++] : (byte)0;

    private int Choose(int count) => Byte() % count;

    private T Pick<T>(IReadOnlyList<T> items) => items[Choose(items.Count)];

    private void Statements(int depth)
    {
        for (var count = 1 + Choose(depth == 3 && _features != GeneratorFeatures.None ? 16 : 4); count > 0 && _next < _bytes.Length; count--)
        {
            Statement(depth);
        }
    }

    private void Statement(int depth)
    {
        if (_features != GeneratorFeatures.None && Choose(3) == 0)
        {
            FeatureStatement();
            return;
        }

        switch (depth == 0 ? Choose(4) : Choose(12))
        {
            case 0:
                SetLocal();
                break;
            case 1:
                var global = Choose(_numeric.Length);
                Expression(_numeric[global], 3);
                _code.Op(Opcode.GlobalSet, global);
                break;
            case 2:
                var store = Pick(Stores[Pick(_numeric)].ToArray());
                Address();
                Expression(store.Pops[1], 3);
                _code.MemArg(store.Opcode, 0, Choose(System.Numerics.BitOperations.Log2((uint)store.AccessBytes) + 1), (ulong)Choose(16));
                break;
            case 3:
                Call(null);
                break;
            case 4 or 5:
                Block(Opcode.Block, depth);
                break;
            case 6 or 7:
                If(depth);
                break;
            case 8:
                Loop(depth);
                break;
            case 9:
                Table(depth);
                break;
            case 10:
                Branch();
                break;
            default:
                Bulk();
                break;
        }
    }

    private void SetLocal()
    {
        if (_counters > 0)
        {
            var local = Choose(_counters);
            Expression(_locals[local], 4);
            _code.Op(Opcode.LocalSet, local);
        }
    }

    private void Block(Opcode opcode, int depth)
    {
        _code.Block(opcode, -0x40);
        _labels.Add(null);
        Statements(depth - 1);
        _labels.RemoveAt(_labels.Count - 1);
        _code.End();
    }

    private void If(int depth)
    {
        Expression(ValType.I32, 3);
        _code.Block(Opcode.If, -0x40);
        _labels.Add(null);
        Statements(depth - 1);
        if (Choose(2) == 1)
        {
            _code.Op(Opcode.Else);
            Statements(depth - 1);
        }

        _labels.RemoveAt(_labels.Count - 1);
        _code.End();
    }

    /// <summary>A loop that ends after a few rounds; inside, nothing branches to its header but the counting end.</summary>
    private void Loop(int depth)
    {
        var counter = _counters + 3 - depth;
        _code.I32Const(1 + Choose(6));
        _code.Op(Opcode.LocalSet, counter);
        _code.Block(Opcode.Loop, -0x40);
        _labels.Add(ValType.V128);
        Statements(depth - 1);
        _code.Op(Opcode.LocalGet, counter);
        _code.I32Const(1);
        _code.Op(Opcode.I32Sub);
        _code.Op(Opcode.LocalTee, counter);
        _code.Op(Opcode.BrIf, 0);
        _labels.RemoveAt(_labels.Count - 1);
        _code.End();
    }

    /// <summary>Nested blocks and a table that goes behind one of them.</summary>
    private void Table(int depth)
    {
        var count = 1 + Choose(3);
        for (var i = 0; i <= count; i++)
        {
            _code.Block(Opcode.Block, -0x40);
            _labels.Add(null);
        }

        Expression(ValType.I32, 2);
        _code.BrTable([.. Enumerable.Range(0, count).Select(_ => Choose(count + 1))], count);
        for (var i = 0; i <= count; i++)
        {
            _labels.RemoveAt(_labels.Count - 1);
            _code.End();
            Statements(depth - 1);
        }
    }

    /// <summary>A conditional branch out of an open block; a label that is not null is a loop's.</summary>
    private void Branch()
    {
        var open = Enumerable.Range(0, _labels.Count).Where(at => _labels[at] is null).ToArray();
        if (open.Length == 0)
        {
            return;
        }

        var depth = _labels.Count - 1 - Pick(open);
        Expression(ValType.I32, 3);
        _code.Op(Opcode.BrIf, depth);
    }

    private void Bulk()
    {
        Address();
        if (Choose(2) == 0)
        {
            Address();
            _code.I32Const(Choose(64));
            _code.Op(Opcode.MemoryCopy, 0, 0);
        }
        else
        {
            Expression(ValType.I32, 2);
            _code.I32Const(Choose(64));
            _code.Op(Opcode.MemoryFill, 0);
        }
    }

    /// <summary>A call of a later function, directly or through the table, or of the import; <paramref name="wanted"/> stays on the stack.</summary>
    private void Call(ValType? wanted)
    {
        var callees = Enumerable.Range(_function + 1, _module.Functions.Count - _function - 1).Prepend(0)
            .Where(index => wanted is null || _module.TypeOf(new FuncIndex(index)).Results is [var only] && only == wanted).ToArray();
        if (callees.Length == 0)
        {
            Constant(wanted!.Value);
            return;
        }

        var callee = Pick(callees);
        var type = _module.TypeOf(new FuncIndex(callee));
        foreach (var parameter in type.Parameters)
        {
            Expression(parameter, 2);
        }

        if (callee >= Imports && Choose(3) == 0)
        {
            _code.I32Const(callee - Imports);
            _code.Op(Opcode.CallIndirect, _module.Functions[callee].Type.Index, 0);
        }
        else
        {
            _code.Op(Opcode.Call, callee);
        }

        for (var i = 0; wanted is null && i < type.Results.Length; i++)
        {
            _code.Op(Opcode.Drop);
        }
    }

    /// <summary>Mostly small, so that stores meet loads; now and then anything.</summary>
    private void Address()
    {
        Expression(ValType.I32, 2);
        if (Choose(16) != 15)
        {
            _code.I32Const(0x7F);
            _code.Op(Opcode.I32And);
        }
    }

    private void Expression(ValType type, int depth)
    {
        if (_next >= _bytes.Length)
        {
            Constant(type);
            return;
        }

        if (type.IsReference() ? Reference(type, depth) : _features != GeneratorFeatures.None && depth > 0 && Choose(4) == 0 && FeatureExpression(type, depth - 1))
        {
            return;
        }

        switch (depth == 0 ? Choose(3) : Choose(10))
        {
            case 0:
                Constant(type);
                break;
            case 1 or 2:
                Local(type);
                break;
            case 3:
                _code.Op(Opcode.GlobalGet, Array.IndexOf(_numeric, type));
                break;
            case 4:
                var load = Pick(Loads[type].ToArray());
                Address();
                _code.MemArg(load.Opcode, 0, Choose(System.Numerics.BitOperations.Log2((uint)load.AccessBytes) + 1), (ulong)Choose(16));
                break;
            case 5:
                Expression(type, depth - 1);
                Expression(type, depth - 1);
                Expression(ValType.I32, depth - 1);
                _code.Op(Opcode.Select);
                break;
            case 6:
                Typed(type, depth);
                break;
            case 7:
                Call(type);
                break;
            default:
                Operate(type, depth - 1);
                break;
        }
    }

    private void Operate(ValType type, int depth)
    {
        var row = Pick(_operations[type]);
        foreach (var operand in row.Pops)
        {
            Expression(operand, depth);
        }

        _code.Op(row.Opcode);
        Canonical(row);
    }

    /// <summary>A block or an if with a result.</summary>
    private void Typed(ValType type, int depth)
    {
        var isIf = Choose(2) == 0;
        if (isIf)
        {
            Expression(ValType.I32, depth - 1);
        }

        _code.Block(isIf ? Opcode.If : Opcode.Block, (int)type - 0x80);
        _labels.Add(type);
        Expression(type, depth - 1);
        if (isIf)
        {
            _code.Op(Opcode.Else);
            Expression(type, depth - 1);
        }
        else
        {
            Expression(ValType.I32, depth - 1);
            _code.Op(Opcode.BrIf, 0);
        }

        _labels.RemoveAt(_labels.Count - 1);
        _code.End();
    }

    private void Local(ValType type)
    {
        var fitting = Enumerable.Range(0, _counters).Where(local => _locals[local] == type).ToArray();
        if (fitting.Length == 0)
        {
            Constant(type);
            return;
        }

        var chosen = Pick(fitting);
        if (Choose(8) == 7)
        {
            Expression(type, 1);
            _code.Op(Opcode.LocalTee, chosen);
        }
        else
        {
            _code.Op(Opcode.LocalGet, chosen);
        }
    }

    private void Constant(ValType type)
    {
        switch (type)
        {
            case ValType.I32:
                _code.I32Const(Pick([0, 1, -1, 2, 31, 32, 127, 255, int.MinValue, int.MaxValue, Choose(256)]));
                break;
            case ValType.I64:
                _code.I64Const(Pick([0, 1, -1, 63, 64, 255, int.MaxValue, long.MinValue, long.MaxValue, Choose(256)]));
                break;
            case ValType.F32:
                _code.F32Const(Pick([0u, 0x8000_0000u, 0x3F80_0000u, 0xBFC0_0000u, 0x7F80_0000u, 0x4F00_0000u]));
                break;
            case ValType.V128:
                VectorConstant();
                break;
            case ValType.FuncRef or ValType.ExternRef:
                _code.RefNull(type);
                break;
            default:
                _code.F64Const(Pick([0UL, 0x3FF0_0000_0000_0000UL, 0xC000_0000_0000_0000UL, 0x7FF0_0000_0000_0000UL, 0x41E0_0000_0000_0000UL]));
                break;
        }
    }
}
