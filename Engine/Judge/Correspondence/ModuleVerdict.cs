namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>The three verdicts. There is no fourth: nothing is skipped, trusted or counted as proved for want of a model.</summary>
internal enum Verdict { Proved, Refuted, Unknown }

/// <summary>The verdict on something of the module as a whole: an export, a memory's initial contents, an import.</summary>
internal sealed record ModuleVerdict(string What, Verdict Verdict, string Reason);
