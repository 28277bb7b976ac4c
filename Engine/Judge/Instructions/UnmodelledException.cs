namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>Something without a meaning here, named by the message; a function with it can only be compared for identity.</summary>
internal sealed class UnmodelledException(string what) : Exception(what);
