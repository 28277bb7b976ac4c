using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>The knobs: each has a default and a line of documentation, and the README says the same.</summary>
[TestClass]
public sealed class DefaultsTests
{
    [TestMethod]
    public void Every_property_has_a_comment_and_a_default_that_yields_to_the_project()
    {
        foreach (var (name, _, comment, condition) in Properties())
        {
            Assert.AreEqual($"'$({name})' == ''", condition);
            Assert.IsTrue(comment.EndsWith('.') && !comment.Contains('\n'), $"{name}: '{comment}' is one line that ends with a full stop");
        }
    }

    [TestMethod]
    public void Readme_table_is_the_defaults_file()
    {
        var readme = File.ReadAllLines(Path.Combine(Repository.Root, "README.md"));
        foreach (var (name, value, comment, _) in Properties())
        {
            var row = $"| `{name}` | {(value.Length > 0 ? $"`{value}`" : "")} | {comment} |";
            CollectionAssert.Contains(readme, row, $"README.md lacks the line: {row}");
        }

        var rows = readme.Count(line => line.StartsWith("| `Pulse", StringComparison.Ordinal) || line.StartsWith("| `EnableDefault", StringComparison.Ordinal));
        Assert.AreEqual(Properties().Count(), rows - ItemRows, "README.md has a property that targets/Pulse.Defaults.props lacks");
    }

    /// <summary>Rows of the item table whose name begins like a property's.</summary>
    private const int ItemRows = 1;

    [TestMethod]
    public void Errors_of_the_targets_say_what_the_catalogue_says()
    {
        var errors = Directory.GetFiles(Path.Combine(Repository.Root, "targets")).SelectMany(file => XDocument.Load(file).Descendants("Error")).ToList();
        Assert.HasCount(5, errors);
        foreach (var error in errors)
        {
            var row = DiagnosticCatalogue.Find(Enum.Parse<DiagnosticId>(error.Attribute("Code")!.Value));
            var pattern = Regex.Replace(Regex.Escape(row.Format.Replace("''", "'", StringComparison.Ordinal)), @"\\\{\d}", "(.+)");
            StringAssert.Matches(error.Attribute("Text")!.Value, new($"^{pattern}$"));
        }
    }

    private static IEnumerable<(string Name, string Value, string Comment, string? Condition)> Properties()
    {
        var group = XDocument.Load(Path.Combine(Repository.Root, "targets", "Pulse.Defaults.props")).Root!.Element("PropertyGroup")!;
        return group.Elements().Select(property => (
            property.Name.LocalName,
            property.Value,
            property.PreviousNode is XComment comment ? comment.Value.Trim() : "",
            property.Attribute("Condition")?.Value));
    }
}
