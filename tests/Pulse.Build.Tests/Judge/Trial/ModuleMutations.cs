using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>Changes of a module beside its code. Each changes <c>module</c> and says how, or gives null where nothing of its kind is there.</summary>
internal sealed class ModuleMutations(Module module, FuzzRandom random)
{
    /// <summary>Other names, a dot elsewhere, or two imports that change names.</summary>
    public string? ImportName()
    {
        if (module.Imports.Count == 0)
        {
            return null;
        }

        var at = random.Below(module.Imports.Count);
        var old = module.Imports[at];
        switch (random.Below(5))
        {
            case 0:
                return Rename(at, old with { Name = old.Name + "x" });
            case 1:
                return Rename(at, old with { Module = old.Module + "x" });
            case 2:
                return Rename(at, Undotted(old));
            default:
                var others = Enumerable.Range(0, module.Imports.Count).Where(i => i != at && module.Imports[i].Kind == old.Kind).ToArray();
                if (others.Length == 0)
                {
                    return null;
                }

                var other = random.Pick(others);
                var name = module.Imports[other];
                if (random.Once(3))
                {
                    return Rename(at, name);
                }

                Rename(at, name);
                Rename(other, old);
                return $"{old.Module} {old.Name} and {name.Module} {name.Name} exchanged";
        }
    }

    /// <summary>An import becomes an own definition of the same type.</summary>
    public string? ImportToOwn()
    {
        var kind = random.Pick([ExternKind.Global, ExternKind.Memory, ExternKind.Table]);
        var imports = module.Imports.Where(import => import.Kind == kind).ToArray();
        if (imports.Length == 0)
        {
            return null;
        }

        // The last of its kind, so that every index stays.
        var gone = imports[^1];
        switch (kind)
        {
            case ExternKind.Global:
                var global = module.Globals.FindLastIndex(g => g.Import is not null);
                module.Globals[global] = module.Globals[global] with { Import = null, Initial = ConstantExpression.Of(new ConstantValue(module.Globals[global].Type, 0)) };
                break;
            case ExternKind.Memory:
                var memory = module.Memories.FindLastIndex(m => m.Import is not null);
                module.Memories[memory] = module.Memories[memory] with { Import = null };
                break;
            default:
                var table = module.Tables.FindLastIndex(t => t.Import is not null);
                module.Tables[table] = module.Tables[table] with { Import = null };
                break;
        }

        module.Imports.RemoveAt(module.Imports.FindLastIndex(i => i.Kind == kind));
        return $"{gone.Module} {gone.Name} is an own one";
    }

    public string? ExportName()
    {
        if (module.Exports.Count == 0)
        {
            return null;
        }

        var at = random.Below(module.Exports.Count);
        var old = module.Exports[at];
        switch (random.Below(5))
        {
            case 0:
                module.Exports[at] = old with { Name = old.Name + "x" };
                return $"export {old.Name} renamed";
            case 1:
                module.Exports.RemoveAt(at);
                return $"export {old.Name} dropped";
            case 2:
                var other = random.Below(module.Exports.Count);
                (module.Exports[at], module.Exports[other]) = (old with { Name = module.Exports[other].Name }, module.Exports[other] with { Name = old.Name });
                return at == other ? null : $"exports {old.Name} and {module.Exports[at].Name} exchanged";
            default:
                var count = old.Kind switch { ExternKind.Function => module.Functions.Count, ExternKind.Global => module.Globals.Count, ExternKind.Memory => module.Memories.Count, _ => module.Tables.Count };
                module.Exports[at] = old with { Index = random.Below(count) };
                return module.Exports[at] == old ? null : $"export {old.Name} is another";
        }
    }

    public string? Table()
    {
        if (module.Tables.Count == 0)
        {
            return null;
        }

        var at = random.Below(module.Tables.Count);
        var old = module.Tables[at];
        var limits = old.Limits;
        module.Tables[at] = random.Below(5) switch
        {
            0 => old with { Limits = limits with { Minimum = limits.Minimum + 1, Maximum = limits.Maximum + 1 } },
            1 => old with { Limits = limits with { Minimum = limits.Minimum == 0 ? 0 : limits.Minimum - 1 } },
            2 => old with { Limits = limits with { Maximum = limits.Maximum is null ? limits.Minimum + 2 : null } },
            3 => old with { ElementType = old.ElementType == ValType.FuncRef ? ValType.ExternRef : ValType.FuncRef },
            _ => old with { Initial = old.Import is null && old.ElementType == ValType.FuncRef ? ConstantExpression.Function(new FuncIndex(random.Below(module.Functions.Count))) : old.Initial },
        };
        return module.Tables[at] == old ? null : $"table {at}: {old.ElementType} {old.Limits} became {module.Tables[at].ElementType} {module.Tables[at].Limits}";
    }

    public string? Elements()
    {
        if (module.Elements.Count == 0)
        {
            return null;
        }

        var at = random.Below(module.Elements.Count);
        var old = module.Elements[at];
        var count = old.Functions.Length;
        switch (random.Below(7))
        {
            case 0 when count > 1:
                var (i, j) = (random.Below(count), random.Below(count));
                module.Elements[at] = old with { Functions = old.Functions.SetItem(i, old.Functions[j]).SetItem(j, old.Functions[i]) };
                return $"elements {i} and {j} exchanged";
            case 1 when count > 0:
                module.Elements[at] = old with { Functions = old.Functions.SetItem(random.Below(count), new FuncIndex(random.Below(module.Functions.Count))) };
                return "another element";
            case 2 when count > 0:
                module.Elements[at] = old with { Functions = old.Functions.RemoveAt(random.Below(count)) };
                return "an element dropped";
            case 3 when old.Offset is { } offset && offset.TryEvaluate(out var value):
                module.Elements[at] = old with { Offset = ConstantExpression.Of(value with { Bits = value.Bits + 1 }) };
                return "elements a slot later";
            case 4:
                module.Elements.RemoveAt(at);
                return $"element segment {at} dropped";
            case 5:
                var (mode, start) = old.Mode == SegmentMode.Active ? (SegmentMode.Passive, null) : (SegmentMode.Active, ConstantExpression.I32(0));
                module.Elements[at] = old with { Mode = mode, Offset = start };
                return $"element segment {at} is {mode}";
            case 6 when module.Elements.Count > 1:
                var other = random.Below(module.Elements.Count);
                (module.Elements[at], module.Elements[other]) = (module.Elements[other], old);
                return $"element segments {at} and {other} exchanged";
            default:
                return null;
        }
    }

    public string? Start()
    {
        var fitting = Enumerable.Range(0, module.Functions.Count).Where(f => module.TypeOf(new FuncIndex(f)) is { Parameters.IsEmpty: true, Results.IsEmpty: true }).ToArray();
        if (fitting.Length == 0)
        {
            return null;
        }

        var old = module.Start;
        module.Start = old is not null && random.Once(2) ? null : new FuncIndex(random.Pick(fitting));
        return module.Start == old ? null : $"start {old} became {module.Start}";
    }

    public string? Data()
    {
        if (module.Data.Count == 0)
        {
            return null;
        }

        var at = random.Below(module.Data.Count);
        var old = module.Data[at];
        var bytes = old.Bytes.ToArray();
        switch (random.Below(7))
        {
            case 0 when bytes.Length > 0:
                bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
                module.Data[at] = old with { Bytes = bytes };
                return "another byte of data";
            case 1 when bytes.Length > 0:
                module.Data[at] = old with { Bytes = bytes.AsMemory(0, bytes.Length - 1) };
                return "a byte of data less";
            case 2 when old.Offset is { } offset && offset.TryEvaluate(out var value):
                module.Data[at] = old with { Offset = ConstantExpression.Of(value with { Bits = unchecked(value.Bits + random.Pick<ulong>([1, 4, 65535])) & uint.MaxValue }) };
                return "data elsewhere";
            case 3 when !module.HasDataCount:
                module.Data.RemoveAt(at);
                return $"data segment {at} dropped";
            case 4 when module.Memories.Count > 0:
                var (mode, start) = old.Mode == SegmentMode.Active ? (SegmentMode.Passive, null) : (SegmentMode.Active, ConstantExpression.I32(0));
                module.Data[at] = old with { Mode = mode, Offset = start };
                return $"data segment {at} is {mode}";
            case 5 when module.Memories.Count > 1:
                module.Data[at] = old with { Memory = new MemoryIndex((old.Memory.Index + 1) % module.Memories.Count) };
                return "data of another memory";
            case 6 when module.Data.Count > 1:
                var other = random.Below(module.Data.Count);
                (module.Data[at], module.Data[other]) = (module.Data[other], old);
                return $"data segments {at} and {other} exchanged";
            default:
                return null;
        }
    }

    public string? Limit()
    {
        if (module.Memories.Count == 0)
        {
            return null;
        }

        var at = random.Below(module.Memories.Count);
        var old = module.Memories[at];
        var limits = old.Limits;
        module.Memories[at] = random.Below(4) switch
        {
            0 => old with { Limits = limits with { Minimum = limits.Minimum + 1, Maximum = limits.Maximum + 1 } },
            1 => old with { Limits = limits with { Minimum = Math.Max(limits.Minimum, 1) - 1 } },
            2 => old with { Limits = limits with { Maximum = limits.Maximum is null ? limits.Minimum + 1 : null } },
            _ => old with { Limits = limits with { Maximum = limits.Maximum + 1 } },
        };
        return module.Memories[at] == old ? null : $"memory {at}: {limits} became {module.Memories[at].Limits}";
    }

    public string? Global()
    {
        var own = Enumerable.Range(0, module.Globals.Count).Where(g => module.Globals[g].Import is null).ToArray();
        if (own.Length == 0)
        {
            return null;
        }

        var at = random.Pick(own);
        var old = module.Globals[at];
        if (random.Once(4))
        {
            module.Globals[at] = old with { IsMutable = !old.IsMutable };
            return $"global {at} mutable {!old.IsMutable}";
        }

        if (!old.Initial!.TryEvaluate(out var value) || old.Type.IsReference())
        {
            return null;
        }

        var changed = random.Once(3) ? 0 : value.Bits ^ (1UL << random.Below(old.Type.Bits() == 32 ? 32 : 64));
        module.Globals[at] = old with { Initial = ConstantExpression.Of(value with { Bits = changed }) };
        return changed == value.Bits ? null : string.Create(CultureInfo.InvariantCulture, $"global {at}: {value.Bits} became {changed}");
    }

    /// <summary>Sections that later stages obey.</summary>
    public string? Section()
    {
        var sections = Enumerable.Range(0, module.CustomSections.Count).Where(s => module.CustomSections[s].Name.StartsWith("pulse.", StringComparison.Ordinal)).ToArray();
        if (sections.Length == 0)
        {
            return null;
        }

        var at = random.Pick(sections);
        var old = module.CustomSections[at];
        switch (random.Below(3))
        {
            case 0:
                module.CustomSections.RemoveAt(at);
                return $"{old.Name} dropped";
            case 1:
                module.CustomSections[at] = old with { Name = old.Name + "x" };
                return $"{old.Name} renamed";
            default:
                var bytes = old.Bytes.ToArray();
                if (bytes.Length == 0)
                {
                    return null;
                }

                bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(7));
                module.CustomSections[at] = old with { Bytes = bytes };
                return $"another byte of {old.Name}";
        }
    }

    /// <summary>The dot between the two names of an import is elsewhere, so that joined they are the same.</summary>
    private static Import Undotted(Import import)
    {
        var dot = import.Module.LastIndexOf('.');
        if (dot >= 0)
        {
            return import with { Module = import.Module[..dot], Name = $"{import.Module[(dot + 1)..]}.{import.Name}" };
        }

        dot = import.Name.IndexOf('.', StringComparison.Ordinal);
        return dot >= 0 ? import with { Module = $"{import.Module}.{import.Name[..dot]}", Name = import.Name[(dot + 1)..] } : import with { Module = "", Name = $"{import.Module}.{import.Name}" };
    }

    private string? Rename(int at, Import name)
    {
        var old = module.Imports[at];
        var ordinal = module.Imports.Take(at).Count(import => import.Kind == old.Kind);
        module.Imports[at] = name;
        switch (old.Kind)
        {
            case ExternKind.Function: module.Functions[ordinal] = module.Functions[ordinal] with { Import = name }; break;
            case ExternKind.Memory: module.Memories[ordinal] = module.Memories[ordinal] with { Import = name }; break;
            case ExternKind.Table: module.Tables[ordinal] = module.Tables[ordinal] with { Import = name }; break;
            default: module.Globals[ordinal] = module.Globals[ordinal] with { Import = name }; break;
        }

        return $"{old.Module} {old.Name} became {name.Module} {name.Name}";
    }
}
