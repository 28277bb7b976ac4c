using System.Collections.Immutable;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Passes;

/// <summary>Accesses of one function to what a handler touches: each is an event.</summary>
/// <param name="Function">Its index in the module that came in.</param>
/// <param name="Accesses">How many instructions of it are events because of the handler.</param>
internal sealed record SharingFunction(int Function, int Accesses);

/// <summary>What one handler shares with the code that it interrupts.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Places">What it touches, with all that it reaches.</param>
/// <param name="Functions">The other functions that touch the same.</param>
/// <param name="BelowStack">Functions that keep values where the handler has its frame, with the stack pointer.</param>
internal sealed record HandlerSharing(
    InterruptEntry Handler, SharedPlaces Places, ImmutableArray<SharingFunction> Functions, ImmutableArray<(int Function, int Global)> BelowStack)
{
    /// <summary>The functions that the handler runs.</summary>
    public ImmutableArray<int> Reached { get; init; } = [];
}

/// <summary>Finds what interrupt handlers share with other code, before any pass runs, and tells every function of it.</summary>
internal static class InterruptSharing
{
    /// <summary>Sets <see cref="Function.Shared"/> of every body when the module has handlers; says what each of them shares.</summary>
    public static ImmutableArray<HandlerSharing> Find(Program program)
    {
        var handlers = InterruptSection.Read(program.Module, "")
            .Select(handler => (Entry: handler, Index: program.Module.Exports.Find(e => e.Kind == ExternKind.Function && e.Name == handler.Export)?.Index ?? -1))
            .Where(handler => handler.Index >= 0)
            .ToArray();
        if (handlers.Length == 0)
        {
            return [];
        }

        var result = handlers.Select(handler => Of(program, handler.Entry, handler.Index)).ToImmutableArray();
        Share(program, HandlerPlaces.Of(program, handlers.Select(handler => handler.Index), out _));
        return result;
    }

    private static HandlerSharing Of(Program program, InterruptEntry entry, int index)
    {
        var places = HandlerPlaces.Of(program, [index], out var reached);
        Share(program, places);
        var functions = program.Functions
            .Where(function => !reached.Contains(function.Index) && program.Body(function) is not null)
            .Select(function => new SharingFunction(function.Index, Events(program.Body(function)!)))
            .Where(function => function.Accesses > 0);
        return new HandlerSharing(entry, places, [.. functions], [.. RedZones.Find(program, places, reached)]) { Reached = [.. reached.Order()] };
    }

    private static void Share(Program program, SharedPlaces places)
    {
        foreach (var function in program.Functions)
        {
            if (program.Body(function) is { } body)
            {
                body.Shared = places;
            }
        }
    }

    private static int Events(Function function)
    {
        var count = 0;
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                count += (function.EffectsOf(inst) & Effects.Shares) != 0 ? 1 : 0;
            }
        }

        return count;
    }
}
