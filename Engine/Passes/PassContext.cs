using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Passes;

/// <summary>What a pass works in: the program, the settings, and the record of what was decided.</summary>
internal sealed class PassContext(Program program, OptimizerSettings settings)
{
    private int _changes;

    /// <summary>The program.</summary>
    public Program Program { get; } = program;

    /// <summary>The settings.</summary>
    public OptimizerSettings Settings { get; } = settings;

    /// <summary>Names of functions, for reports: from the name section or the exports, else <c>func[3]</c>.</summary>
    public required FunctionNames Names { get; init; }

    /// <summary>What the producer asks for about inlining.</summary>
    public InlineHints Marks { get; init; } = new();

    /// <summary>Every inlining decision, in the order taken.</summary>
    public List<InlineDecision> InlineDecisions { get; } = [];

    /// <summary>What surviving function has which index of the module that came in.</summary>
    public FunctionOrigins Origins { get; } = new(program.Module);

    /// <summary>Called with the pass's name after each pass that changed a function; dumps and per-pass checks hang here.</summary>
    public Action<FuncIndex, string>? AfterChange { get; init; }

    /// <summary>How much is done to <paramref name="function"/>.</summary>
    public FunctionLevel LevelOf(FuncIndex function) => Settings.LevelOf(Origins.Of(function).Index);

    /// <summary>Whether another change may be made; counts it. Bisects a miscompilation.</summary>
    public bool ConsumeFuel() => Settings.Fuel == 0 || _changes++ < Settings.Fuel;
}
