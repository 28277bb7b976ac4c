using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>Which stack slots and constants are also in registers, along code that is entered only at its start: those need not be loaded again.</summary>
/// <example><code>ldr r0, [sp, #8]; ldr r1, [r0]; ldr r0, [sp, #8]; ldr r2, [r0, #4]   =>   ldr r0, [sp, #8]; ldr r1, [r0]; ldr r2, [r0, #4]</code></example>
internal sealed class RegisterValueTracking
{
    private readonly Location[] _held = new Location[16];

    /// <summary>Another way leads here: nothing is known.</summary>
    public void Clear() => Array.Clear(_held);

    /// <summary>A register was written.</summary>
    public void Forget(Register register) => _held[(int)register] = default;

    /// <summary>Registers were written by a call.</summary>
    public void Forget(RegisterList registers)
    {
        for (var i = 0; i < _held.Length; i++)
        {
            if (registers.Contains((Register)i))
            {
                _held[i] = default;
            }
        }
    }

    /// <summary>A register was stored to a slot, so that what others had of it is old.</summary>
    public void Store(Register register, Location slot)
    {
        for (var i = 0; i < _held.Length; i++)
        {
            _held[i] = _held[i] == slot ? default : _held[i];
        }

        _held[(int)register] = slot;
    }

    /// <summary>A register was loaded from a slot or with a constant.</summary>
    public void Load(Register register, Location source) => _held[(int)register] = source;

    /// <summary>A register that has the value of a slot or a constant, <paramref name="wanted"/> itself if it has; or null.</summary>
    public Register? Find(Location source, Register wanted)
    {
        if (_held[(int)wanted] == source)
        {
            return wanted;
        }

        var found = Array.IndexOf(_held, source);
        return found < 0 ? null : (Register)found;
    }
}
