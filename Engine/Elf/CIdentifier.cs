namespace Pulse.Build.Engine.Elf;

/// <summary>
/// How C spells a symbol. A name that is an identifier of C and C++ stays; in any other each character that they refuse becomes <c>_</c>:
/// <c>mix-64</c> → <c>mix_64</c>.
/// </summary>
internal static class CIdentifier
{
    /// <summary>The words of C23 and C++20 that nothing can be called, and the types of <c>stdint.h</c> that a header of ours uses.</summary>
    private static readonly HashSet<string> Keywords = new(
        ("alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await co_return co_yield "
        + "compl concept const const_cast consteval constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit "
        + "export extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private "
        + "protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch "
        + "template this thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned using virtual void volatile "
        + "wchar_t while xor xor_eq int32_t int64_t uint8_t uint32_t").Split(' '),
        StringComparer.Ordinal);

    /// <summary>The identifier for <paramref name="name"/>; several names may have one.</summary>
    public static string Of(string name)
    {
        var letters = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return letters.Length == 0 || char.IsAsciiDigit(letters[0]) || Keywords.Contains(letters) ? "_" + letters : letters;
    }
}
