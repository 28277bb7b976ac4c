using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm.Validation;

/// <summary>
/// Refuses a valid module for the first proposal that its declarations need and that is switched off. What code needs, the
/// code's validator asks for.
/// </summary>
internal sealed class FeatureUse(Module module, ValidationContext context)
{
    /// <summary>Throws PULSE1006 when a declaration needs a feature that is off.</summary>
    public void Check()
    {
        foreach (var type in module.Types)
        {
            CheckType(type);
        }

        module.Tables.ForEach(CheckTable);
        Need(module.Tables.Count > 1, WasmFeatures.ReferenceTypes, SectionId.Table);
        module.Memories.ForEach(CheckMemory);
        Need(module.Memories.Count > 1, WasmFeatures.MultiMemory, SectionId.Memory);
        module.Globals.ForEach(CheckGlobal);
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Global))
        {
            Need(module.Globals[export.Index].IsMutable, WasmFeatures.MutableGlobals, SectionId.Export);
        }

        module.Elements.ForEach(CheckElements);
        Need(module.HasDataCount || module.Data.Exists(segment => segment.Mode != SegmentMode.Active), WasmFeatures.BulkMemory, SectionId.Data);
        foreach (var body in module.Functions.Select(function => function.Body).OfType<FunctionBody>())
        {
            foreach (var group in body.Locals)
            {
                context.RequireType(group.Type, body.Offset);
            }
        }
    }

    private void CheckType(FuncType type)
    {
        Need(type.Results.Length > 1, WasmFeatures.MultiValue, SectionId.Type);
        RequireTypes(type.Parameters);
        RequireTypes(type.Results);
    }

    private void RequireTypes(ImmutableArray<ValType> types)
    {
        foreach (var type in types)
        {
            context.RequireType(type, Place(SectionId.Type));
        }
    }

    private void CheckTable(ModuleTable table)
    {
        var section = table.Import is null ? SectionId.Table : SectionId.Import;
        Need(table.Limits.Is64, WasmFeatures.Memory64, section);
        Need(table.ElementType != ValType.FuncRef || table.Initial is not null, WasmFeatures.ReferenceTypes, section);
    }

    private void CheckMemory(ModuleMemory memory)
    {
        var section = memory.Import is null ? SectionId.Memory : SectionId.Import;
        Need(memory.Limits.Is64, WasmFeatures.Memory64, section);
        Need(memory.Limits.Shared, WasmFeatures.Threads, section);
        Need(memory.StatedPageSizeLog2 is not null, WasmFeatures.CustomPageSizes, section);
    }

    private void CheckGlobal(ModuleGlobal global)
    {
        var section = global.Import is null ? SectionId.Global : SectionId.Import;
        context.RequireType(global.Type, Place(section));
        Need(global.Import is not null && global.IsMutable, WasmFeatures.MutableGlobals, section);
    }

    private void CheckElements(ElementSegment segment)
    {
        var isActiveWithExpressions = segment.Mode == SegmentMode.Active && segment.UsesExpressions;
        Need(segment.Mode == SegmentMode.Declarative || segment.Type != ValType.FuncRef || isActiveWithExpressions, WasmFeatures.ReferenceTypes, SectionId.Element);
        Need(segment.Mode == SegmentMode.Passive, WasmFeatures.BulkMemory, SectionId.Element);
    }

    private void Need(bool isUsed, WasmFeatures feature, int section)
    {
        if (isUsed)
        {
            context.Require(feature, Place(section));
        }
    }

    private int Place(int section) => module.Source?.Find(section)?.ContentOffset ?? -1;
}
