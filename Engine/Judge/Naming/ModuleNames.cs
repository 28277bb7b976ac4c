namespace Pulse.Build.Engine.Judge.Naming;

/// <summary>The names of both sides.</summary>
internal sealed record ModuleNames(FunctionNames Before, FunctionNames After);
