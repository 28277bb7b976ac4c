namespace Pulse.Build.Engine.Wasm;

/// <summary>What an instruction can do beyond computing its results. A pass asks these, not a list of opcodes.</summary>
[Flags]
internal enum Effects
{
    Pure = 0,
    ReadsMemory = 1,
    WritesMemory = 2,
    GrowsMemory = 4,
    ReadsGlobal = 8,
    WritesGlobal = 16,
    ReadsTable = 32,
    WritesTable = 64,

    /// <summary>May end the program with a trap.</summary>
    Traps = 128,

    /// <summary>Runs other code, with every effect that code may have.</summary>
    Calls = 256,

    /// <summary>Ends or structures a block.</summary>
    Control = 512,

    /// <summary>Orders accesses to memory among threads: none may be moved across it.</summary>
    Synchronizes = 1024,

    /// <summary>Touches what an interrupt handler touches too. No row has it: it depends on the program.</summary>
    Shares = 2048,
}
