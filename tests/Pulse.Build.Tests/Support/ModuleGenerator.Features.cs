using System.Collections.Immutable;
using System.Numerics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Support;

/// <summary>
/// Code that <see cref="GeneratorFeatures"/> adds. With any of them a module behaves the same everywhere, bit by bit: every NaN that arithmetic
/// makes becomes the canonical one, and a global counts calls down to a trap, so that calls through changing tables end too.
/// </summary>
internal sealed partial class ModuleGenerator
{
    private const int Calls = 100;
    private const int MutableFunctions = 1;
    private const int MutableObjects = 2;

    private static readonly string[] NanMakers = ["ceil", "floor", "trunc", "nearest", "sqrt", "add", "sub", "mul", "div", "min", "max"];

    private static readonly ILookup<ValType, OpcodeInfo> LaneReads = Rows(ImmediateKind.Lane).Where(row => row.Pops.Length == 1).ToLookup(row => row.Pushes[0]);

    private static readonly OpcodeInfo[] LaneWrites = [.. Rows(ImmediateKind.Lane).Where(row => row.Pops.Length == 2)];

    private static readonly ILookup<bool, OpcodeInfo> LaneAccesses = Rows(ImmediateKind.MemArgLane).ToLookup(row => row.Pushes.Length > 0);

    private static readonly uint[] Floats =
        [0, 0x8000_0000, 0x3F80_0000, 0xBFC0_0000, 0x4020_0000, 0x7F80_0000, 0xFF80_0000, 0x4F00_0000, 0xCF00_0001, 0x3EFF_FFFF, 0x0000_0001, 0x42F6_E979];

    private int _references;
    private int _fuel;

    private IEnumerable<ValType> Scratch => _features == GeneratorFeatures.None ? []
        : Has(GeneratorFeatures.Vectors) ? [ValType.F32, ValType.F64, ValType.V128] : [ValType.F32, ValType.F64];

    private static bool IsValue(ValType type) => Numeric.Contains(type) || type == ValType.V128;

    private static IEnumerable<OpcodeInfo> Rows(ImmediateKind immediate) => Deterministic.Where(row => row.Immediate == immediate);

    private bool Has(GeneratorFeatures feature) => (_features & feature) != 0;

    private void AddSpaces(ImmutableArray<FuncIndex> all)
    {
        if (Has(GeneratorFeatures.Vectors))
        {
            _module.Globals.Add(new ModuleGlobal(ValType.V128, true, null, ConstantExpression.Make(writer => writer.Write(Constant128(0x7FC0_0000, 0x8000)))));
        }

        _references = _module.Globals.Count;
        if (Has(GeneratorFeatures.References))
        {
            _module.Globals.Add(new ModuleGlobal(ValType.FuncRef, true, null, ConstantExpression.Function(all[^1])));
            _module.Globals.Add(new ModuleGlobal(ValType.ExternRef, true, null, ConstantExpression.Null(ValType.ExternRef)));
            _module.Exports.Add(new Export("host", ExternKind.Global, _references + 1));
            _module.Tables.Add(new ModuleTable(ValType.FuncRef, new Limits(4, 8), null));
            _module.Tables.Add(new ModuleTable(ValType.ExternRef, new Limits(3, 6), null));
            _module.Elements.Add(new ElementSegment(SegmentMode.Passive, default, null, ValType.FuncRef, all, []));
            _module.Elements.Add(new ElementSegment(SegmentMode.Passive, default, null, ValType.ExternRef, [], [ConstantExpression.Null(ValType.ExternRef)]));
        }

        if (Has(GeneratorFeatures.Memories))
        {
            _module.Memories.Add(new ModuleMemory(new Limits(1, 2), null));
            _module.Exports.Add(new Export("memory1", ExternKind.Memory, 1));
        }

        if (Has(GeneratorFeatures.Bulk))
        {
            _module.Data.Add(new DataSegment(SegmentMode.Passive, default, null, Enumerable.Range(1, 40).Select(i => (byte)(i * 37)).ToArray()));
            _module.Data.Add(new DataSegment(SegmentMode.Active, new MemoryIndex(_module.Memories.Count - 1), ConstantExpression.I32(0x20), "some data"u8.ToArray()));
            _module.HasDataCount = true;
        }

        _fuel = _module.Globals.Count;
        if (_features != GeneratorFeatures.None)
        {
            _module.Globals.Add(new ModuleGlobal(ValType.I32, true, null, ConstantExpression.I32(0)));
        }
    }

    private void CountCall()
    {
        if (_features == GeneratorFeatures.None)
        {
            return;
        }

        _code.Op(Opcode.GlobalGet, _fuel);
        _code.Op(Opcode.I32Eqz);
        _code.Block(Opcode.If, -0x40);
        _code.Op(Opcode.Unreachable);
        _code.End();
        _code.Op(Opcode.GlobalGet, _fuel);
        _code.I32Const(1);
        _code.Op(Opcode.I32Sub);
        _code.Op(Opcode.GlobalSet, _fuel);
    }

    /// <summary>In half of the functions, every local can be seen at the end; in the others, what only they need is dead.</summary>
    private void KeepLocals()
    {
        if (_features == GeneratorFeatures.None || Choose(2) == 0)
        {
            return;
        }

        for (var i = 0; i < _counters; i++)
        {
            var local = i;
            Keep(LocalsAt + (_function * 256) + (i * 16), _locals[i], () => _code.Op(Opcode.LocalGet, local));
        }
    }

    private void FeatureStatement()
    {
        (GeneratorFeatures Needs, Action Write)[] all =
        [
            (GeneratorFeatures.References, SetReference), (GeneratorFeatures.References, SetEntry), (GeneratorFeatures.References, FillTable),
            (GeneratorFeatures.References, CallEntry), (GeneratorFeatures.References | GeneratorFeatures.Bulk, MoveEntries),
            (GeneratorFeatures.Bulk, InitMemory), (GeneratorFeatures.Bulk, CopyMemory), (GeneratorFeatures.Memories, StoreElsewhere),
            (GeneratorFeatures.TailCalls, Leave), (GeneratorFeatures.Vectors, StoreLane), (GeneratorFeatures.None, Jump),
        ];
        Pick(all.Where(one => (_features & one.Needs) == one.Needs).ToArray()).Write();
    }

    /// <summary>An expression that only the features have; false when they have none of this type.</summary>
    private bool FeatureExpression(ValType type, int depth)
    {
        (bool Fits, Action Write)[] all =
        [
            (Has(GeneratorFeatures.References) && type == ValType.I32, () => AskTable(depth)),
            (Has(GeneratorFeatures.Memories), () => LoadElsewhere(type)),
            (Has(GeneratorFeatures.Memories) && type == ValType.I32, AskMemory),
            (Has(GeneratorFeatures.Vectors) && type != ValType.V128, () => ReadLane(type, depth)),
            (type == ValType.V128, () => WriteLane(depth)),
            (type == ValType.V128, () => Shuffle(depth)),
            (type == ValType.V128, LoadLane),
            (type == ValType.V128, () => Operate(type, depth)),
            (type == ValType.V128, () => Operate(type, depth)),
            (type == ValType.V128, () => Operate(type, depth)),
        ];
        var fitting = all.Where(one => one.Fits).ToArray();
        if (fitting.Length == 0)
        {
            return false;
        }

        Pick(fitting).Write();
        return true;
    }

    /// <summary>Makes any NaN that <paramref name="row"/> left on the stack the canonical one: which one it is, engines may choose.</summary>
    private void Canonical(OpcodeInfo row)
    {
        var (shape, word) = (row.Mnemonic.Split('.')[0], row.Mnemonic.Split('.')[1]);
        var isDouble = shape is "f64" or "f64x2";
        if (_features == GeneratorFeatures.None || shape[0] != 'f'
            || (!NanMakers.Contains(word) && !word.StartsWith("demote", StringComparison.Ordinal) && !word.StartsWith("promote", StringComparison.Ordinal)))
        {
            return;
        }

        var isVector = row.Pushes[0] == ValType.V128;
        var local = _counters + 3 + (isVector ? 2 : isDouble ? 1 : 0);
        _code.Op(Opcode.LocalTee, local);
        if (isVector)
        {
            _code.Write(isDouble ? Constant128(0x7FF8_0000_0000_0000, 0x7FF8_0000_0000_0000) : Constant128(0x7FC0_0000_7FC0_0000, 0x7FC0_0000_7FC0_0000));
        }
        else if (isDouble)
        {
            _code.F64Const(0x7FF8_0000_0000_0000);
        }
        else
        {
            _code.F32Const(0x7FC0_0000);
        }

        _code.Op(Opcode.LocalGet, local);
        _code.Op(Opcode.LocalGet, local);
        _code.Op(isVector ? isDouble ? Opcode.F64x2Eq : Opcode.F32x4Eq : isDouble ? Opcode.F64Eq : Opcode.F32Eq);
        _code.Op(isVector ? Opcode.V128Bitselect : Opcode.Select);
    }

    private static Instruction Constant128(ulong low, ulong high) => new(Opcodes.Get(Opcode.V128Const), 0) { Wide = low, High = high };

    /// <summary>Lanes that are equal, at the ends of a type, floats, or anything.</summary>
    private void VectorConstant()
    {
        ulong Half(int kind) => kind switch
        {
            0 => Pick<ulong>([0, ulong.MaxValue, 0x7FFF_8000_FFFF_0001, 0x8000_0000_7FFF_FFFF, 0x0706_0504_0302_0100, 0xFF10_0D0C_0B0A_0908]),
            1 => Pick(Floats) | ((ulong)Pick(Floats) << 32),
            2 => BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle(Pick(Floats))),
            _ => unchecked(Byte() * 0x9E37_79B9_7F4A_7C15UL),
        };
        var kind = Choose(4);
        _code.Write(Constant128(Half(kind), Half(kind)));
    }

    private void ReadLane(ValType type, int depth)
    {
        var row = Pick(LaneReads[type].ToArray());
        Expression(ValType.V128, depth);
        _code.Write(new Instruction(row, 0) { A = Choose(row.Lanes) });
    }

    private void WriteLane(int depth)
    {
        var row = Pick(LaneWrites);
        Expression(ValType.V128, depth);
        Expression(row.Pops[1], depth);
        _code.Write(new Instruction(row, 0) { A = Choose(row.Lanes) });
    }

    private void Shuffle(int depth)
    {
        Expression(ValType.V128, depth);
        Expression(ValType.V128, depth);
        _code.Write(new Instruction(Opcodes.Get(Opcode.I8x16Shuffle), 0) { Wide = Lanes(), High = Lanes() });
    }

    private ulong Lanes() => Enumerable.Range(0, 8).Aggregate(0UL, (lanes, _) => (lanes << 8) | (uint)Choose(32));

    private void LoadLane() => AccessLane(Pick(LaneAccesses[true].ToArray()));

    private void StoreLane() => AccessLane(Pick(LaneAccesses[false].ToArray()));

    private void AccessLane(OpcodeInfo row)
    {
        Address();
        Expression(ValType.V128, 2);
        _code.Write(new Instruction(row, 0) { A = AnyMemory(), B = Alignment(row), Wide = (ulong)Choose(16), High = (ulong)Choose(row.Lanes) });
    }

    private int AnyMemory() => Choose(_module.Memories.Count);

    private int Alignment(OpcodeInfo row) => Choose(BitOperations.Log2((uint)row.AccessBytes) + 1);

    private void StoreElsewhere()
    {
        var row = Pick(Stores[Pick(_numeric)].ToArray());
        Address();
        Expression(row.Pops[1], 3);
        _code.MemArg(row.Opcode, 1, Alignment(row), (ulong)Choose(16));
    }

    private void LoadElsewhere(ValType type)
    {
        var row = Pick(Loads[type].ToArray());
        Address();
        _code.MemArg(row.Opcode, 1, Alignment(row), (ulong)Choose(16));
    }

    private void AskMemory()
    {
        var memory = AnyMemory();
        if (Choose(3) == 0)
        {
            _code.I32Const(Choose(2));
            _code.Op(Opcode.MemoryGrow, memory);
        }
        else
        {
            _code.Op(Opcode.MemorySize, memory);
        }
    }

    private void InitMemory()
    {
        if (Choose(8) == 0)
        {
            _code.Op(Opcode.DataDrop, 0);
            return;
        }

        Address();
        _code.I32Const(Choose(32));
        _code.I32Const(Choose(10));
        _code.Op(Opcode.MemoryInit, 0, AnyMemory());
    }

    private void CopyMemory()
    {
        Address();
        Address();
        _code.I32Const(Choose(64));
        _code.Op(Opcode.MemoryCopy, AnyMemory(), AnyMemory());
    }

    private static int TableOf(ValType type) => type == ValType.FuncRef ? MutableFunctions : MutableObjects;

    private ValType AnyReference() => Pick([ValType.FuncRef, ValType.ExternRef]);

    /// <summary>Mostly an entry that is there.</summary>
    private void Entry()
    {
        Expression(ValType.I32, 1);
        _code.I32Const(Choose(8) == 0 ? 7 : 3);
        _code.Op(Opcode.I32And);
    }

    private void SetReference()
    {
        var type = AnyReference();
        Expression(type, 2);
        _code.Op(Opcode.GlobalSet, _references + (type == ValType.FuncRef ? 0 : 1));
    }

    private void SetEntry()
    {
        var type = AnyReference();
        Entry();
        Expression(type, 2);
        _code.Op(Opcode.TableSet, TableOf(type));
    }

    private void FillTable()
    {
        var type = AnyReference();
        Entry();
        Expression(type, 2);
        _code.I32Const(Choose(3));
        _code.Op(Opcode.TableFill, TableOf(type));
    }

    private void MoveEntries()
    {
        var type = AnyReference();
        var table = TableOf(type);
        if (Choose(8) == 0)
        {
            _code.Op(Opcode.ElemDrop, table);
            return;
        }

        Entry();
        _code.I32Const(Choose(2));
        _code.I32Const(Choose(3));
        if (Choose(2) == 0)
        {
            _code.Op(Opcode.TableInit, table, table);
        }
        else
        {
            _code.Op(Opcode.TableCopy, table, type == ValType.FuncRef ? Choose(2) : table);
        }
    }

    private void AskTable(int depth)
    {
        var type = AnyReference();
        switch (Choose(4))
        {
            case 0:
                _code.Op(Opcode.TableSize, TableOf(type));
                break;
            case 1:
                Expression(type, depth);
                _code.I32Const(Choose(3));
                _code.Op(Opcode.TableGrow, TableOf(type));
                break;
            default:
                Expression(type, depth);
                _code.Op(Opcode.RefIsNull);
                break;
        }
    }

    /// <summary>A call of whatever stands in the table that changes; its type may not be the one that is asked for.</summary>
    private void CallEntry()
    {
        var type = _module.Functions[Imports + Choose(_module.Functions.Count - Imports)].Type;
        foreach (var parameter in _module.Types[type.Index].Parameters)
        {
            Expression(parameter, 2);
        }

        Entry();
        _code.Op(Opcode.CallIndirect, type.Index, MutableFunctions);
        foreach (var _ in _module.Types[type.Index].Results)
        {
            _code.Op(Opcode.Drop);
        }
    }

    /// <summary>Under a condition, leaves the function by a tail call of a later one with its results, or by a return.</summary>
    private void Leave()
    {
        Expression(ValType.I32, 2);
        _code.Block(Opcode.If, -0x40);
        _labels.Add(null);
        var callees = Enumerable.Range(_function + 1, _module.Functions.Count - _function - 1)
            .Where(index => _module.TypeOf(new FuncIndex(index)).Results.SequenceEqual(_type.Results)).ToArray();
        var callee = callees.Length == 0 ? -1 : Pick(callees);
        foreach (var operand in callee < 0 ? _type.Results : _module.TypeOf(new FuncIndex(callee)).Parameters)
        {
            Expression(operand, 2);
        }

        if (callee < 0)
        {
            _code.Op(Opcode.Return);
        }
        else if (Choose(3) == 0)
        {
            _code.I32Const(callee - Imports);
            _code.Op(Opcode.ReturnCallIndirect, _module.Functions[callee].Type.Index, 0);
        }
        else
        {
            _code.Op(Opcode.ReturnCall, callee);
        }

        _labels.RemoveAt(_labels.Count - 1);
        _code.End();
    }

    /// <summary>Under a condition, goes behind an open block, with code that nothing reaches after it.</summary>
    private void Jump()
    {
        Expression(ValType.I32, 2);
        _code.Block(Opcode.If, -0x40);
        _labels.Add(null);
        var open = Enumerable.Range(0, _labels.Count).Where(at => _labels[at] is null).ToArray();
        _code.Op(Opcode.Br, _labels.Count - 1 - Pick(open));
        _code.Op(Opcode.Nop);
        SetLocal();
        _labels.RemoveAt(_labels.Count - 1);
        _code.End();
    }

    private bool Reference(ValType type, int depth)
    {
        switch (Choose(depth == 0 ? 3 : 8))
        {
            case 0:
                _code.RefNull(type);
                break;
            case 1:
                Local(type);
                break;
            case 2 when type == ValType.FuncRef:
                _code.Op(Opcode.RefFunc, Imports + Choose(_module.Functions.Count - Imports));
                break;
            case 2 or 3:
                _code.Op(Opcode.GlobalGet, _references + (type == ValType.FuncRef ? 0 : 1));
                break;
            case 4 or 5:
                Entry();
                _code.Op(Opcode.TableGet, TableOf(type));
                break;
            case 6:
                Expression(type, depth - 1);
                Expression(type, depth - 1);
                Expression(ValType.I32, depth - 1);
                _code.Select(type);
                break;
            default:
                Call(type);
                break;
        }

        return true;
    }
}
