using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>The address of an access as a value plus a constant; both count modulo 2^32.</summary>
/// <param name="Root">The value.</param>
/// <param name="Addend">The constant that the address adds to it.</param>
internal readonly record struct AccessAddress(Value Root, int Addend);

/// <summary>
/// How the accesses of a function form their addresses: which value they start from, and how many different distances from it are used.
/// One distance goes into the base, so that the value can be an index; several are offsets from one sum.
/// </summary>
internal sealed class AccessShapes
{
    private readonly Function _function;
    private readonly Dictionary<(Value Root, int Memory), SortedSet<int>> _distances = [];

    /// <summary>Looks at every access of <paramref name="function"/>.</summary>
    public AccessShapes(Function function)
    {
        _function = function;
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                if (function.InfoOf(inst).AccessBytes > 0 && function.TypeOf(function.Arguments(inst)[0]) == ValType.I32)
                {
                    Count(inst);
                }
            }
        }
    }

    /// <summary>The address operand of <paramref name="inst"/> as a root and an addend.</summary>
    public AccessAddress AddressOf(Inst inst) => Split(_function.Arguments(inst)[0]);

    /// <summary>Whether every access from that root in that memory has the same distance.</summary>
    public bool HasOneDistance(Value root, int memory) => _distances.TryGetValue((root, memory), out var distances) && distances.Count == 1;

    private AccessAddress Split(Value value)
    {
        var addend = 0;
        while (_function.DefiningInst(value) is { Exists: true } inst && _function.OpcodeOf(inst) == Opcode.I32Add)
        {
            var arguments = _function.Arguments(inst);
            if (Constant(arguments[1]) is { } right)
            {
                (value, addend) = (arguments[0], unchecked(addend + right));
            }
            else if (Constant(arguments[0]) is { } left)
            {
                (value, addend) = (arguments[1], unchecked(addend + left));
            }
            else
            {
                break;
            }
        }

        return new(value, addend);
    }

    private int? Constant(Value value) => _function.DefiningInst(value) is { Exists: true } inst && _function.OpcodeOf(inst) == Opcode.I32Const
        ? unchecked((int)_function.ImmediatesOf(inst).Wide)
        : null;

    private void Count(Inst inst)
    {
        var (root, addend) = AddressOf(inst);
        var immediates = _function.ImmediatesOf(inst);
        if (!_distances.TryGetValue((root, immediates.A), out var distances))
        {
            _distances.Add((root, immediates.A), distances = []);
        }

        var distance = unchecked(addend + (int)immediates.Wide);
        distances.Add(distance);
        if (_function.InfoOf(inst).AccessBytes == 8)
        {
            distances.Add(unchecked(distance + 4));
        }
    }
}
