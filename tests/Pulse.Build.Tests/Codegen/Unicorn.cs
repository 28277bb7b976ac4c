using System.Runtime.InteropServices;

namespace Pulse.Build.Tests.Codegen;

/// <summary>The few functions of the Unicorn emulator that tests need: an independent Cortex-M. Debian's libunicorn2 has it.</summary>
internal static partial class Unicorn
{
    private const string Library = "libunicorn.so.2";

    /// <summary>UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, UC_PROT_ALL.</summary>
    public const int ArchArm = 1, ModeThumbM = 16 | 32, ProtectAll = 7;

    /// <summary>UC_ARM_REG_LR, _PC, _SP, _R0; r1 to r12 follow r0.</summary>
    public const int Lr = 10, Pc = 11, Sp = 12, R0 = 66;

    /// <summary>UC_ARM_REG_XPSR, _PRIMASK.</summary>
    public const int Xpsr = 120, PriMask = 123;

    /// <summary>Whether the library is there.</summary>
    public static bool IsPresent { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Ends a test where it is not.</summary>
    public static void Need()
    {
        if (!IsPresent)
        {
            Assert.Inconclusive("libunicorn2 is not installed: nothing was run");
        }
    }

    [LibraryImport(Library, EntryPoint = "uc_open")]
    internal static partial int Open(int arch, int mode, out nint engine);

    [LibraryImport(Library, EntryPoint = "uc_close")]
    internal static partial int Close(nint engine);

    [LibraryImport(Library, EntryPoint = "uc_mem_map")]
    internal static partial int Map(nint engine, ulong address, nuint size, uint protection);

    [LibraryImport(Library, EntryPoint = "uc_mem_map_ptr")]
    internal static partial int MapOwn(nint engine, ulong address, nuint size, uint protection, nint bytes);

    [LibraryImport(Library, EntryPoint = "uc_mem_write")]
    internal static partial int Write(nint engine, ulong address, ReadOnlySpan<byte> bytes, nuint size);

    [LibraryImport(Library, EntryPoint = "uc_mem_read")]
    internal static partial int Read(nint engine, ulong address, Span<byte> bytes, nuint size);

    [LibraryImport(Library, EntryPoint = "uc_reg_write")]
    internal static partial int WriteRegister(nint engine, int register, in uint value);

    [LibraryImport(Library, EntryPoint = "uc_reg_read")]
    internal static partial int ReadRegister(nint engine, int register, out uint value);

    [LibraryImport(Library, EntryPoint = "uc_emu_start")]
    internal static partial int Start(nint engine, ulong begin, ulong until, ulong timeout, nuint count);

    public const int HookCode = 4, HookRead = 1 << 10, HookWrite = 1 << 11;

    /// <summary>Before an instruction: engine, address, bytes, user data.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void CodeHook(nint engine, ulong address, uint size, nint user);

    /// <summary>An access: engine, kind, address, bytes, value written, user data.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void AccessHook(nint engine, int kind, ulong address, int size, long value, nint user);

    /// <summary>Calls <paramref name="callback"/> at every event of <paramref name="kinds"/>; begin 1 and end 0 are all addresses.</summary>
    [LibraryImport(Library, EntryPoint = "uc_hook_add")]
    public static partial int AddHook(nint engine, out nint hook, int kinds, nint callback, nint user, ulong begin, ulong end);
}
