namespace Pulse.Build.Engine.Components;

/// <summary>How strings are encoded in a memory.</summary>
internal enum StringEncoding
{
    Utf8,
    Utf16,

    /// <summary>Latin-1, or UTF-16 when bit 31 of the length says so.</summary>
    Latin1Utf16,
}

/// <summary>Options of a canonical definition, indices as encoded; -1 where an option is absent.</summary>
/// <remarks>Binary.md <c>canonopt</c></remarks>
internal sealed record CanonicalOptions(
    StringEncoding Encoding = StringEncoding.Utf8, int Memory = -1, int Realloc = -1, int PostReturn = -1, bool IsAsync = false, int Callback = -1)
{
    /// <summary>No options.</summary>
    public static CanonicalOptions None { get; } = new();
}
