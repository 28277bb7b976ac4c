using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tests.Diagnostics;

[TestClass]
public sealed class CatalogueTests
{
    [TestMethod]
    public void Every_id_has_exactly_one_row()
    {
        var ids = Enum.GetValues<DiagnosticId>().Where(id => id != DiagnosticId.None && !id.ToString().StartsWith("Retired", StringComparison.Ordinal));
        CollectionAssert.AreEqual(ids.Order().ToArray(), DiagnosticCatalogue.Rows.Select(row => row.Id).ToArray());
    }

    [TestMethod]
    public void A_code_prints_as_its_number_says()
    {
        foreach (var row in DiagnosticCatalogue.Rows)
        {
            Assert.AreEqual($"PULSE{(int)row.Id:D4}", row.Id.ToString());
        }
    }
}
