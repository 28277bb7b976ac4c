using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>What the encoding does to the flags.</summary>
internal enum FlagRule : byte
{
    /// <summary>Leaves them alone.</summary>
    Never,

    /// <summary>Sets them.</summary>
    Always,

    /// <summary>Sets them outside an IT block and leaves them alone inside.</summary>
    UnlessIt,

    /// <summary>Its bit <c>s</c> says.</summary>
    Optional,
}

/// <summary>Where in an IT block the encoding may stand.</summary>
internal enum ItPlace : byte { Anywhere, Last, LastIfPc, Outside }

/// <summary>
/// One row of <see cref="Encodings"/>: a bit pattern and its operands. <see cref="TryEncode"/> and <see cref="TryDecode"/> are inverse:
/// what one gives the other takes, and both refuse what the architecture calls unpredictable.
/// </summary>
internal sealed class Encoding
{
    private readonly Field? _s;
    private readonly bool _holdsCondition;
    private readonly bool _distinct;
    private readonly bool _holdsShift;

    /// <summary>Binds the row's operands to its pattern.</summary>
    public Encoding(Operation operation, Form form, string name, string label, BitPattern bits, OperandSpec[] operands, FlagRule flags,
        string manual, string? group, ItPlace it, bool distinct)
    {
        (Operation, Form, Name, Label, Bits, Flags, Manual, Group, It) = (operation, form, name, label, bits, flags, manual, group, it);
        Operands = Array.ConvertAll(operands, spec => spec(bits));
        _s = flags == FlagRule.Optional ? bits.Field("s") : null;
        _holdsCondition = Array.Exists(Operands, o => o is ConditionOperand or IfThenOperand);
        _distinct = distinct;
        _holdsShift = Array.Exists(Operands, o => o is ShiftedRegister or RotationOperand or SaturateShiftOperand or IndexedOperand);
    }

    /// <summary>What it does.</summary>
    public Operation Operation { get; }

    /// <summary>How its operands are written.</summary>
    public Form Form { get; }

    /// <summary>Mnemonic; letters for flags and condition go before the dot.</summary>
    public string Name { get; }

    /// <summary>The manual's name of the encoding, T1 to T4.</summary>
    public string Label { get; }

    /// <summary>The bits.</summary>
    public BitPattern Bits { get; }

    /// <summary>Operands in the order of the assembler's text.</summary>
    public Operand[] Operands { get; }

    /// <summary>What it does to the flags.</summary>
    public FlagRule Flags { get; }

    /// <summary>Instruction page of DDI 0403E, by name.</summary>
    public string Manual { get; }

    /// <summary>Rows whose patterns overlap share a group; the first one in the table that can decode a word wins.</summary>
    public string? Group { get; }

    /// <summary>Where in an IT block it may stand.</summary>
    public ItPlace It { get; }

    /// <summary>2 or 4 bytes.</summary>
    public int Size => Bits.Width / 8;

    /// <summary>Encodes <paramref name="instruction"/>; false when this row cannot express all of it.</summary>
    /// <param name="instruction">What is asked for.</param>
    /// <param name="insideIt">Whether it stands in an IT block.</param>
    /// <param name="word">The bits, first halfword on top.</param>
    public bool TryEncode(in Instruction instruction, bool insideIt, out uint word)
    {
        word = Bits.Value;
        if (instruction.Operation != Operation || instruction.Form != Form
            || (insideIt && It == ItPlace.Outside)
            || (!_holdsCondition && insideIt != (instruction.Condition != Condition.AL))
            || (_distinct && instruction.Rd == instruction.Ra)
            || (!_holdsShift && instruction.Amount != 0)
            || !TryEncodeFlags(instruction.Flags, insideIt, ref word))
        {
            return false;
        }

        foreach (var operand in Operands)
        {
            if (!operand.TryEncode(instruction, ref word))
            {
                return false;
            }
        }

        return ExpressesAll(instruction, insideIt, word);
    }

    /// <summary>Encodes <paramref name="instruction"/>, which the caller knows to fit.</summary>
    public uint Encode(in Instruction instruction, bool insideIt = false) => TryEncode(instruction, insideIt, out var word)
        ? word
        : throw new InvariantException($"{Name} {Label} cannot encode {instruction.Operation} {instruction.Form} (immediate {instruction.Immediate})");

    /// <summary>Decodes <paramref name="word"/>; the condition of an instruction inside an IT block is the caller's to add.</summary>
    public bool TryDecode(uint word, bool insideIt, out Instruction instruction)
    {
        instruction = new Instruction(Operation, Form);
        if (!Bits.Matches(word))
        {
            return false;
        }

        foreach (var operand in Operands)
        {
            if (!operand.TryDecode(word, ref instruction))
            {
                return false;
            }
        }

        var sets = Flags == FlagRule.Always || (Flags == FlagRule.UnlessIt && !insideIt) || (_s is not null && _s.Get(word) != 0);
        instruction = instruction with { Flags = sets ? FlagEffect.Set : FlagEffect.Preserved };
        return !(_distinct && instruction.Rd == instruction.Ra);
    }

    /// <summary>Whether <paramref name="instruction"/>, which this row encodes, must be the last of its IT block.</summary>
    public bool EndsIt(in Instruction instruction) => It switch
    {
        ItPlace.Last => true,
        ItPlace.LastIfPc => Form is Form.Block or Form.BlockWriteBack ? instruction.List.Contains(Register.PC) : instruction.Rd == Register.PC,
        _ => false,
    };

    // A row without a field for an operand (a shift, say) has not looked at it: what it encoded must say all that was asked.
    private bool ExpressesAll(in Instruction instruction, bool insideIt, uint word)
        => TryDecode(word, insideIt, out var decoded)
            && decoded with { Condition = instruction.Condition, Flags = instruction.Flags } == instruction;

    private bool TryEncodeFlags(FlagEffect asked, bool insideIt, ref uint word)
    {
        if (_s is not null)
        {
            return _s.TryPut(ref word, asked == FlagEffect.Set ? 1u : 0u);
        }

        var sets = Flags == FlagRule.Always || (Flags == FlagRule.UnlessIt && !insideIt);
        return asked == FlagEffect.Clobbered || asked == FlagEffect.Set == sets;
    }
}
