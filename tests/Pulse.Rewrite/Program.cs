namespace Pulse.Rewrite;

internal static class Program
{
    /// <summary><c>Pulse.Rewrite FILE -o OUT</c>, as <c>workbench rewrite</c>.</summary>
    private static int Main(string[] args) => args is [var file, "-o", var output] ? Rewriting.Run(file, output) : 2;
}
