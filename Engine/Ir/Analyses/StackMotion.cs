using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// How far one function moves a stack pointer: where the pointer stands at each call, and how far down the function goes itself.
/// Distances count from what the global held at the entry. Callees are taken to leave it as they found it (<see cref="IsBalanced"/> says whether this one does).
/// </summary>
internal sealed class StackMotion
{
    /// <summary>A distance that is not one number: a frame of a size that the code computes.</summary>
    private const long Unknown = long.MinValue;

    private readonly Function _function;
    private readonly int _global;
    private readonly Dictionary<Value, long> _distances = [];
    private readonly Dictionary<Block, long> _entries = [];
    private readonly Dictionary<Inst, long> _calls = [];
    private bool _changed;
    private long _lowest;
    private long _lowestFormed;

    /// <summary>Follows <paramref name="global"/> through <paramref name="function"/>.</summary>
    public StackMotion(Function function, int global)
    {
        (_function, _global) = (function, global);
        var order = new ControlFlow(function).ReversePostOrder;
        _entries[function.Entry] = 0;
        do
        {
            (_changed, IsBalanced, _lowest, _lowestFormed) = (false, true, 0, 0);
            foreach (var block in order.Where(_entries.ContainsKey))
            {
                Visit(block);
            }
        }
        while (_changed);
    }

    /// <summary>Whether the global is at each return what it was at the entry.</summary>
    public bool IsBalanced { get; private set; } = true;

    /// <summary>The lowest distance to which the function moves the pointer, at most 0; null where a frame has no constant size.</summary>
    public long? Lowest => _lowest == Unknown ? null : _lowest;

    /// <summary>The lowest distance of an address that the function forms, at most 0.</summary>
    public long LowestFormed => _lowestFormed;

    /// <summary>Bytes below the pointer that the function uses without moving it there.</summary>
    public long RedZone => Math.Max(0, (Lowest ?? 0) - _lowestFormed);

    /// <summary>The calls in the function, each with the distance at which it is made, where that is one number.</summary>
    public IEnumerable<(Inst Call, long? Distance)> Calls => _calls.Select(call => (call.Key, call.Value == Unknown ? (long?)null : call.Value));

    private void Visit(Block block)
    {
        var at = _entries[block];
        for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst))
        {
            var opcode = _function.OpcodeOf(inst);
            if ((_function.InfoOf(inst).Effects & Effects.Calls) != 0)
            {
                _calls[inst] = at;
            }

            if (opcode == Opcode.GlobalSet && _function.ImmediatesOf(inst).A == _global)
            {
                // What comes from elsewhere (a saved pointer, a frame of computed size) is unknown, and so may be anything.
                at = _distances.GetValueOrDefault(_function.Arguments(inst)[0], Unknown);
                _lowest = Math.Min(_lowest, at);
            }
            else if (DistanceOf(inst, opcode, at) is { } distance)
            {
                Set(_function.Result(inst), distance);
                _lowestFormed = distance == Unknown ? _lowestFormed : Math.Min(_lowestFormed, distance);
            }

            IsBalanced &= at == 0 || opcode is not (Opcode.Return or Opcode.ReturnCall or Opcode.ReturnCallIndirect);
        }

        var last = _function.Last(block);
        for (var i = 0; i < _function.TargetCount(last); i++)
        {
            var target = _function.Target(last, i);
            Meet(target, at);
            var arguments = _function.TargetArguments(last, i);
            for (var p = 0; p < arguments.Length; p++)
            {
                Set(_function.Parameters(target)[p], _distances.GetValueOrDefault(arguments[p], Unknown));
            }
        }
    }

    /// <summary>The distance of an instruction's result from the global's value at the entry; null where it is no such address.</summary>
    private long? DistanceOf(Inst inst, Opcode opcode, long at)
    {
        if (opcode == Opcode.GlobalGet && _function.ImmediatesOf(inst).A == _global)
        {
            return at;
        }

        if (opcode is not (Opcode.I32Add or Opcode.I32Sub))
        {
            return null;
        }

        var (left, right) = (_function.Arguments(inst)[0], _function.Arguments(inst)[1]);
        var (value, constant) = opcode == Opcode.I32Add && ConstantOf(left) is not null ? (right, left) : (left, right);
        if (!_distances.TryGetValue(value, out var from))
        {
            return null;
        }

        var distance = from == Unknown || ConstantOf(constant) is not { } by ? Unknown : opcode == Opcode.I32Add ? from + by : from - by;
        return distance is > int.MaxValue or < -int.MaxValue ? Unknown : distance;
    }

    private long? ConstantOf(Value value)
        => _function.DefiningInst(value) is { Exists: true } inst && _function.OpcodeOf(inst) == Opcode.I32Const ? _function.ImmediatesOf(inst).Wide.LowSigned() : null;

    private void Set(Value value, long distance)
    {
        if (!_distances.TryGetValue(value, out var known))
        {
            (_distances[value], _changed) = (distance, true);
        }
        else if (known != distance && known != Unknown)
        {
            (_distances[value], _changed) = (Unknown, true);
        }
    }

    private void Meet(Block block, long at)
    {
        if (!_entries.TryGetValue(block, out var known))
        {
            (_entries[block], _changed) = (at, true);
        }
        else if (known != at && known != Unknown)
        {
            (_entries[block], _changed) = (Unknown, true);
        }
    }
}
