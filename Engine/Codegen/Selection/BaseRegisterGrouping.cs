using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.Selection;

/// <summary>
/// Gives accesses at constant addresses common bases: addresses that lie within reach of one offset are one base and several offsets.
/// </summary>
/// <example><code>load32 @memory+1028, load32 @memory+1036   =>   %b = @memory+1028; load32 %b; load32 %b #8</code></example>
internal sealed class BaseRegisterGrouping
{
    private const int Reach = 4095;
    private readonly MachineFunction _function;
    private readonly SortedDictionary<(string Symbol, int Start), VReg> _bases = [];

    private BaseRegisterGrouping(MachineFunction function) => _function = function;

    /// <summary>Rebases the accesses of <paramref name="function"/>.</summary>
    public static void Run(MachineFunction function)
    {
        var clusters = new BaseRegisterGrouping(function);
        var accesses = function.Blocks.SelectMany(block => block.Insts)
            .Where(inst => inst.Op.IsLoad() || inst.Op.IsStore())
            .Select(inst => (Inst: inst, Base: clusters.BaseOf(inst)))
            .Where(access => access.Base is not null)
            .ToList();
        foreach (var group in accesses.GroupBy(access => access.Base!.Symbol ?? "", StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            clusters.Cluster(group.Key, [.. group.Select(access => (access.Inst, unchecked(access.Base!.Immediate + access.Inst.Immediate))).OrderBy(access => unchecked((uint)access.Item2))]);
        }
    }

    private MachineInst? BaseOf(MachineInst inst) => _function.Floating[inst.Uses[inst.Op.IsStore() ? 1 : 0].Register];

    private void Cluster(string symbol, IReadOnlyList<(MachineInst Inst, int Address)> accesses)
    {
        var start = 0;
        for (var i = 0; i < accesses.Count; i++)
        {
            var (inst, address) = accesses[i];
            if (i == 0 || unchecked((uint)(address - start)) > Reach)
            {
                start = address & ~3;
            }

            inst.Uses[inst.Op.IsStore() ? 1 : 0] = Base(symbol, start);
            inst.Immediate = unchecked(address - start);
        }
    }

    private VReg Base(string symbol, int start)
    {
        if (!_bases.TryGetValue((symbol, start), out var register))
        {
            register = _function.NewRegister();
            var inst = new MachineInst(symbol.Length == 0 ? MachineOp.Constant : MachineOp.Address) { Symbol = symbol.Length == 0 ? null : symbol, Immediate = start };
            inst.Defs.Add(register);
            _function.Floating[register] = inst;
            _bases.Add((symbol, start), register);
        }

        return register;
    }
}
