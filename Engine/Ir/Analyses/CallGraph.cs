using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>A call of a known function from a body in SSA form.</summary>
internal readonly record struct CallSite(FuncIndex Caller, Inst Inst, FuncIndex Callee);

/// <summary>Who calls whom in a program, and which functions code that is not seen may call.</summary>
internal sealed class CallGraph
{
    private readonly Program _program;
    private readonly EntityMap<FuncIndex, List<CallSite>?> _from = new();
    private readonly EntityMap<FuncIndex, List<CallSite>?> _to = new();
    private readonly EntityMap<FuncIndex, List<FuncIndex>?> _callees = new();
    private readonly EntitySet<FuncIndex> _addressTaken = new();
    private readonly EntitySet<FuncIndex> _exported = new();
    private readonly EntitySet<FuncIndex> _calledOpaquely = new();
    private readonly EntitySet<FuncIndex> _callsIndirectly = new();
    private readonly EntitySet<FuncIndex> _recursive = new();
    private readonly EntityMap<FuncIndex, int> _component = new(-1);
    private readonly List<IReadOnlyList<FuncIndex>> _components = [];

    public CallGraph(Program program)
    {
        _program = program;
        foreach (var function in program.Functions)
        {
            if (program.Body(function) is { } body)
            {
                AddBody(function, body);
            }
            else if (program.Module.Functions[function.Index].Body is { } encoded)
            {
                AddEncoded(function, encoded);
            }
        }

        AddModule(program.Module);
        FindComponents();
    }

    /// <summary>The direct calls in the body of <paramref name="caller"/>, in layout order. Bodies that are not modelled have none here.</summary>
    public IReadOnlyList<CallSite> SitesIn(FuncIndex caller) => _from[caller] ?? (IReadOnlyList<CallSite>)[];

    /// <summary>The direct calls of <paramref name="callee"/> from bodies in SSA form.</summary>
    public IReadOnlyList<CallSite> SitesOf(FuncIndex callee) => _to[callee] ?? (IReadOnlyList<CallSite>)[];

    /// <summary>The functions that <paramref name="caller"/> calls directly, modelled or not, each once.</summary>
    public IReadOnlyList<FuncIndex> Callees(FuncIndex caller) => _callees[caller] ?? (IReadOnlyList<FuncIndex>)[];

    /// <summary>Whether the function stands in an element segment, a <c>ref.func</c> or a global's initialiser.</summary>
    public bool IsAddressTaken(FuncIndex function) => _addressTaken.Contains(function);

    /// <summary>Whether the host can call the function: it is exported or the start function.</summary>
    public bool IsExported(FuncIndex function) => _exported.Contains(function);

    /// <summary>Whether a body that is not modelled calls it.</summary>
    public bool IsCalledOpaquely(FuncIndex function) => _calledOpaquely.Contains(function);

    /// <summary>Whether every call of the function is among <see cref="SitesOf"/>.</summary>
    public bool AllCallsKnown(FuncIndex function) => !IsAddressTaken(function) && !IsExported(function) && !IsCalledOpaquely(function);

    /// <summary>Whether the function contains a call through a table.</summary>
    public bool CallsIndirectly(FuncIndex function) => _callsIndirectly.Contains(function);

    /// <summary>Whether direct calls lead from the function back to itself.</summary>
    public bool IsRecursive(FuncIndex function) => _recursive.Contains(function);

    /// <summary>Strongly connected components of direct calls, callees before callers.</summary>
    public IReadOnlyList<IReadOnlyList<FuncIndex>> BottomUp => _components;

    /// <summary>Position in <see cref="BottomUp"/> of the component that holds <paramref name="function"/>.</summary>
    public int ComponentOf(FuncIndex function) => _component[function];

    private void AddBody(FuncIndex caller, Function body)
    {
        foreach (var block in body.Blocks)
        {
            for (var inst = body.First(block); inst.Exists; inst = body.Next(inst))
            {
                var callee = new FuncIndex(body.ImmediatesOf(inst).A);
                switch (body.OpcodeOf(inst))
                {
                    case Opcode.Call or Opcode.ReturnCall:
                        var site = new CallSite(caller, inst, callee);
                        (_from.Reference(caller) ??= []).Add(site);
                        (_to.Reference(callee) ??= []).Add(site);
                        AddEdge(caller, callee);
                        break;
                    case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                        _callsIndirectly.Add(caller);
                        break;
                    case Opcode.RefFunc:
                        _addressTaken.Add(callee);
                        break;
                }
            }
        }
    }

    private void AddEncoded(FuncIndex caller, FunctionBody body)
    {
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            switch (instruction.Opcode)
            {
                case Opcode.Call or Opcode.ReturnCall:
                    _calledOpaquely.Add(new FuncIndex(instruction.A));
                    AddEdge(caller, new FuncIndex(instruction.A));
                    break;
                case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                    _callsIndirectly.Add(caller);
                    break;
                case Opcode.RefFunc:
                    _addressTaken.Add(new FuncIndex(instruction.A));
                    break;
            }
        }
    }

    private void AddEdge(FuncIndex caller, FuncIndex callee)
    {
        var callees = _callees.Reference(caller) ??= [];
        if (!callees.Contains(callee))
        {
            callees.Add(callee);
        }
    }

    private void AddModule(Module module)
    {
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Function))
        {
            _exported.Add(new FuncIndex(export.Index));
        }

        if (module.Start is { } start)
        {
            _exported.Add(start);
        }

        foreach (var element in module.Elements)
        {
            foreach (var function in element.Functions.IsDefault ? [] : element.Functions)
            {
                _addressTaken.Add(function);
            }

            foreach (var expression in element.Expressions.IsDefault ? [] : element.Expressions)
            {
                AddExpression(expression);
            }
        }

        foreach (var global in module.Globals)
        {
            AddExpression(global.Initial);
        }

        foreach (var table in module.Tables)
        {
            AddExpression(table.Initial);
        }
    }

    private void AddExpression(ConstantExpression? expression)
    {
        if (expression is null)
        {
            return;
        }

        var reader = new InstructionReader(expression.Code.Span, expression.Offset, "");
        while (reader.TryRead(out var instruction))
        {
            if (instruction.Opcode == Opcode.RefFunc)
            {
                _addressTaken.Add(new FuncIndex(instruction.A));
            }
        }
    }

    /// <summary>Tarjan's algorithm with a stack of its own: call chains can be deep.</summary>
    private void FindComponents()
    {
        var count = _program.Module.Functions.Count;
        var (index, low, onStack) = (new int[count], new int[count], new bool[count]);
        var (clock, open, work) = (0, new Stack<int>(), new Stack<(int Node, int Next)>());
        for (var root = 0; root < count; root++)
        {
            if (index[root] != 0)
            {
                continue;
            }

            work.Push((root, 0));
            while (work.TryPop(out var top))
            {
                var (node, next) = top;
                if (next == 0)
                {
                    index[node] = low[node] = ++clock;
                    open.Push(node);
                    onStack[node] = true;
                }

                var callees = Callees(new FuncIndex(node));
                if (next > 0)
                {
                    low[node] = Math.Min(low[node], low[callees[next - 1].Index]);
                }

                while (next < callees.Count && index[callees[next].Index] != 0)
                {
                    var seen = callees[next++].Index;
                    low[node] = onStack[seen] ? Math.Min(low[node], index[seen]) : low[node];
                }

                if (next < callees.Count)
                {
                    work.Push((node, next + 1));
                    work.Push((callees[next].Index, 0));
                }
                else if (low[node] == index[node])
                {
                    Close(node, open, onStack);
                }
            }
        }
    }

    private void Close(int root, Stack<int> open, bool[] onStack)
    {
        var members = new List<FuncIndex>();
        int member;
        do
        {
            member = open.Pop();
            onStack[member] = false;
            members.Add(new FuncIndex(member));
            _component[new FuncIndex(member)] = _components.Count;
        }
        while (member != root);

        members.Sort((a, b) => a.Index.CompareTo(b.Index));
        _components.Add(members);
        if (members.Count > 1 || Callees(members[0]).Contains(members[0]))
        {
            members.ForEach(function => _recursive.Add(function));
        }
    }
}
