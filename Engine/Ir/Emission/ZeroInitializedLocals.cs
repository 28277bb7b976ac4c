using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Zeros of vectors and floats that no code makes: a local that nothing has set holds one. All zeros of a type are one value, which is there
/// when the function is entered.
/// </summary>
/// <example><code>f64.const 0; f64.const 0; f64.eq; …   =>   get zero; get zero; f64.eq</code></example>
internal sealed class ZeroInitializedLocals
{
    private readonly EntityMap<Value, Value> _holders = new(new Value(-1));
    private readonly Dictionary<ValType, Value> _byType = [];

    /// <summary>The needed zeros of the function; none when not <paramref name="used"/>.</summary>
    public ZeroInitializedLocals(ControlFlow flow, NeededCode needed, bool used)
    {
        var function = flow.Function;
        foreach (var block in used ? flow.ReversePostOrder : [])
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                if (needed.Contains(inst) && IsZero(function, inst))
                {
                    var zero = function.Result(inst);
                    _byType.TryAdd(function.TypeOf(zero), zero);
                    _holders[zero] = _byType[function.TypeOf(zero)];
                }
            }
        }
    }

    /// <summary>Whether it may pay: an integer zero is no longer than the use of a local.</summary>
    public static bool HasCandidates(ControlFlow flow) => flow.ReversePostOrder.Any(block =>
    {
        for (var inst = flow.Function.First(block); inst.Exists; inst = flow.Function.Next(inst))
        {
            if (IsZero(flow.Function, inst))
            {
                return true;
            }
        }

        return false;
    });

    /// <summary>The value that stands for <paramref name="zero"/>, when it is one of these zeros.</summary>
    public Value? HolderOf(Value zero) => _holders[zero] is { Index: >= 0 } holder ? holder : null;

    /// <summary>Whether <paramref name="value"/> stands for the zeros of its type.</summary>
    public bool IsHolder(Value value) => HolderOf(value) == value;

    private static bool IsZero(Function function, Inst inst) =>
        function.OpcodeOf(inst) is Opcode.F32Const or Opcode.F64Const or Opcode.V128Const && function.ImmediatesOf(inst) == default;
}
