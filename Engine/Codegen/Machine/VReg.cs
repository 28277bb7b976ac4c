using System.Globalization;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Codegen.Machine;

/// <summary>A virtual register: 32 bits, defined once. An i64 is two of them. Prints as <c>%3</c>.</summary>
internal readonly record struct VReg(int Index) : IEntityId<VReg>
{
    public static VReg FromIndex(int index) => new(index);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"%{Index}");
}

/// <summary>An operand: a virtual register, or an immediate where the instruction has room for one.</summary>
internal readonly record struct MachineOperand
{
    private MachineOperand(int register, int immediate) => (_register, Immediate) = (register + 1, immediate);

    private readonly int _register;

    /// <summary>The immediate; 0 for a register.</summary>
    public int Immediate { get; }

    /// <summary>Whether this is an immediate.</summary>
    public bool IsImmediate => _register == 0;

    /// <summary>The register.</summary>
    public VReg Register => new(_register - 1);

    /// <summary>An immediate operand.</summary>
    public static MachineOperand Of(int immediate) => new(-1, immediate);

    public static implicit operator MachineOperand(VReg register) => new(register.Index, 0);

    public override string ToString() => IsImmediate ? string.Create(CultureInfo.InvariantCulture, $"#{Immediate}") : Register.ToString();
}
