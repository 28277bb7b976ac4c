using System.Collections.Immutable;

namespace Pulse.Build.Engine.Components;

/// <summary>Immediates of a canonical built-in.</summary>
internal enum BuiltinImmediate
{
    None,

    /// <summary>A type index.</summary>
    Type,

    /// <summary>A type index and options.</summary>
    TypeOptions,

    /// <summary>A type index and the byte "async".</summary>
    TypeFlag,

    /// <summary>The byte "async" or "cancellable".</summary>
    Flag,

    /// <summary>The byte "cancellable" and a memory.</summary>
    FlagMemory,

    /// <summary>A core value type and a slot number.</summary>
    Slot,

    /// <summary>A result list and options.</summary>
    ResultOptions,

    /// <summary>Refused by name.</summary>
    Refused,
}

/// <summary>One canonical built-in.</summary>
/// <param name="Code">Its byte.</param>
/// <param name="Name">Its name in the text format.</param>
/// <param name="Immediate">What follows the byte.</param>
internal sealed record BuiltinRow(byte Code, string Name, BuiltinImmediate Immediate);

/// <summary>The table of canonical built-ins besides <c>lift</c> and <c>lower</c>.</summary>
/// <remarks>Binary.md <c>canon</c></remarks>
internal static class CanonicalBuiltins
{
    /// <summary>The rows.</summary>
    public static ImmutableArray<BuiltinRow> Rows { get; } =
    [
        new(0x02, "resource.new",                BuiltinImmediate.Type),
        new(0x03, "resource.drop",               BuiltinImmediate.Type),
        new(0x04, "resource.rep",                BuiltinImmediate.Type),
        new(0x05, "task.cancel",                 BuiltinImmediate.None),
        new(0x06, "subtask.cancel",              BuiltinImmediate.Flag),
        new(0x07, "resource.drop async",         BuiltinImmediate.Refused),
        new(0x08, "backpressure.set",            BuiltinImmediate.Refused),
        new(0x09, "task.return",                 BuiltinImmediate.ResultOptions),
        new(0x0A, "context.get",                 BuiltinImmediate.Slot),
        new(0x0B, "context.set",                 BuiltinImmediate.Slot),
        new(0x0C, "thread.yield",                BuiltinImmediate.Flag),
        new(0x0D, "subtask.drop",                BuiltinImmediate.None),
        new(0x0E, "stream.new",                  BuiltinImmediate.Type),
        new(0x0F, "stream.read",                 BuiltinImmediate.TypeOptions),
        new(0x10, "stream.write",                BuiltinImmediate.TypeOptions),
        new(0x11, "stream.cancel-read",          BuiltinImmediate.TypeFlag),
        new(0x12, "stream.cancel-write",         BuiltinImmediate.TypeFlag),
        new(0x13, "stream.drop-readable",        BuiltinImmediate.Type),
        new(0x14, "stream.drop-writable",        BuiltinImmediate.Type),
        new(0x15, "future.new",                  BuiltinImmediate.Type),
        new(0x16, "future.read",                 BuiltinImmediate.TypeOptions),
        new(0x17, "future.write",                BuiltinImmediate.TypeOptions),
        new(0x18, "future.cancel-read",          BuiltinImmediate.TypeFlag),
        new(0x19, "future.cancel-write",         BuiltinImmediate.TypeFlag),
        new(0x1A, "future.drop-readable",        BuiltinImmediate.Type),
        new(0x1B, "future.drop-writable",        BuiltinImmediate.Type),
        new(0x1C, "error-context.new",           BuiltinImmediate.Refused),
        new(0x1D, "error-context.debug-message", BuiltinImmediate.Refused),
        new(0x1E, "error-context.drop",          BuiltinImmediate.Refused),
        new(0x1F, "waitable-set.new",            BuiltinImmediate.None),
        new(0x20, "waitable-set.wait",           BuiltinImmediate.FlagMemory),
        new(0x21, "waitable-set.poll",           BuiltinImmediate.FlagMemory),
        new(0x22, "waitable-set.drop",           BuiltinImmediate.None),
        new(0x23, "waitable.join",               BuiltinImmediate.None),
        new(0x24, "backpressure.inc",            BuiltinImmediate.None),
        new(0x25, "backpressure.dec",            BuiltinImmediate.None),
        new(0x26, "thread.index",                BuiltinImmediate.Refused),
        new(0x27, "thread.new-indirect",         BuiltinImmediate.Refused),
        new(0x28, "thread.resume-later",         BuiltinImmediate.Refused),
        new(0x29, "thread.suspend",              BuiltinImmediate.Refused),
        new(0x2A, "thread.suspend-then-resume",  BuiltinImmediate.Refused),
        new(0x2B, "thread.yield-then-resume",    BuiltinImmediate.Refused),
        new(0x2C, "thread.suspend-then-promote", BuiltinImmediate.Refused),
        new(0x2D, "thread.yield-then-promote",   BuiltinImmediate.Refused),
        new(0x40, "thread.spawn-ref",            BuiltinImmediate.Refused),
        new(0x41, "thread.spawn-indirect",       BuiltinImmediate.Refused),
        new(0x42, "thread.available-parallelism", BuiltinImmediate.Refused),
    ];

    /// <summary>The row of <paramref name="code"/>, or null.</summary>
    public static BuiltinRow? Find(byte code) => Rows.FirstOrDefault(row => row.Code == code);
}
