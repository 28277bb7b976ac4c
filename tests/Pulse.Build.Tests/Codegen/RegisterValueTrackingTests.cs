using Pulse.Build.Engine.Codegen.Emission;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Tests.Codegen;

[TestClass]
public sealed class RegisterValueTrackingTests
{
    private readonly RegisterValueTracking _contents = new();

    [TestMethod]
    public void A_slot_is_found_where_it_was_loaded_or_stored_from()
    {
        _contents.Load(Register.R2, Location.At(3));
        _contents.Load(Register.R5, Location.At(3));
        Assert.AreEqual(Register.R2, _contents.Find(Location.At(3), Register.R0));
        Assert.AreEqual(Register.R5, _contents.Find(Location.At(3), Register.R5));
        _contents.Store(Register.R7, Location.At(3));
        Assert.AreEqual(Register.R7, _contents.Find(Location.At(3), Register.R5), "what others had of the slot is old");
    }

    [TestMethod]
    public void A_constant_is_not_the_slot_of_its_number()
    {
        _contents.Load(Register.R2, Location.Of(3));
        Assert.IsNull(_contents.Find(Location.At(3), Register.R2));
        Assert.AreEqual(Register.R2, _contents.Find(Location.Of(3), Register.R12));
    }

    [TestMethod]
    public void What_a_write_a_call_or_another_way_changes_is_forgotten()
    {
        _contents.Load(Register.R3, Location.At(1));
        _contents.Load(Register.R4, Location.At(2));
        _contents.Load(Register.R6, Location.At(4));
        _contents.Forget(Register.R6);
        Assert.IsNull(_contents.Find(Location.At(4), Register.R6));
        _contents.Forget(CallingConvention.CallerSaved);
        Assert.IsNull(_contents.Find(Location.At(1), Register.R3));
        Assert.AreEqual(Register.R4, _contents.Find(Location.At(2), Register.R0));
        _contents.Clear();
        Assert.IsNull(_contents.Find(Location.At(2), Register.R4));
    }

    [TestMethod]
    public void Nothing_is_in_a_register_at_first() => Assert.IsNull(_contents.Find(Location.Of(0), Register.R0));
}
