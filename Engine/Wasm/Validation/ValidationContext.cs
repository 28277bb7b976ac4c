using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Wasm.Validation;

/// <summary>What code is validated against, and the errors it can give.</summary>
/// <remarks>Core 3.0 #context</remarks>
internal sealed class ValidationContext(Module module, string path, WasmFeatures features)
{
    /// <summary>As the JavaScript interface of engines has it: no compiler emits more, and a hostile module cannot make us allocate more.</summary>
    public const int MaximumLocals = 50_000;

    /// <summary>Of parameters, and of results, of one function type.</summary>
    public const int MaximumArity = 1_000;

    /// <summary>Of operands on the stack of one function.</summary>
    public const int MaximumOperands = 1_000_000;

    /// <summary>The module.</summary>
    public Module Module => module;

    /// <summary>Functions that <c>ref.func</c> may name in a body: those that something outside bodies names.</summary>
    public EntitySet<FuncIndex> DeclaredReferences { get; } = new();

    /// <summary>Globals that a constant expression may read: all before the one being initialised.</summary>
    public int VisibleGlobals { get; set; }

    /// <summary>The function being validated, for messages, or -1.</summary>
    public int Function { get; set; } = -1;

    /// <summary>Whether no feature is switched off.</summary>
    public bool HasAllFeatures => features == WasmFeatures.Default;

    /// <summary>The path of the file, for messages.</summary>
    public string Path => path;

    /// <summary>Whether a function of <paramref name="type"/> with <paramref name="body"/> has no more locals than engines take.</summary>
    public static bool IsWithinLocals(FuncType type, FunctionBody body) =>
        body.Locals.Aggregate((ulong)type.Parameters.Length, (sum, group) => sum + group.Count) <= MaximumLocals;

    /// <summary>The error <paramref name="message"/> at byte <paramref name="offset"/>.</summary>
    public DiagnosticException Invalid(string message, int offset, string instruction = "")
    {
        var place = Function < 0 ? "" : $"function {Function.ToString(CultureInfo.InvariantCulture)}{FunctionName()}";
        var both = instruction.Length > 0 && place.Length > 0 ? $"{place}, {instruction}" : place + instruction;
        return new DiagnosticException(DiagnosticId.PULSE1002, Location.AtOffset(path, offset), both.Length > 0 ? $"{message} ({both})" : message);
    }

    /// <summary>Refuses by name a module that uses <paramref name="feature"/> while it is switched off.</summary>
    public void Require(WasmFeatures feature, int offset)
    {
        if ((features & feature) == 0)
        {
            throw new DiagnosticException(DiagnosticId.PULSE1006, Location.AtOffset(path, offset), WasmFeatureSet.NameOf(feature));
        }
    }

    /// <summary>Refuses a value type whose proposal is switched off.</summary>
    public void RequireType(ValType type, int offset)
    {
        if (type == ValType.V128)
        {
            Require(WasmFeatures.Simd, offset);
        }
        else if (type.IsReference())
        {
            Require(WasmFeatures.ReferenceTypes, offset);
        }
    }

    /// <summary>Requires that <paramref name="index"/> is one of <paramref name="count"/>; <paramref name="what"/> says of which.</summary>
    public void RequireIndex(int index, int count, string what, int offset, string instruction = "")
    {
        if (index >= count)
        {
            throw Invalid($"unknown {what} {index.ToString(CultureInfo.InvariantCulture)}", offset, instruction);
        }
    }

    private string FunctionName() => NameSection.Read(module).Function(new FuncIndex(Function)) is { } name ? $" '{name}'" : "";
}
