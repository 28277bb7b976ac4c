using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Follows functions through renumbering and inlining: the hint that the judge gets, and never trusts.</summary>
internal sealed class FunctionOrigins(Module module)
{
    private readonly List<int> _origin = [.. Enumerable.Range(0, module.Functions.Count)];
    private readonly HashSet<(int Caller, int Callee)> _inlined = [];
    private readonly Dictionary<int, long> _lengths = [];

    /// <summary>The index that <paramref name="function"/> had in the module that came in.</summary>
    public FuncIndex Of(FuncIndex function) => new(_origin[function.Index]);

    /// <summary>Indices of the module that came in, by index of the module as it is.</summary>
    public IReadOnlyList<int> Map => _origin;

    /// <summary>Pairs of caller and callee, by their original indices, of which some call was expanded; sorted.</summary>
    public IEnumerable<(int Caller, int Callee)> Inlined => _inlined.Order();

    /// <summary>The original indices of <paramref name="function"/> and of all that was inlined into it: what comes along with its body.</summary>
    public IReadOnlySet<int> BroughtBy(FuncIndex function)
    {
        var brought = new SortedSet<int>();
        var work = new Stack<int>([Of(function).Index]);
        while (work.TryPop(out var next))
        {
            if (brought.Add(next))
            {
                foreach (var (_, callee) in _inlined.Where(pair => pair.Caller == next))
                {
                    work.Push(callee);
                }
            }
        }

        return brought;
    }

    /// <summary>Records that calls from one to the other were expanded.</summary>
    public void RecordInlined(FuncIndex caller, FuncIndex callee)
    {
        _inlined.Add((Of(caller).Index, Of(callee).Index));
        _lengths[Of(caller).Index] = LengthOf(caller) + LengthOf(callee);
    }

    /// <summary>Instructions of <paramref name="function"/> as it came in, with those of all that was inlined into it, each time it was.</summary>
    public long LengthOf(FuncIndex function)
    {
        var origin = Of(function).Index;
        if (!_lengths.TryGetValue(origin, out var length))
        {
            var reader = new InstructionReader(module.Functions[origin].Body is { } body ? body.Code.Span : [], 0, "");
            while (reader.TryRead(out _))
            {
                length++;
            }

            _lengths[origin] = length;
        }

        return length;
    }

    /// <summary>Keeps the functions at <paramref name="kept"/>, in that order.</summary>
    public void Keep(IReadOnlyList<FuncIndex> kept)
    {
        int[] next = [.. kept.Select(f => _origin[f.Index])];
        _origin.Clear();
        _origin.AddRange(next);
    }
}
