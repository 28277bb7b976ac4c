using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// Finds what interrupt handlers, and all that they reach, may read and write. Memory is known as intervals where the bounds of an address are,
/// else as a whole. The bytes below a stack pointer that handlers lower and restore are their frames.
/// </summary>
internal sealed class HandlerPlaces
{
    private const string Hardware = "pulse:hal/";
    private readonly Program _program;
    private readonly int[] _handlers;
    private readonly HashSet<int> _loose = [];
    private readonly SortedSet<int> _reached = [];
    private SharedPlaces _places = new();

    private HandlerPlaces(Program program, IEnumerable<int> handlers) => (_program, _handlers) = (program, [.. handlers]);

    /// <summary>What the functions <paramref name="handlers"/> share with the rest of <paramref name="program"/>.</summary>
    /// <param name="program">As it was read: what is found holds for every program that refines it.</param>
    /// <param name="handlers">Indices of the handlers.</param>
    /// <param name="reached">The functions that handlers run.</param>
    public static SharedPlaces Of(Program program, IEnumerable<int> handlers, out IReadOnlySet<int> reached)
    {
        var search = new HandlerPlaces(program, handlers);
        for (var known = -1; known != search._loose.Count;)
        {
            known = search._loose.Count;
            search.Collect();
        }

        reached = search._reached;
        return search._places;
    }

    private Module Module => _program.Module;

    private void Collect()
    {
        _places = new SharedPlaces();
        _reached.Clear();
        var work = new Stack<int>(_handlers);
        while (work.TryPop(out var index))
        {
            if (!_reached.Add(index))
            {
                continue;
            }

            if (Module.Functions[index].Import is { } import)
            {
                if (!import.Module.StartsWith(Hardware, StringComparison.Ordinal))
                {
                    Everything(); // it may call back
                }
            }
            else if (_program.Body(new FuncIndex(index)) is { } function)
            {
                Visit(function, work);
            }
            else
            {
                Everything();
            }
        }
    }

    private void Visit(Function function, Stack<int> work)
    {
        var pointers = new StackPointers(function, _loose);
        pointers.Check();
        _loose.UnionWith(pointers.Broken);
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                Visit(function, inst, pointers, work);
            }
        }
    }

    private void Visit(Function function, Inst inst, StackPointers pointers, Stack<int> work)
    {
        var row = function.InfoOf(inst);
        var operand = function.ImmediatesOf(inst).A;
        switch (row.Opcode)
        {
            case Opcode.Call or Opcode.ReturnCall:
                work.Push(operand);
                return;
            case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                NamedFunctions(function.ImmediatesOf(inst).B).ForEach(work.Push);
                return;
            case Opcode.GlobalGet when Module.Globals[operand].IsMutable:
                _places.GlobalsTouched.Add(operand);
                return;
            case Opcode.GlobalSet:
                _places.GlobalsTouched.Add(operand);
                if (_loose.Contains(operand))
                {
                    _places.GlobalsWritten.Add(operand);
                }

                return;
            case Opcode.TableGet or Opcode.TableSize:
                _places.ChangesStructure |= IsOpen(operand);
                return;
            case Opcode.DataDrop or Opcode.MemoryInit:
                _places.ChangesStructure |= row.Opcode == Opcode.DataDrop || Uses(Opcode.DataDrop);
                break;
            case Opcode.MemoryGrow:
                _places.ChangesStructure |= Module.Memories[operand].Limits is var limits && limits.Maximum != limits.Minimum;
                return;
            case var _ when (row.Effects & Effects.WritesTable) != 0:
                _places.ChangesStructure = true;
                return;
        }

        foreach (var span in MemorySpan.Of(function, inst))
        {
            if (span.End > 0 && pointers.DistanceOf(span.Address) is { } frame && frame.Distance + (Int128)span.End <= 0)
            {
                _places.Frames.Add((frame.Global, span.Memory));
            }
            else
            {
                // An atomic operation orders what it reads as if it wrote it.
                _places.Add(span.Memory, span.From, span.To, span.Writes || (row.Effects & Effects.Synchronizes) != 0);
            }
        }
    }

    /// <summary>What a call through a table may reach: all that some table names.</summary>
    private List<int> NamedFunctions(int table)
    {
        if (IsOpen(table) || Module.Elements.Any(e => e.UsesExpressions) || Module.Tables.Any(t => t.Initial is not null))
        {
            Everything();
        }

        return [.. Module.Elements.SelectMany(e => e.Functions).Select(f => f.Index).Distinct()];
    }

    private bool IsOpen(int table) => Module.Tables[table].Import is not null || Module.Exports.Any(e => e.Kind == ExternKind.Table && e.Index == table)
        || Uses(Opcode.TableSet) || Uses(Opcode.TableInit) || Uses(Opcode.TableCopy) || Uses(Opcode.TableGrow) || Uses(Opcode.TableFill);

    /// <summary>Whether some body has the instruction, or cannot be read.</summary>
    private bool Uses(Opcode opcode) => _program.Functions.Any(f => Module.Functions[f.Index].Body is not null
        && (_program.Body(f) is not { } body || body.Blocks.Any(block => Has(body, block, opcode))));

    private static bool Has(Function function, Block block, Opcode opcode)
    {
        for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
        {
            if (function.OpcodeOf(inst) == opcode)
            {
                return true;
            }
        }

        return false;
    }

    private void Everything()
    {
        _places.ChangesStructure = true;
        for (var memory = 0; memory < Module.Memories.Count; memory++)
        {
            _places.Add(memory, 0, UInt128.MaxValue, written: true);
        }

        var mutable = Enumerable.Range(0, Module.Globals.Count).Where(g => Module.Globals[g].IsMutable).ToArray();
        _places.GlobalsTouched.UnionWith(mutable);
        _places.GlobalsWritten.UnionWith(mutable);
    }
}
