using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>A guard and where it traps: its own <c>udf</c>, or one that guards of the kind share.</summary>
/// <param name="Offset">Offset of the <c>udf</c> in the function.</param>
/// <param name="Kind">Why it traps.</param>
/// <param name="Source">Byte offset in the wasm module of the instruction that traps, or -1.</param>
internal readonly record struct TrapSite(int Offset, TrapKind Kind, int Source);

/// <summary>A function as machine code.</summary>
/// <param name="Symbol">Its symbol.</param>
/// <param name="Code">Bytes, relocations, mapping.</param>
/// <param name="StackBytes">Bytes of stack it takes, callees not included.</param>
/// <param name="Traps">Its traps.</param>
/// <param name="Lines">Source offsets by code offset.</param>
internal sealed record EmittedFunction(string Symbol, AssembledCode Code, int StackBytes, IReadOnlyList<TrapSite> Traps, IReadOnlyList<(int Offset, int Source)> Lines);

/// <summary>Prints an allocated machine function as Thumb instructions.</summary>
internal sealed partial class FunctionEmitter
{
    /// <summary>The lowest address that the stack pointer may have at the entry of the function that refers to it; the linker knows it.</summary>
    public const string StackGuard = "__stack_guard";

    private readonly MachineFunction _function;
    private readonly Allocation _allocation;
    private readonly FrameLayout _frame;
    private readonly CompilerOptions _options;
    private readonly Assembler _assembler = new();
    private readonly Dictionary<MachineBlock, Label> _labels = [];
    private readonly SortedDictionary<(TrapKind Kind, int Site), (Label Label, SortedSet<int> Sources)> _traps = [];
    private readonly List<int> _sources = [];
    private readonly MachineLiveness _liveness;
    private readonly RegisterValueTracking _contents = new();
    private Instruction? _pending;
    private int _nextMark = -1;
    private ComparedFlags? _flags;

    private FunctionEmitter(MachineFunction function, Allocation allocation, CompilerOptions options, bool alignForCalls)
    {
        (_function, _allocation, _options) = (function, allocation, options);
        _liveness = new MachineLiveness(function);
        _frame = new FrameLayout(function, allocation, alignForCalls);
        foreach (var block in function.Blocks)
        {
            _labels.Add(block, _assembler.NewLabel());
        }
    }

    /// <summary>Emits <paramref name="function"/>.</summary>
    public static EmittedFunction Emit(MachineFunction function, Allocation allocation, CompilerOptions options, bool alignForCalls) =>
        new FunctionEmitter(function, allocation, options, alignForCalls).Emit();

    private EmittedFunction Emit()
    {
        Prologue();
        for (var i = 0; i < _function.Blocks.Count; i++)
        {
            var block = _function.Blocks[i];
            if (IsOnlyTrap(block))
            {
                continue;
            }

            Bind(_labels[block]);
            var next = NextOf(i);
            foreach (var inst in block.Insts)
            {
                Mark(inst.Source);
                EmitInst(inst, next);
            }
        }

        Flush();
        var tags = EmitTraps();
        var code = _assembler.Assemble();
        var lines = code.Marks.Where(mark => mark.Tag < _sources.Count).Select(mark => (mark.Offset, _sources[mark.Tag])).ToList();
        return new(_function.Symbol, code, _frame.TotalBytes, tags(code), lines);
    }

    /// <summary>The block that comes next in the code; blocks that only trap are merged with the guards' traps at the end.</summary>
    private MachineBlock? NextOf(int index)
    {
        for (var i = index + 1; i < _function.Blocks.Count; i++)
        {
            if (!IsOnlyTrap(_function.Blocks[i]))
            {
                return _function.Blocks[i];
            }
        }

        return null;
    }

    private bool IsOnlyTrap(MachineBlock block) => block.Insts.Count == 1 && block.Terminator.Op == MachineOp.Trap && block != _function.Blocks[0];

    private Label LabelOf(MachineBlock block) => IsOnlyTrap(block) ? TrapLabel(block.Terminator.Trap, block.Terminator.Source) : _labels[block];

    private Label TrapLabel(TrapKind kind, int source)
    {
        var key = (kind, _options.ExactTraps ? source : -1);
        if (!_traps.TryGetValue(key, out var trap))
        {
            _traps.Add(key, trap = (_assembler.NewLabel(), []));
        }

        trap.Sources.Add(source);
        return trap.Label;
    }

    private Func<AssembledCode, IReadOnlyList<TrapSite>> EmitTraps()
    {
        foreach (var (key, trap) in _traps)
        {
            _assembler.Bind(trap.Label);
            _assembler.Emit(Numbered(Operation.Udf, (int)key.Kind));
        }

        return code => [.. _traps.SelectMany(trap => trap.Value.Sources.Select(source => new TrapSite(code.OffsetOf(trap.Value.Label), trap.Key.Kind, source)))];
    }

    private void Mark(int source)
    {
        if (source >= 0 && (_sources.Count == 0 || _sources[^1] != source))
        {
            _nextMark = _sources.Count;
            _sources.Add(source);
        }
    }

    private void Prologue()
    {
        if (_options.StackChecked.Contains(_function.Symbol))
        {
            CheckStack();
        }

        if (_frame.Saved.Count > 0)
        {
            Put(Push(_frame.Saved));
        }

        AdjustStack(-_frame.LocalBytes);
    }

    /// <summary>Traps where the stack has no room for the function and what has to fit below it. At the entry nothing is in the register of tail calls.</summary>
    private void CheckStack()
    {
        _assembler.SymbolAddress(CallingConvention.TailTarget, StackGuard, literal: false);
        _assembler.Emit(Compare(Operation.Cmp, Register.SP, CallingConvention.TailTarget));
        _assembler.Branch(TrapLabel(TrapKind.StackOverflow, -1), Condition.LO);
    }

    /// <summary>Gives the frame back; returns whether it also returned.</summary>
    private bool Epilogue(bool returns)
    {
        AdjustStack(_frame.LocalBytes);
        var saved = _frame.Saved;
        if (returns && saved.Contains(Register.LR))
        {
            Put(Pop(new((ushort)((saved.Bits & ~(1 << (int)Register.LR)) | 1 << (int)Register.PC))));
            return true;
        }

        if (saved.Count > 0)
        {
            Put(Pop(saved));
        }

        return false;
    }

    private void AdjustStack(int bytes)
    {
        for (var left = Math.Abs(bytes); left > 0; left -= Math.Min(left, 4092))
        {
            var step = Math.Min(left, 4092);
            Put(Binary(bytes < 0 ? Operation.Sub : Operation.Add, Register.SP, Register.SP, step));
        }
    }

    /// <summary>Emits an instruction whose flags are dead, so that a comparison with zero can still ask it to set them.</summary>
    private void PutValue(in Instruction instruction) => Put(instruction.WithFlags(FlagEffect.Clobbered));

    private void Put(in Instruction instruction)
    {
        Flush();
        _pending = instruction;
        if (Writes(instruction))
        {
            _contents.Forget(instruction.Rd);
        }

        if (instruction.Flags != FlagEffect.Preserved || instruction.Operation is Operation.Bl or Operation.Blx)
        {
            _flags = null;
        }
        else if (_flags is { } known && known.Reads(instruction.Rd) && Writes(instruction))
        {
            _flags = null;
        }
    }

    /// <summary>Puts a label here: other ways lead to it, with other flags and registers.</summary>
    private void Bind(Label label)
    {
        Flush();
        _assembler.Bind(label);
        _flags = null;
        _contents.Clear();
    }

    private static bool Writes(in Instruction instruction) =>
        instruction.Operation is not (Operation.Str or Operation.Strb or Operation.Strh or Operation.Cmp or Operation.Cmn or Operation.Tst or Operation.Teq);

    private void Flush()
    {
        if (_pending is { } instruction)
        {
            _assembler.Emit(instruction);
            _pending = null;
        }

        // A mark stands before the instruction that comes next, so that the last one can still change.
        if (_nextMark >= 0)
        {
            _assembler.Mark(_nextMark);
            _nextMark = -1;
        }
    }

    private Register RegisterOf(VReg register) => _allocation[register].Register;

    private Register RegisterOf(MachineOperand operand) => _allocation[operand.Register].Register;
}
