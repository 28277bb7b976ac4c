using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Pulse.Build.Tests.Codegen;

/// <summary>What a machine does to memory, and its instructions that order it, as text: <c>w16/4</c> is a write of four bytes at address 16 of linear memory.</summary>
internal sealed class AccessTrace
{
    private readonly ThumbMachine _machine;
    private readonly (string Name, uint Start, uint Size)[] _places;
    private readonly Unicorn.CodeHook _onCode;
    private readonly Unicorn.AccessHook _onAccess;

    /// <summary>Watches <paramref name="places"/> of a machine: a name that stands before addresses, where the place starts, its bytes.</summary>
    public AccessTrace(ThumbMachine machine, params (string Name, uint Start, uint Size)[] places)
    {
        (_machine, _places, _onCode, _onAccess) = (machine, places, OnCode, OnAccess);
        Assert.AreEqual(0, Unicorn.AddHook(machine.Emulator, out _, Unicorn.HookCode, Marshal.GetFunctionPointerForDelegate(_onCode), 0, 1, 0));
        Assert.AreEqual(0, Unicorn.AddHook(machine.Emulator, out _, Unicorn.HookRead | Unicorn.HookWrite, Marshal.GetFunctionPointerForDelegate(_onAccess), 0, 1, 0));
    }

    /// <summary>The events so far.</summary>
    public List<string> Events { get; } = [];

    private void OnCode(nint engine, ulong address, uint size, nint user)
    {
        var bytes = new byte[4];
        Assert.AreEqual(0, Unicorn.Read(engine, address, bytes, size));
        var (first, second) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2)));
        var name = (first, second & 0xFFF0) switch
        {
            (0xB662, _) => "enable",
            (0xB672, _) => "disable",
            (0xBF30, _) => "wfi",
            (0xF3BF, 0x8F40) => "dsb",
            (0xF3BF, 0x8F50) => "dmb",
            (0xF3BF, 0x8F60) => "isb",
            _ => null,
        };
        if (name is not null)
        {
            Events.Add(name);
        }
    }

    private void OnAccess(nint engine, int kind, ulong address, int size, long value, nint user)
    {
        foreach (var place in _places.Where(place => address - place.Start < place.Size))
        {
            Events.Add(string.Create(CultureInfo.InvariantCulture, $"{place.Name}{(kind == 17 ? "w" : "r")}{address - place.Start}/{size}"));
        }
    }
}
