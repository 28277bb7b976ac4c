using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>How the text of certificates spells operations, sorts and names.</summary>
internal static class TermNotation
{
    private static readonly (int Sort, string Name)[] Sorts =
        [(Sort.Bool, "bool"), (Sort.Memory, "memory"), (Sort.Memory64, "memory64"), (Sort.Token, "token"), (Sort.Tuple, "tuple"), (Sort.Vector, "vector")];

    private static readonly TermOp[] Operations = Enum.GetValues<TermOp>();

    /// <summary>Whether <see cref="Term.Value"/> means something of a term of this operation.</summary>
    public static bool HasNumber(TermOp op) => op is TermOp.Constant or TermOp.Extract or TermOp.Load or TermOp.Store or TermOp.Result;

    /// <summary>Whether the order of operands means nothing.</summary>
    public static bool Commutes(TermOp op)
        => op is TermOp.Add or TermOp.Multiply or TermOp.And or TermOp.Or or TermOp.Xor or TermOp.Equal or TermOp.Conjunction;

    /// <summary>An operation in words with hyphens, such as <c>divide-unsigned</c>.</summary>
    public static string NameOf(TermOp op)
    {
        var name = op.ToString();
        return string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
    }

    /// <summary>The operation of a name, or null.</summary>
    public static TermOp? OperationOf(string name)
    {
        var index = Array.FindIndex(Operations, op => NameOf(op) == name);
        return index < 0 ? null : Operations[index];
    }

    /// <summary>Bits, or the name of a sort that is no bit-vector.</summary>
    public static string NameOf(int sort) => sort > 0 ? sort.ToString(CultureInfo.InvariantCulture) : Array.Find(Sorts, s => s.Sort == sort).Name;

    /// <summary>The sort of a name, or null.</summary>
    public static int? SortOf(string name)
    {
        var index = Array.FindIndex(Sorts, s => s.Name == name);
        return index >= 0 ? Sorts[index].Sort
            : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is >= 1 and <= 64 ? bits : null;
    }

    /// <summary>A name in quotes without blanks; what is not printable in ASCII, a quote or a percent sign is <c>%</c> and four hexadecimal digits.</summary>
    public static string Quote(string name)
    {
        var text = new StringBuilder("\"");
        foreach (var c in name)
        {
            _ = c is > ' ' and <= '~' and not '"' and not '%' ? text.Append(c) : text.Append(CultureInfo.InvariantCulture, $"%{(int)c:x4}");
        }

        return text.Append('"').ToString();
    }

    /// <summary>The name that was quoted, or null.</summary>
    public static string? Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"')
        {
            return null;
        }

        var name = new StringBuilder();
        for (var i = 1; i < text.Length - 1; i++)
        {
            var code = 0;
            if (text[i] == '"' || text[i] == '%'
                && (i + 5 > text.Length - 1 || !int.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code)))
            {
                return null;
            }

            name.Append(text[i] == '%' ? (char)code : text[i]);
            i += text[i] == '%' ? 4 : 0;
        }

        return name.ToString();
    }
}
