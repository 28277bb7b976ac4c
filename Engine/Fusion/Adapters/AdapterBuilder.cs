using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Adapters;

/// <summary>An edge that does more than forward.</summary>
/// <param name="Name">Name of the adapter.</param>
/// <param name="Edge">The edge, for the provenance map.</param>
/// <param name="Type">The component function type.</param>
/// <param name="Callee">The lifted core function.</param>
/// <param name="PostReturn">Its post-return function.</param>
/// <param name="Caller">Options of the lowering.</param>
/// <param name="Target">Options of the lift.</param>
/// <param name="Host">Which side is the host's: it has another memory, or other handles.</param>
internal sealed record AdapterEdge(
    string Name, string Edge, ComponentFuncType Type, FunctionId Callee, FunctionId? PostReturn, CanonicalContext Caller, CanonicalContext Target, HostSide Host = HostSide.None);

/// <summary>Whether the host is at an end of an adapter: it then stands between the host's memory and the component's.</summary>
internal enum HostSide
{
    /// <summary>Two components.</summary>
    None,

    /// <summary>The host calls: the adapter has the signature of a lift, and returns the address of a spilled result.</summary>
    Caller,

    /// <summary>The host is called: it has the signature of a lowering, and takes the address for a spilled result.</summary>
    Callee,
}

/// <summary>Writes the function that stands for a lowered import: lifts and lowers the arguments, calls, does the same with the result.</summary>
/// <remarks>CanonicalABI.md #canon-lift, #canon-lower</remarks>
internal sealed class AdapterBuilder
{
    private readonly AdapterEdge _edge;
    private readonly AdapterRuntime _parts;
    private readonly CodeBuilder _code;

    private AdapterBuilder(AdapterEdge edge, AdapterRuntime parts)
    {
        (_edge, _parts) = (edge, parts);
        _code = new CodeBuilder(edge.Host == HostSide.Caller ? CanonicalAbi.LiftSignature(edge.Type) : CanonicalAbi.LowerSignature(edge.Type));
    }

    /// <summary>The adapter of <paramref name="edge"/>.</summary>
    public static GeneratedFunction Build(AdapterEdge edge, AdapterRuntime parts)
    {
        var builder = new AdapterBuilder(edge, parts);
        var borrows = builder.CountBorrows();
        var (called, returned) = builder.UseBorderArea();
        builder.Arguments();
        var area = builder.HostArea();
        called();
        builder._code.Call(edge.Callee);
        borrows();
        builder.EndLend();
        builder.Result(area);
        returned();
        return new GeneratedFunction(edge.Name, edge.Edge, builder._code.Type, builder._code.Finish());
    }

    /// <summary>Whether calling the lifted function with the lowered one's arguments is all there is to do.</summary>
    public static bool OnlyForwards(ComponentFuncType type, bool hasPostReturn) =>
        !hasPostReturn && !CanonicalAbi.SpillsParameters(type) && !CanonicalAbi.SpillsResult(type)
        && type.Parameters.All(p => ScalarRules.IsTotal(p.Type!)) && (type.Result is null || ScalarRules.IsTotal(type.Result));

    /// <summary>What to do with the host's area right before the call, and when the result was copied.</summary>
    private (Action Called, Action Returned) UseBorderArea()
    {
        void Nothing()
        {
        }

        return (_edge.Target.IsInPlace || _edge.Caller.IsInPlace ? HostSide.None : _edge.Host, _parts.Area) switch
        {
            (HostSide.Caller, { } area) => (() => area.Release(_code), Nothing),
            (HostSide.Callee, { } area) => area.Import(_code),
            _ => (Nothing, Nothing),
        };
    }

    /// <summary>Notes the borrows that the callee has; what is returned traps when it then has others: it kept one of the call's.</summary>
    private Action CountBorrows()
    {
        if (_parts.Resources.BorrowTable(_edge.Type, _edge.Target.Handles) is not { } table)
        {
            return () => { };
        }

        var before = _code.Local();
        table.CountBorrows(_code);
        _code.Set(before);
        return () =>
        {
            table.CountBorrows(_code);
            _code.Get(before).Op(Opcode.I32Ne).TrapIf();
        };
    }

    /// <summary>The caller's handles that were lent are no longer.</summary>
    private void EndLend()
    {
        if (!_edge.Caller.Lends)
        {
            return;
        }

        var lent = new Lends(_code, _parts.Resources.Table(_edge.Caller.Handles!.Instance), _edge.Caller.Memory);
        if (CanonicalAbi.SpillsParameters(_edge.Type))
        {
            lent.EndLend(CanonicalAbi.ParameterTuple(_edge.Type), new MemoryOperand(_edge.Caller.Memory!.Value, 0, 0));
            return;
        }

        foreach (var (type, place) in Parameters())
        {
            lent.EndLend(type, place);
        }
    }

    /// <summary>The flat parameters and where they are.</summary>
    private IEnumerable<(ComponentType Type, FlatOperand Operand)> Parameters()
    {
        var next = 0;
        foreach (var parameter in _edge.Type.Parameters)
        {
            var flat = parameter.Type!.Layout.Flat.Length;
            yield return (parameter.Type, new FlatOperand([.. Enumerable.Range(next, flat)]));
            next += flat;
        }
    }

    private void Arguments()
    {
        var copy = new ValueCopy(_code, _parts, _edge.Caller, _edge.Target);
        if (CanonicalAbi.SpillsParameters(_edge.Type))
        {
            SpilledArguments(copy);
            return;
        }

        var pushes = new List<Action>();
        foreach (var (type, from) in Parameters())
        {
            var isLeft = _edge.Target.IsInPlace ? !type.HasHandles : ScalarRules.IsTotal(type);
            if (ScalarRules.IsScalar(type) && !type.HasHandles && !isLeft)
            {
                pushes.Add(() => copy.Push(type, from));
                continue;
            }

            // Handles of all parameters pass before the first is pushed: the order in which they are lifted is the order of their traps.
            var to = isLeft ? from : copy.NewFlat(type);
            if (to != from)
            {
                copy.Copy(type, from, to);
            }

            pushes.AddRange(to.Locals.Select(local => (Action)(() => _code.Get(local))));
        }

        pushes.ForEach(push => push());
    }

    private void SpilledArguments(ValueCopy copy)
    {
        var tuple = CanonicalAbi.ParameterTuple(_edge.Type);
        if (_edge.Target.IsInPlace)
        {
            var place = new MemoryOperand(_edge.Target.Memory!.Value, 0, 0);
            copy.Copy(tuple, place, place);
            _code.Get(0);
            return;
        }

        var (size, area) = (_code.Local(), _code.Local());
        Require(_edge.Caller, 0, tuple);
        _code.I32(tuple.Layout.Size).Set(size);
        AdapterRuntime.Allocate(_code, _edge.Target, tuple.Layout.Alignment, size, area);
        RequireRange(_edge.Target, area, tuple);
        copy.Copy(tuple, new MemoryOperand(_edge.Caller.Memory!.Value, 0, 0), new MemoryOperand(_edge.Target.Memory!.Value, area, 0));
        _code.Get(area);
    }

    /// <summary>Pushes where the host is to put a spilled result: in an area of its own, or where the caller wants it; -1 when it puts none.</summary>
    private int HostArea()
    {
        if (_edge.Host != HostSide.Callee || !CanonicalAbi.SpillsResult(_edge.Type))
        {
            return -1;
        }

        if (!_edge.Target.IsInPlace)
        {
            return Area(_edge.Target);
        }

        var area = _code.Type.Parameters.Length - 1;
        _code.Get(area);
        return area;
    }

    /// <summary>Pushes the address of a new area for the result on <paramref name="side"/>, and keeps it in the local that is returned.</summary>
    private int Area(CanonicalContext side)
    {
        var layout = _edge.Type.Result!.Layout;
        var (size, area) = (_code.Local(), _code.Local());
        _code.I32(layout.Size).Set(size);
        AdapterRuntime.Allocate(_code, side, layout.Alignment, size, area);
        _code.Get(area);
        return area;
    }

    private void Result(int hostArea)
    {
        var back = new ValueCopy(_code, _parts, _edge.Target, _edge.Caller);
        if (_edge.Type.Result is not { } type)
        {
            Finish(null);
            return;
        }

        if (!CanonicalAbi.SpillsResult(type: _edge.Type))
        {
            FlatResult(type, back);
            return;
        }

        var result = hostArea;
        if (hostArea < 0)
        {
            result = _code.Local();
            _code.Set(result);
        }

        Require(_edge.Target, result, type);
        if (_edge.Caller.IsInPlace)
        {
            var place = new MemoryOperand(_edge.Caller.Memory!.Value, result, 0);
            back.Copy(type, place, place);
            if (_edge.Host == HostSide.Caller)
            {
                _code.Get(result);
            }

            return;
        }

        var area = _code.Type.Parameters.Length - 1;
        if (_edge.Host == HostSide.Caller)
        {
            area = Area(_edge.Caller);
            _code.Op(Opcode.Drop);
        }

        Require(_edge.Caller, area, type);
        back.Copy(type, new MemoryOperand(_edge.Target.Memory!.Value, result, 0), new MemoryOperand(_edge.Caller.Memory!.Value, area, 0));
        Finish(result);
        if (_edge.Host == HostSide.Caller)
        {
            _code.Get(area);
        }
    }

    private void FlatResult(ComponentType type, ValueCopy back)
    {
        if (_edge.Caller.IsInPlace && !type.HasHandles)
        {
            return;
        }

        if (_edge.PostReturn is null && ScalarRules.IsScalar(type) && !type.HasHandles)
        {
            ScalarRules.Normalise(_code, type, false);
            return;
        }

        var (from, to) = (back.NewFlat(type), back.NewFlat(type));
        var raw = from.Locals[0];
        _code.Set(raw);
        back.Copy(type, from, to);
        Finish(raw);
        _code.Get(to.Locals[0]);
    }

    private void Finish(int? result)
    {
        if (_edge.PostReturn is not { } post)
        {
            return;
        }

        if (result is { } local)
        {
            _code.Get(local);
        }

        _code.Call(post);
    }

    private void Require(CanonicalContext side, int address, ComponentType type)
    {
        _code.RequireAlignment(address, type.Layout.Alignment);
        RequireRange(side, address, type);
    }

    /// <summary>Without a variant the copy itself touches the last field, and alignment covers the padding behind it.</summary>
    private void RequireRange(CanonicalContext side, int address, ComponentType type)
    {
        if (type.Any(part => part.IsVariant))
        {
            _code.RequireRange(side.Memory!.Value, address, type.Layout.Size);
        }
    }
}
