using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Puts the body of a callee in the place of one call.</summary>
/// <example><code>
/// b0: …; v3 = call @f(v1); rest      =>   b0: …; br f0(v1)
///                                         f0(p): …; br b9(r)      for every return r
///                                         b9(v3): rest
/// </code></example>
/// <remarks>The callee's locals are SSA values, so they begin anew each time the call is reached, in a loop too.</remarks>
internal static class CallInlining
{
    /// <summary>Inlines <paramref name="callee"/> at <paramref name="call"/> of <paramref name="caller"/>.</summary>
    public static void Inline(Function caller, Inst call, Function callee)
    {
        var block = caller.BlockOf(call);
        var isTailCall = caller.OpcodeOf(call) == Opcode.ReturnCall;
        var continuation = caller.AddBlock();
        var replaced = new Replacements(caller);
        var results = new List<Value>();
        for (var i = 0; i < callee.Type.Results.Length; i++)
        {
            var parameter = caller.AddParameter(continuation, callee.Type.Results[i]);
            results.Add(parameter);
            if (!isTailCall)
            {
                replaced.Add(caller.Result(call, i), parameter);
            }
        }

        while (caller.Next(call) is { Exists: true } rest)
        {
            caller.MoveToEnd(rest, continuation);
        }

        if (isTailCall)
        {
            caller.Append(continuation, new InstSpec { Opcode = Opcode.Return, Arguments = results.ToArray() });
        }

        var entry = new FunctionCloner(callee, caller, isTailCall).CloneBody(continuation);
        var arguments = caller.Arguments(call).ToArray();
        caller.Remove(call);
        caller.Append(block, new InstSpec { Opcode = Opcode.Br, Targets = [new Edge(entry, arguments)] });
        replaced.Apply();
    }
}
