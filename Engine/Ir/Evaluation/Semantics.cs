using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>What every instruction does that is neither a call nor a terminator. Numeric ones stand in <see cref="NumericSemantics"/>.</summary>
/// <remarks>Core 3.0 #exec-instructions</remarks>
internal static class Semantics
{
    /// <summary>Runs <paramref name="inst"/>: reads its operands, sets its results.</summary>
    public static void Run(Frame frame, Inst inst)
    {
        var row = frame.Function.InfoOf(inst);
        if (row.Feature == WasmFeatures.Threads)
        {
            AtomicSemantics.Run(frame, inst, row);
        }
        else if (row.Feature is WasmFeatures.Simd or WasmFeatures.RelaxedSimd)
        {
            Vector(frame, inst, row);
        }
        else if (row.IsLoad)
        {
            Load(frame, inst, row);
        }
        else if (row.IsStore)
        {
            Store(frame, inst, row);
        }
        else if (!Numeric(frame, inst, row) && !Variable(frame, inst, row.Opcode) && !Memory(frame, inst, row.Opcode) && !Table(frame, inst, row.Opcode))
        {
            throw new InvariantException($"{row.Mnemonic} has no row in the evaluator");
        }
    }

    /// <summary>Whether the evaluator runs <paramref name="row"/>: every instruction of the IR must be covered.</summary>
    public static bool Covers(OpcodeInfo row) =>
        row.AccessBytes > 0
        || row.Opcode == Opcode.AtomicFence
        || VectorSemantics.Covers(row)
        || row.Immediate is ImmediateKind.Const32 or ImmediateKind.Const64 or ImmediateKind.Float32 or ImmediateKind.Float64
        || NumericSemantics.TryRun(row.Opcode, [1, 1], out _, out _)
        || row.Opcode is Opcode.Select or Opcode.GlobalGet or Opcode.GlobalSet or Opcode.RefNull or Opcode.RefIsNull or Opcode.RefFunc
            or Opcode.MemorySize or Opcode.MemoryGrow or Opcode.MemoryInit or Opcode.DataDrop or Opcode.MemoryCopy or Opcode.MemoryFill
            or Opcode.TableGet or Opcode.TableSet or Opcode.TableSize or Opcode.TableGrow or Opcode.TableInit or Opcode.ElemDrop
            or Opcode.TableCopy or Opcode.TableFill or Opcode.Call or Opcode.CallIndirect
        || IrTerminators.Is(row.Opcode);

    private static bool Numeric(Frame frame, Inst inst, OpcodeInfo row)
    {
        if (row.Immediate is ImmediateKind.Const32 or ImmediateKind.Const64 or ImmediateKind.Float32 or ImmediateKind.Float64)
        {
            frame.SetResult(inst, frame.Function.ImmediatesOf(inst).Wide);
            return true;
        }

        if (row.IsCustom || row.Immediate != ImmediateKind.None)
        {
            return false;
        }

        Span<ulong> operands = stackalloc ulong[3];
        var count = frame.Function.Arguments(inst).Length;
        for (var i = 0; i < count; i++)
        {
            operands[i] = frame.Argument(inst, i).Bits;
        }

        if (!NumericSemantics.TryRun(row.Opcode, operands[..count], out var result, out var trap))
        {
            return false;
        }

        if (trap != TrapKind.None)
        {
            throw new TrapException(trap);
        }

        frame.SetResult(inst, result);
        return true;
    }

    private static void Vector(Frame frame, Inst inst, OpcodeInfo row)
    {
        if (row.AccessBytes > 0)
        {
            VectorAccess.Run(frame, inst, row);
            return;
        }

        Span<UInt128> operands = stackalloc UInt128[3];
        var count = frame.Function.Arguments(inst).Length;
        for (var i = 0; i < count; i++)
        {
            operands[i] = frame.Argument(inst, i).AsV128;
        }

        var immediates = frame.Function.ImmediatesOf(inst);
        var immediate = row.Immediate == ImmediateKind.Lane ? (UInt128)immediates.A : immediates.Bytes;
        InvariantException.Require(VectorSemantics.TryRun(row.Opcode, operands[..count], immediate, out var result), "every vector instruction has semantics");
        frame.SetBits(inst, result);
    }

    private static bool Variable(Frame frame, Inst inst, Opcode opcode)
    {
        var index = frame.Function.ImmediatesOf(inst).A;
        switch (opcode)
        {
            case Opcode.Select:
                frame.SetCopy(inst, frame.Argument(inst, frame.Argument(inst, 2).Bits != 0 ? 0 : 1));
                return true;
            case Opcode.GlobalGet:
                frame.SetCopy(inst, frame.Instance.Globals[index].Value);
                return true;
            case Opcode.GlobalSet:
                frame.Instance.Globals[index].Value = frame.Argument(inst, 0);
                return true;
            case Opcode.RefNull:
                frame.SetResult(inst, 0);
                return true;
            case Opcode.RefIsNull:
                frame.SetResult(inst, frame.Argument(inst, 0).Reference is null ? 1UL : 0UL);
                return true;
            case Opcode.RefFunc:
                frame.SetResult(inst, 0, frame.Instance.Functions[index]);
                return true;
            default:
                return false;
        }
    }

    private static void Load(Frame frame, Inst inst, OpcodeInfo row)
    {
        var (memory, address) = Access(frame, inst, row);
        frame.SetResult(inst, Extend(row.Opcode, memory.Read(address, row.AccessBytes)));
    }

    private static void Store(Frame frame, Inst inst, OpcodeInfo row)
    {
        var (memory, address) = Access(frame, inst, row);
        memory.Write(address, row.AccessBytes, frame.Argument(inst, 1).Bits);
    }

    /// <summary>The memory and the address of an access; traps when it is not inside.</summary>
    public static (MemoryInstance Memory, ulong Address) Access(Frame frame, Inst inst, OpcodeInfo row)
    {
        var immediates = frame.Function.ImmediatesOf(inst);
        var memory = frame.Instance.Memories[immediates.A];
        var address = unchecked(frame.Argument(inst, 0).Bits + immediates.Wide);
        return address >= immediates.Wide && memory.Holds(address, (ulong)row.AccessBytes)
            ? (memory, address)
            : throw new TrapException(TrapKind.OutOfBoundsMemory);
    }

    private static ulong Extend(Opcode opcode, ulong bits) => unchecked(opcode switch
    {
        Opcode.I32Load8S => (uint)(sbyte)bits,
        Opcode.I32Load16S => (uint)(short)bits,
        Opcode.I64Load8S => (ulong)(sbyte)bits,
        Opcode.I64Load16S => (ulong)(short)bits,
        Opcode.I64Load32S => (ulong)(int)bits,
        _ => bits,
    });

    private static bool Memory(Frame frame, Inst inst, Opcode opcode)
    {
        var (a, b) = (frame.Function.ImmediatesOf(inst).A, frame.Function.ImmediatesOf(inst).B);
        var memories = frame.Instance.Memories;
        var x = frame.Arguments(inst);
        switch (opcode)
        {
            case Opcode.MemorySize:
                frame.SetResult(inst, memories[a].Pages);
                return true;
            case Opcode.MemoryGrow:
                frame.SetResult(inst, Size(memories[a].Grow(x[0].Bits), memories[a].Limits));
                return true;
            case Opcode.MemoryInit:
                BulkOperations.MemoryInit(memories[b], x[0].Bits, frame.Instance.Data(a), x[1].Bits, x[2].Bits);
                return true;
            case Opcode.DataDrop:
                frame.Instance.DropData(a);
                return true;
            case Opcode.MemoryCopy:
                BulkOperations.MemoryCopy(memories[a], x[0].Bits, memories[b], x[1].Bits, x[2].Bits);
                return true;
            case Opcode.MemoryFill:
                BulkOperations.MemoryFill(memories[a], x[0].Bits, unchecked((byte)x[1].Bits), x[2].Bits);
                return true;
            default:
                return false;
        }
    }

    private static ulong Size(long size, Limits limits) => unchecked(limits.Is64 ? (ulong)size : (uint)size);

    private static bool Table(Frame frame, Inst inst, Opcode opcode)
    {
        var (a, b) = (frame.Function.ImmediatesOf(inst).A, frame.Function.ImmediatesOf(inst).B);
        var (instance, tables) = (frame.Instance, frame.Instance.Tables);
        var x = frame.Arguments(inst);
        switch (opcode)
        {
            case Opcode.TableGet:
                frame.SetResult(inst, 0, tables[a][Entry(tables[a], x[0].Bits)]);
                return true;
            case Opcode.TableSet:
                tables[a][Entry(tables[a], x[0].Bits)] = x[1].Reference;
                return true;
            case Opcode.TableSize:
                frame.SetResult(inst, tables[a].Size);
                return true;
            case Opcode.TableGrow:
                frame.SetResult(inst, Size(tables[a].Grow(x[1].Bits, x[0].Reference), tables[a].Limits));
                return true;
            case Opcode.TableFill:
                BulkOperations.TableFill(tables[a], x[0].Bits, x[1].Reference, x[2].Bits);
                return true;
            case Opcode.TableInit:
                BulkOperations.TableInit(tables[b], x[0].Bits, instance.Elements(a), x[1].Bits, x[2].Bits);
                return true;
            case Opcode.ElemDrop:
                instance.DropElements(a);
                return true;
            case Opcode.TableCopy:
                BulkOperations.TableCopy(tables[a], x[0].Bits, tables[b], x[1].Bits, x[2].Bits);
                return true;
            default:
                return false;
        }
    }

    private static ulong Entry(TableInstance table, ulong index) =>
        table.Holds(index, 1) ? index : throw new TrapException(TrapKind.OutOfBoundsTable);
}
