namespace Pulse.Build.Engine.Passes;

/// <summary>Why a call was or was not inlined.</summary>
internal enum InlineReason
{
    SingleCallSite,
    Small,
    Marked,
    HotPath,
    TooLarge,
    Recursive,
    Imported,
    Indirect,
    NoInline,
    NotModelled,
    NotProved,
    SwitchedOff,
}

/// <summary>One decision about the calls from one function to another, by indices of the module that came in.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="Callee">The callee, or -1 for an indirect call.</param>
/// <param name="Reason">Why.</param>
/// <param name="Cost">The callee's size in instructions, where a size decided.</param>
/// <param name="Limit">What the size was compared with.</param>
internal sealed record InlineDecision(int Caller, int Callee, InlineReason Reason, int Cost = 0, int Limit = 0)
{
    /// <summary>Whether the calls are gone.</summary>
    public bool Inlined => Reason is InlineReason.SingleCallSite or InlineReason.Small or InlineReason.Marked or InlineReason.HotPath;

    /// <summary>The reason as reports say it, <c>too large: 120 > 50</c>.</summary>
    public string Text => Reason switch
    {
        InlineReason.SingleCallSite => "only call site",
        InlineReason.Small => "small",
        InlineReason.Marked => "marked",
        InlineReason.HotPath => "on a hot path",
        InlineReason.TooLarge => $"too large: {Cost} > {Limit}",
        InlineReason.Recursive => "recursive",
        InlineReason.Imported => "imported",
        InlineReason.Indirect => "indirect",
        InlineReason.NoInline => "noinline",
        InlineReason.NotModelled => "not modelled",
        InlineReason.NotProved => "not proved",
        _ => "inlining is switched off",
    };
}
