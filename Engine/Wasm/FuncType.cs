using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm;

/// <summary>A function type; equal when parameters and results are.</summary>
/// <remarks>Core 3.0 #syntax-functype</remarks>
internal sealed record FuncType(ImmutableArray<ValType> Parameters, ImmutableArray<ValType> Results)
{
    /// <summary>From lists, for code that builds types.</summary>
    public static FuncType Of(IEnumerable<ValType> parameters, IEnumerable<ValType> results) => new([.. parameters], [.. results]);

    /// <inheritdoc/>
    public bool Equals(FuncType? other) =>
        other is not null && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan()) && Results.AsSpan().SequenceEqual(other.Results.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Parameters.Length);
        foreach (var type in Parameters)
        {
            hash.Add((int)type);
        }

        foreach (var type in Results)
        {
            hash.Add((int)type);
        }

        return hash.ToHashCode();
    }

    /// <summary>The IR's form, <c>(i32, i32) -> i32</c>.</summary>
    public override string ToString()
    {
        var results = Results.Length == 1 ? Results[0].Name() : $"({string.Join(", ", Results.Select(ValTypes.Name))})";
        return $"({string.Join(", ", Parameters.Select(ValTypes.Name))})" + (Results.IsEmpty ? "" : " -> " + results);
    }
}
