using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Diagnostics;

/// <summary><c>docs/diagnostics.md</c> is the catalogue in another form; <c>PULSE_BLESS=1</c> writes it.</summary>
[TestClass]
public sealed class DiagnosticsPageTests
{
    private static readonly string[] Ranges =
    [
        "project and SDK", "wasm and WAT", "components and fusion", "optimisation and proof", "lowering and link", "hot path", "", "", "", "our own defect",
    ];

    [TestMethod]
    public void Page_is_generated_from_the_catalogue()
    {
        var path = Path.Combine(SharedMaterial.Repository, "docs", "diagnostics.md");
        if (Environment.GetEnvironmentVariable("PULSE_BLESS") == "1")
        {
            File.WriteAllText(path, Page());
        }

        Assert.AreEqual(Page(), File.ReadAllText(path), "run this test with PULSE_BLESS=1 and look at the difference");
    }

    private static string Page()
    {
        var page = new StringBuilder("""
            # Diagnostics

            Every code that a build with Pulse.Build.Sdk can give, generated from `Engine/Diagnostics/DiagnosticCatalogue.cs`. `{0}` and the
            like stand for names and numbers. A warning can be made an error (`-warnaserror:PULSE5001`) or silenced (`NoWarn`).

            """);
        var range = -1;
        foreach (var row in DiagnosticCatalogue.Rows)
        {
            if ((int)row.Id / 1000 != range)
            {
                range = (int)row.Id / 1000;
                page.Append('\n').Append("## ").Append(range).Append("xxx: ").Append(Ranges[range]).Append('\n');
            }

            var severity = row.Severity.ToString().ToLowerInvariant();
            page.Append('\n').Append("### ").Append(row.Id).Append('\n').Append('\n')
                .Append('*').Append(severity).Append("*: `").Append(row.Format).Append("`\n\n").Append(row.Explanation).Append('\n');
        }

        return page.ToString();
    }
}
