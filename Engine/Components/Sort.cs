namespace Pulse.Build.Engine.Components;

/// <summary>What an index refers to; each sort has an index space of its own in every component.</summary>
/// <remarks>component-model Binary.md, <c>sort</c> and <c>core:sort</c></remarks>
internal enum Sort
{
    CoreFunction,
    CoreTable,
    CoreMemory,
    CoreGlobal,
    CoreType,
    CoreModule,
    CoreInstance,
    Function,
    Type,
    Component,
    Instance,
}

/// <summary>Names of sorts for messages.</summary>
internal static class Sorts
{
    /// <summary>The words of the text format.</summary>
    public static string Name(this Sort sort) => sort switch
    {
        Sort.CoreFunction => "core func",
        Sort.CoreTable => "core table",
        Sort.CoreMemory => "core memory",
        Sort.CoreGlobal => "core global",
        Sort.CoreType => "core type",
        Sort.CoreModule => "core module",
        Sort.CoreInstance => "core instance",
        Sort.Function => "func",
        Sort.Type => "type",
        Sort.Component => "component",
        _ => "instance",
    };
}

/// <summary>An index of a sort, as a definition names it.</summary>
internal readonly record struct SortIndex(Sort Sort, int Index);
