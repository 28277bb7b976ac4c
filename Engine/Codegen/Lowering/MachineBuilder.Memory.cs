using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Loads and stores.</summary>
internal sealed partial class MachineBuilder
{
    /// <summary>Loads from <paramref name="address"/> plus <paramref name="offset"/>.</summary>
    public VReg Load(MachineOp op, VReg address, int offset, bool isVolatile = false)
    {
        var inst = Make(op, address);
        inst.Immediate = offset;
        inst.IsVolatile = isVolatile;
        inst.Defs.Add(Function.NewRegister());
        Append(inst);
        _facts[inst.Defs[0]] = op switch
        {
            MachineOp.Load8U => ValueFacts.UpTo(byte.MaxValue),
            MachineOp.Load8S => ValueFacts.Range(sbyte.MinValue, sbyte.MaxValue),
            MachineOp.Load16U => ValueFacts.UpTo(ushort.MaxValue),
            MachineOp.Load16S => ValueFacts.Range(short.MinValue, short.MaxValue),
            _ => ValueFacts.Unknown,
        };
        return inst.Defs[0];
    }

    /// <summary>Stores the low bits of <paramref name="value"/>.</summary>
    public void Store(MachineOp op, VReg value, VReg address, int offset, bool isVolatile = false)
    {
        // What a narrow store cuts off need not be computed.
        var wanted = op switch { MachineOp.Store8 => 0xFF, MachineOp.Store16 => 0xFFFF, _ => 0 };
        if (wanted != 0 && DefinitionOf(value) is { Op: MachineOp.And } and && IsConstant(and.Uses[1].Register, out var mask) && (mask & wanted) == wanted)
        {
            value = and.Uses[0].Register;
        }

        var inst = Make(op, value, address);
        inst.Immediate = offset;
        inst.IsVolatile = isVolatile;
        Append(inst);
    }

    /// <summary>Updates <paramref name="bytes"/> bytes at <paramref name="address"/> plus <paramref name="offset"/> in one piece, as <see cref="MachineInst.Combine"/> says; what they were before, extended by zeros.</summary>
    public VReg UpdateAtomically(MachineOp combine, int bytes, VReg address, int offset, params ReadOnlySpan<VReg> operands)
    {
        // Narrow exclusive accesses have no offset.
        var fits = bytes == 4 && offset is >= 0 and <= 1020 && offset % 4 == 0;
        var inst = Make(MachineOp.AtomicUpdate, [fits ? address : Add(address, Constant(offset)), .. operands]);
        (inst.Combine, inst.Width, inst.Immediate) = (combine, bytes, fits ? offset : 0);
        for (var results = combine is MachineOp.Copy or MachineOp.Select ? 2 : 3; results > 0; results--)
        {
            inst.Defs.Add(Function.NewRegister());
        }

        Append(inst);
        _facts[inst.Defs[0]] = bytes switch { 1 => ValueFacts.UpTo(byte.MaxValue), 2 => ValueFacts.UpTo(ushort.MaxValue), _ => ValueFacts.Unknown };
        return inst.Defs[0];
    }

    /// <summary>The sum of <paramref name="register"/> and <paramref name="address"/>, formed directly after the register is defined.</summary>
    public VReg AddAtDefinition(VReg register, VReg address, MachineBlock home)
    {
        var inst = Make(MachineOp.Add, register, address);
        inst.Defs.Add(Function.NewRegister());
        inst.Source = Source;
        var position = DefinitionOf(register) is { } definition ? home.Insts.IndexOf(definition) + 1 : 0;
        home.Insts.Insert(position, inst);
        _definitions[inst.Defs[0]] = inst;
        _blocks[inst.Defs[0]] = home;
        return inst.Defs[0];
    }
}
