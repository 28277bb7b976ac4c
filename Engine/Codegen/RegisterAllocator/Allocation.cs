using System.Globalization;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>Where a value is: in a register, in a stack slot, or it is a constant that is made where it is wanted.</summary>
internal readonly record struct Location
{
    private enum Kind : byte { None, Register, Slot, Constant }

    private Location(Kind kind, int number) => (_kind, _number) = (kind, number);

    private readonly Kind _kind;
    private readonly int _number;

    /// <summary>A register.</summary>
    public static Location In(Register register) => new(Kind.Register, (int)register);

    /// <summary>A stack slot, by its number.</summary>
    public static Location At(int slot) => new(Kind.Slot, slot);

    /// <summary>A constant.</summary>
    public static Location Of(int constant) => new(Kind.Constant, constant);

    /// <summary>Whether this is a register.</summary>
    public bool IsRegister => _kind == Kind.Register;

    /// <summary>Whether this is a stack slot.</summary>
    public bool IsSlot => _kind == Kind.Slot;

    /// <summary>Whether this is a constant.</summary>
    public bool IsConstant => _kind == Kind.Constant;

    /// <summary>Whether this is no place at all.</summary>
    public bool IsNone => _kind == Kind.None;

    /// <summary>The register.</summary>
    public Register Register => IsRegister ? (Register)_number : throw new InvariantException("the location is a register");

    /// <summary>Number of the slot, or the constant.</summary>
    public int Number => _number;

    public override string ToString() => _kind switch
    {
        Kind.Register => Register.Name(),
        Kind.Slot => string.Create(CultureInfo.InvariantCulture, $"slot{_number}"),
        Kind.Constant => string.Create(CultureInfo.InvariantCulture, $"#{_number}"),
        _ => "none",
    };
}

/// <summary>Where the allocator put every virtual register.</summary>
internal sealed class Allocation
{
    private readonly EntityMap<VReg, Location> _locations = new();

    /// <summary>The location of <paramref name="register"/>.</summary>
    public Location this[VReg register]
    {
        get => _locations[register];
        set => _locations[register] = value;
    }

    /// <summary>The location of an operand; an immediate is a constant.</summary>
    public Location Of(MachineOperand operand) => operand.IsImmediate ? Location.Of(operand.Immediate) : _locations[operand.Register];

    /// <summary>Number of stack slots.</summary>
    public int Slots { get; set; }

    /// <summary>A register that no value has and that moves may use; there is one whenever there are slots.</summary>
    public Register? Scratch { get; set; }

    /// <summary>A register that no value has and that holds distances which an offset cannot; there is one whenever the frame is that large.</summary>
    public Register? Far { get; set; }
}
