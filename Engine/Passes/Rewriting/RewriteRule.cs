namespace Pulse.Build.Engine.Passes.Rewriting;

/// <summary>
/// One directional rule: <c>name: pattern [if guard] => replacement</c>. The replacement is never worse than the pattern (fewer operations,
/// or as many and cheaper). The guard is an operation on the pattern's constants; the rule applies where it is not zero.
/// </summary>
internal sealed record RewriteRule(string Name, Operation Pattern, Term? Guard, Term Replacement);
