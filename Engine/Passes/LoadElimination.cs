using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Uses the value that memory or a global is known to hold instead of reading it again.</summary>
/// <example><code>
/// i32.store v0, v1 offset=4
/// v2 = i32.load v0 offset=4      =>   uses of v2 become v1
/// v3 = i32.load v0 offset=8
/// v4 = i32.load v0 offset=8      =>   uses of v4 become v3
/// global.set v5 $g
/// v6 = global.get $g             =>   uses of v6 become v5
/// </code></example>
/// <remarks>
/// What is known flows forward through the graph. At a join only what every predecessor knows survives; a loop header starts from what its
/// forward predecessors know less what the loop can change. A call, a growing memory or a bulk write forgets everything that it may touch, and so
/// does an atomic or a fence: behind it memory holds what other threads have written before.
/// What an interrupt handler may write is read each time.
/// A store of part of a register is forwarded only to the load that extends it back the same way.
/// </remarks>
internal sealed class LoadElimination : FunctionPass
{
    public override PassInfo Info { get; } = new("load-elimination");

    public override bool Run(Function function, PassContext context)
    {
        var flow = new ControlFlow(function);
        var loops = new LoopForest(new DominatorTree(flow));
        var outgoing = new EntityMap<Block, Known?>();
        var replaced = new Replacements(function);
        var changed = false;
        foreach (var block in flow.ReversePostOrder)
        {
            var known = AtEntry(function, block, flow, loops, outgoing);
            for (var inst = function.First(block); inst.Exists;)
            {
                var next = function.Next(inst);
                replaced.Canonicalise(inst);
                changed |= Visit(function, inst, known, replaced);
                inst = next;
            }

            outgoing[block] = known;
        }

        replaced.Apply();
        return changed;
    }

    private static Known AtEntry(Function function, Block block, ControlFlow flow, LoopForest loops, EntityMap<Block, Known?> outgoing)
    {
        Known? known = null;
        foreach (var (predecessor, _, _) in flow.Predecessors(block))
        {
            if (outgoing[predecessor] is { } other)
            {
                known = known is null ? other.Clone() : known.Intersect(other);
            }
        }

        known ??= new Known();
        if (loops.IsHeader(block))
        {
            foreach (var member in loops.InnermostLoop(block)!.Blocks)
            {
                for (var inst = function.First(member); inst.Exists; inst = function.Next(inst))
                {
                    known.Invalidate(function, inst);
                }
            }
        }

        return known;
    }

    private static bool Visit(Function function, Inst inst, Known known, Replacements replaced)
    {
        if (known.ValueOf(function, inst) is { } value && function.TypeOf(value) == function.TypeOf(function.Result(inst)))
        {
            // The load cannot trap: an access to the same bytes happened on every path, and memory never shrinks.
            replaced.Add(function.Result(inst), value);
            function.Remove(inst);
            return true;
        }

        known.Invalidate(function, inst);
        known.Learn(function, inst);
        return false;
    }

    /// <summary>What memory and globals hold at a point of the program.</summary>
    private sealed class Known
    {
        private readonly List<(MemoryAccess Access, Opcode Load, Value Value)> _memory;
        private readonly SortedDictionary<int, Value> _globals;

        public Known() => (_memory, _globals) = ([], []);

        private Known(Known other) => (_memory, _globals) = ([.. other._memory], new SortedDictionary<int, Value>(other._globals));

        public Known Clone() => new(this);

        public Known Intersect(Known other)
        {
            _memory.RemoveAll(fact => !other._memory.Contains(fact));
            foreach (var (global, value) in _globals.ToArray())
            {
                if (!other._globals.TryGetValue(global, out var same) || same != value)
                {
                    _globals.Remove(global);
                }
            }

            return this;
        }

        public Value? ValueOf(Function function, Inst inst)
        {
            var opcode = function.OpcodeOf(inst);
            if ((function.EffectsOf(inst) & Effects.Shares) != 0)
            {
                return null;
            }

            if (opcode == Opcode.GlobalGet)
            {
                return _globals.TryGetValue(function.ImmediatesOf(inst).A, out var global) ? global : null;
            }

            if (!function.InfoOf(inst).IsLoad || MemoryAccess.Of(function, inst) is not { } access)
            {
                return null;
            }

            foreach (var fact in _memory)
            {
                if (fact.Load == opcode && fact.Access.SameBytes(access))
                {
                    return fact.Value;
                }
            }

            return null;
        }

        public void Invalidate(Function function, Inst inst)
        {
            var row = function.InfoOf(inst);
            var effects = function.EffectsOf(inst);
            if (row.Opcode == Opcode.GlobalSet)
            {
                _globals.Remove(function.ImmediatesOf(inst).A);
            }

            if ((effects & Effects.Calls) != 0)
            {
                _memory.Clear();
                _globals.Clear();
            }
            else if (row.IsStore && MemoryAccess.Of(function, inst) is { } access)
            {
                _memory.RemoveAll(fact => fact.Access.MayOverlap(access));
            }
            else if ((effects & (Effects.WritesMemory | Effects.Synchronizes)) != 0)
            {
                _memory.Clear();
            }
        }

        public void Learn(Function function, Inst inst)
        {
            var row = function.InfoOf(inst);
            if (row.Opcode == Opcode.GlobalGet)
            {
                _globals[function.ImmediatesOf(inst).A] = function.Result(inst);
            }
            else if (row.Opcode == Opcode.GlobalSet)
            {
                _globals[function.ImmediatesOf(inst).A] = function.Arguments(inst)[0];
            }
            else if (MemoryAccess.Of(function, inst) is { Bytes: > 0 } access)
            {
                if (row.IsLoad)
                {
                    _memory.Add((access, row.Opcode, function.Result(inst)));
                }
                else if (LoadOfWholeStore(row.Opcode) is { } load)
                {
                    _memory.Add((access, load, function.Arguments(inst)[1]));
                }
            }
        }

        /// <summary>The load that gives back exactly the stored value.</summary>
        private static Opcode? LoadOfWholeStore(Opcode store) => store switch
        {
            Opcode.I32Store => Opcode.I32Load,
            Opcode.I64Store => Opcode.I64Load,
            Opcode.F32Store => Opcode.F32Load,
            Opcode.F64Store => Opcode.F64Load,
            Opcode.V128Store => Opcode.V128Load,
            _ => null,
        };
    }
}
