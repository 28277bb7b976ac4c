using Pulse.Build.Engine.Fusion.Composition;

namespace Pulse.Build.Tests.Fusion;

[TestClass]
public class InterfaceNameTests
{
    [TestMethod]
    [DataRow("a:b/c", "a:b/c", true)]
    [DataRow("a:b/c@0.2.6", "a:b/c@0.2.0", true)]
    [DataRow("a:b/c@1.4.0", "a:b/c@1.0.3", true)]
    [DataRow("a:b/c@0.2", "a:b/c@0.2.1", true)]
    [DataRow("a:b/c@0.3.0", "a:b/c@0.2.0", false)]
    [DataRow("a:b/c@2.0.0", "a:b/c@1.0.0", false)]
    [DataRow("a:b/c@0.0.1", "a:b/c@0.0.2", false)]
    [DataRow("a:b/c@1.0.0-rc.1", "a:b/c@1.0.0", false)]
    [DataRow("a:b/c", "a:b/c@1.0.0", false)]
    [DataRow("a:b/d@1.0.0", "a:b/c@1.0.0", false)]
    public void An_export_satisfies_an_import_of_a_compatible_version(string export, string import, bool satisfies) =>
        Assert.AreEqual(satisfies, InterfaceName.Satisfies(export, import));
}
