using System.Globalization;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// A stream of instructions, labels and data that becomes one code section. It is told what to do, and chooses the encodings:
/// <list type="bullet">
/// <item>every instruction gets its narrowest encoding that the wanted flag effect allows (<see cref="Encoder"/>);</item>
/// <item>instructions with a condition are put into IT blocks of up to four; each is executed on the flags as they then are;</item>
/// <item>branches, literal loads and address computations grow from their narrowest form until all reach (<see cref="CodeLayout"/>);</item>
/// <item>literals go to pools behind unconditional branches, shared, and as few as ranges allow (<see cref="PoolPlacement"/>);</item>
/// <item>the finished bytes are decoded again and compared with what was asked (<see cref="CodeVerifier"/>).</item>
/// </list>
/// </summary>
internal sealed class Assembler
{
    private readonly List<CodeItem> _items = [];
    private readonly EntityMap<Label, bool> _bound = new(false);

    /// <summary>A label that is bound later.</summary>
    public Label NewLabel() => _bound.Add(false);

    /// <summary>Binds <paramref name="label"/> here; ends an IT block.</summary>
    public void Bind(Label label)
    {
        InvariantException.Require(!_bound[label], string.Create(CultureInfo.InvariantCulture, $"label {label.Index} is bound twice"));
        _bound[label] = true;
        _items.Add(new LabelItem(label));
    }

    /// <summary>Remembers the offset of the next instruction under <paramref name="tag"/>: source positions, trap sites.</summary>
    public void Mark(int tag) => _items.Add(new MarkItem(tag));

    /// <summary>Adds one instruction without a label or symbol operand.</summary>
    public void Emit(in Instruction instruction) => _items.Add(new PlainItem(instruction));

    /// <summary>Branches to <paramref name="target"/>, if <paramref name="condition"/> holds.</summary>
    public void Branch(Label target, Condition condition = Condition.AL) => _items.Add(new BranchItem(target, condition));

    /// <summary>Branches when <paramref name="register"/> is zero, or is not: CBZ or CBNZ where they reach, else a compare and a branch.</summary>
    /// <param name="register">What is tested.</param>
    /// <param name="whenZero">Branch on zero, else on anything else.</param>
    /// <param name="target">Where to.</param>
    /// <param name="flags">With <see cref="FlagEffect.Preserved"/> a longer form that leaves the flags alone is used.</param>
    public void BranchIfZero(Register register, bool whenZero, Label target, FlagEffect flags = FlagEffect.Clobbered)
        => _items.Add(new ZeroBranchItem(register, whenZero, target, flags));

    /// <summary>Calls a label of this section.</summary>
    public void Call(Label target) => _items.Add(new CallItem(target));

    /// <summary>Calls a symbol.</summary>
    public void Call(string symbol) => _items.Add(new SymbolBranchItem(symbol, isCall: true));

    /// <summary>Branches to a symbol: a tail call.</summary>
    public void Jump(string symbol) => _items.Add(new SymbolBranchItem(symbol, isCall: false));

    /// <summary>Puts any 32-bit value into a register: one instruction where one does, else a literal or MOVW and MOVT.</summary>
    public void Constant(Register rd, uint value, FlagEffect flags = FlagEffect.Clobbered, Condition condition = Condition.AL, bool literal = true)
    {
        if (Encoder.CanMove(value))
        {
            Emit(Instructions.Move(rd, unchecked((int)value)).WithFlags(flags).If(condition));
        }
        else if (literal)
        {
            _items.Add(new LiteralItem(rd, new Literal(null, unchecked((int)value)), condition));
        }
        else
        {
            Emit(Instructions.Move(rd, (int)(value & 0xFFFF)).If(condition));
            Emit(Instructions.MoveTop(rd, (int)(value >> 16)).If(condition));
        }
    }

    /// <summary>Puts the address of <paramref name="symbol"/> plus <paramref name="addend"/> into a register, from the pool or by MOVW and MOVT.</summary>
    public void SymbolAddress(Register rd, string symbol, int addend = 0, bool literal = true, Condition condition = Condition.AL)
    {
        if (literal)
        {
            _items.Add(new LiteralItem(rd, new Literal(symbol, addend), condition));
            return;
        }

        _items.Add(new SymbolHalfItem(rd, symbol, addend, top: false, condition));
        _items.Add(new SymbolHalfItem(rd, symbol, addend, top: true, condition));
    }

    /// <summary>Puts the address of a label of this section into a register (ADR); its lowest bit is clear.</summary>
    public void Address(Register rd, Label target) => _items.Add(new AddressItem(rd, target));

    /// <summary>Jumps to <c>targets[index]</c> by TBB or TBH; the caller has checked that the index is below the length. Any label will do.</summary>
    public void TableBranch(Register index, ReadOnlySpan<Label> targets)
    {
        // The table holds unsigned distances: what lies behind is reached through a branch after the table.
        var entries = targets.ToArray();
        var backwards = new SortedDictionary<int, Label>();
        for (var i = 0; i < entries.Length; i++)
        {
            if (_bound[entries[i]])
            {
                if (!backwards.TryGetValue(entries[i].Index, out var step))
                {
                    backwards.Add(entries[i].Index, step = NewLabel());
                }

                entries[i] = step;
            }
        }

        _items.Add(new TableBranchItem(index, entries));
        foreach (var (target, step) in backwards)
        {
            Bind(step);
            Branch(new Label(target));
        }
    }

    /// <summary>Adds bytes as data.</summary>
    public void Data(ReadOnlySpan<byte> bytes) => _items.Add(new DataItem(bytes.ToArray(), null));

    /// <summary>Adds an aligned word as data.</summary>
    public void Word(uint value)
    {
        Align(4);
        _items.Add(new DataItem(BitConverter.GetBytes(value), null));
    }

    /// <summary>Adds an aligned word with the address of <paramref name="symbol"/> plus <paramref name="addend"/>.</summary>
    public void Word(string symbol, int addend = 0)
    {
        Align(4);
        _items.Add(new DataItem(BitConverter.GetBytes(addend), symbol));
    }

    /// <summary>Pads to a multiple of <paramref name="alignment"/>, at most 4: with NOPs where instructions can stand.</summary>
    public void Align(int alignment)
    {
        InvariantException.Require(alignment is 1 or 2 or 4, "a section is aligned to 4 bytes, its parts to no more");
        _items.Add(new AlignItem(alignment));
    }

    /// <summary>Lays out, encodes, verifies. The assembler can be added to and asked again.</summary>
    public AssembledCode Assemble()
    {
        for (var i = 0; i < _bound.Count; i++)
        {
            InvariantException.Require(_bound[new Label(i)] || !_items.Exists(item => item.Targets.Contains(new Label(i))),
                string.Create(CultureInfo.InvariantCulture, $"label {i} is used and never bound"));
        }

        var items = PoolPlacement.Place(ItBlocks.Form(_items.ConvertAll(item => item.Fresh())));
        var layout = new CodeLayout(items, _bound.Count);
        layout.Relax();
        return layout.Write();
    }
}
