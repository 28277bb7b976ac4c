using Pulse.Build.Engine.Fusion.Composition;

namespace Pulse.Build.Engine.Fusion.Entities;

/// <summary>The entities of the fused module while they are found: what whoever generates code asks for, and with that makes part of the module.</summary>
internal interface IFusedEntities
{
    /// <summary>The instances of the program.</summary>
    ComponentGraph Graph { get; }

    /// <summary>Exports of the fused module: name and function.</summary>
    List<(string Name, FunctionId Function, string Instance)> Exports { get; }

    /// <summary>The id of <paramref name="node"/>, found or made.</summary>
    FunctionId Add(FunctionNode node);

    /// <summary>The function that <paramref name="item"/> finally calls: imports followed, shims and forwarding edges dissolved.</summary>
    FunctionId Function(CoreItem item);

    /// <summary>The id of a generated function, made by <paramref name="make"/> when it is new.</summary>
    FunctionId Generated(string key, Func<GeneratedFunction> make);

    /// <summary>The memory of the handle table of <paramref name="owner"/>.</summary>
    MemoryId HandleMemory(ComponentInstance owner);

    /// <summary>The memory of the host's area.</summary>
    MemoryId HostTransferMemory();
}
