using System.Collections.Immutable;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Shared;

/// <summary>
/// Valid modules that are large in one respect: where an algorithm is not linear in that respect, they show it. Each is one function, unless
/// its name says otherwise, and its size grows with <c>size</c>.
/// </summary>
internal static class ModuleShapes
{
    private static readonly FuncType _unary = FuncType.Of([ValType.I32], [ValType.I32]);

    /// <summary>The names of the shapes.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "blocks", "branch-table", "calls", "constants", "distinct-locals", "functions", "joins", "locals", "loops", "nesting", "nested-ifs",
        "nested-loops", "operands", "straight", "switch",
    ];

    /// <summary>The module of shape <paramref name="name"/>.</summary>
    public static Module Make(string name, int size) => name switch
    {
        "blocks" => Blocks(size),
        "branch-table" => BranchTable(size),
        "calls" => Calls(size),
        "constants" => Constants(size),
        "distinct-locals" => DistinctLocals(size),
        "functions" => Functions(size),
        "joins" => Joins(size),
        "locals" => Locals(size),
        "loops" => Loops(size),
        "nesting" => Nesting(size),
        "nested-ifs" => NestedIfs(size),
        "nested-loops" => NestedLoops(size),
        "operands" => Operands(size),
        "straight" => Straight(size),
        "switch" => Switch(size),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such shape"),
    };

    /// <summary>What <paramref name="module"/> is with the bodies of its functions <paramref name="copies"/> times.</summary>
    public static Module Repeat(Module module, int copies)
    {
        var result = module.Clone();
        var defined = module.Functions.Where(function => function.Import is null).ToArray();
        for (var i = 1; i < copies; i++)
        {
            result.Functions.AddRange(defined);
        }

        return result;
    }

    /// <summary>Small blocks, one after the other.</summary>
    private static Module Blocks(int size) => OneFunction(1, code =>
    {
        for (var i = 0; i < size; i++)
        {
            Open(code, Opcode.Block);
            Local(code, Opcode.LocalGet, 0);
            Index(code, Opcode.BrIf, 0);
            Increment(code, 1);
            code.U8((byte)Opcode.End);
        }

        Local(code, Opcode.LocalGet, 1);
    });

    /// <summary>One jump table with every entry going to the one block around it.</summary>
    private static Module BranchTable(int size) => OneFunction(1, code =>
    {
        Open(code, Opcode.Block);
        Local(code, Opcode.LocalGet, 0);
        code.U8((byte)Opcode.BrTable);
        code.Uleb((ulong)size);
        for (var i = 0; i <= size; i++)
        {
            code.Uleb(0);
        }

        code.U8((byte)Opcode.End);
        Local(code, Opcode.LocalGet, 1);
    });

    /// <summary>A jump table into as many nested blocks, each with code of its own.</summary>
    private static Module Switch(int size) => OneFunction(1, code =>
    {
        for (var i = 0; i <= size; i++)
        {
            Open(code, Opcode.Block);
        }

        Local(code, Opcode.LocalGet, 0);
        code.U8((byte)Opcode.BrTable);
        code.Uleb((ulong)size);
        for (var i = 0; i <= size; i++)
        {
            code.Uleb((ulong)i);
        }

        for (var i = 0; i <= size; i++)
        {
            code.U8((byte)Opcode.End);
            Increment(code, 1);
        }

        Local(code, Opcode.LocalGet, 1);
    });

    /// <summary>Calls of the function itself, each with the result of the one before.</summary>
    private static Module Calls(int size) => OneFunction(0, code =>
    {
        Local(code, Opcode.LocalGet, 0);
        for (var i = 0; i < size; i++)
        {
            Index(code, Opcode.Call, 0);
        }
    });

    /// <summary>Different constants, added up.</summary>
    private static Module Constants(int size) => OneFunction(0, code =>
    {
        Local(code, Opcode.LocalGet, 0);
        for (var i = 0; i < size; i++)
        {
            Constant(code, i);
            code.U8((byte)Opcode.I32Add);
            Local(code, Opcode.LocalTee, 0);
            Constant(code, 7);
            code.U8((byte)Opcode.I32Xor);
        }
    });

    /// <summary>Values that are all needed at the end, each in a local of its own.</summary>
    private static Module DistinctLocals(int size) => OneFunction(Math.Min(size, 49_000), code =>
    {
        var locals = Math.Min(size, 49_000);
        for (var i = 1; i <= locals; i++)
        {
            Local(code, Opcode.LocalGet, 0);
            Index(code, Opcode.Call, 0);
            Local(code, Opcode.LocalSet, i);
        }

        Local(code, Opcode.LocalGet, 0);
        for (var i = 1; i <= locals; i++)
        {
            Local(code, Opcode.LocalGet, i);
            code.U8((byte)Opcode.I32Sub);
        }
    });

    /// <summary>Functions of a few bytes.</summary>
    private static Module Functions(int size)
    {
        var module = new Module();
        var type = module.AddType(FuncType.Of([], []));
        module.Functions.AddRange(Enumerable.Range(0, size).Select(_ => new ModuleFunction(type, null, new FunctionBody([], new[] { (byte)Opcode.End }))));
        module.Exports.Add(new Export("f", ExternKind.Function, size / 2));
        return module;
    }

    /// <summary>Ifs one after the other, each of which may set one of sixty locals that are read at the end.</summary>
    private static Module Joins(int size) => OneFunction(60, code =>
    {
        for (var i = 0; i < size; i++)
        {
            Local(code, Opcode.LocalGet, 0);
            Open(code, Opcode.If);
            Increment(code, 1 + i % 60);
            code.U8((byte)Opcode.End);
        }

        Local(code, Opcode.LocalGet, 1);
        for (var i = 2; i <= 60; i++)
        {
            Local(code, Opcode.LocalGet, i);
            code.U8((byte)Opcode.I32Add);
        }
    });

    /// <summary>As many locals as a function may have, one of them in use, in <c>size</c> functions.</summary>
    private static Module Locals(int size)
    {
        const int Many = 49_990;
        var code = new ByteWriter();
        Local(code, Opcode.LocalGet, 0);
        Local(code, Opcode.LocalGet, Many);
        code.U8((byte)Opcode.I32Add);
        Local(code, Opcode.LocalTee, Many - 1);
        code.U8((byte)Opcode.End);
        return ModuleOf(Enumerable.Repeat(new FunctionBody([new LocalGroup(Many, ValType.I32)], code.ToArray()), size));
    }

    /// <summary>Goes back to the start of the innermost loop while local 1 is below local 0.</summary>
    private static void CloseLoop(ByteWriter code)
    {
        Local(code, Opcode.LocalGet, 1);
        Local(code, Opcode.LocalGet, 0);
        code.U8((byte)Opcode.I32LtU);
        Index(code, Opcode.BrIf, 0);
        code.U8((byte)Opcode.End);
    }

    /// <summary>Loops one after the other.</summary>
    private static Module Loops(int size) => OneFunction(1, code =>
    {
        for (var i = 0; i < size; i++)
        {
            Open(code, Opcode.Loop);
            Increment(code, 1);
            CloseLoop(code);
        }

        Local(code, Opcode.LocalGet, 1);
    });

    /// <summary>Blocks in each other, left from the middle to many depths.</summary>
    private static Module Nesting(int size) => OneFunction(1, code =>
    {
        for (var i = 0; i < size; i++)
        {
            Open(code, Opcode.Block);
            Increment(code, 1);
        }

        for (var i = 0; i < size; i++)
        {
            Local(code, Opcode.LocalGet, 0);
            Index(code, Opcode.BrIf, (size - i) / 2);
            Increment(code, 1);
            code.U8((byte)Opcode.End);
        }

        Local(code, Opcode.LocalGet, 1);
    });

    /// <summary>Ifs in each other, with both arms.</summary>
    private static Module NestedIfs(int size) => OneFunction(1, code =>
    {
        for (var i = 0; i < size; i++)
        {
            Local(code, Opcode.LocalGet, 0);
            Open(code, Opcode.If);
            Increment(code, 1);
        }

        for (var i = 0; i < size; i++)
        {
            code.U8((byte)Opcode.Else);
            Increment(code, 0);
            code.U8((byte)Opcode.End);
        }

        Local(code, Opcode.LocalGet, 1);
    });

    /// <summary>Loops in each other.</summary>
    private static Module NestedLoops(int size) => OneFunction(1, code =>
    {
        for (var i = 0; i < size; i++)
        {
            Open(code, Opcode.Loop);
            Increment(code, 1);
        }

        for (var i = 0; i < size; i++)
        {
            CloseLoop(code);
        }

        Local(code, Opcode.LocalGet, 1);
    });

    /// <summary>A deep stack of operands.</summary>
    private static Module Operands(int size) => OneFunction(0, code =>
    {
        Local(code, Opcode.LocalGet, 0);
        for (var i = 0; i < size; i++)
        {
            Local(code, Opcode.LocalGet, 0);
            Index(code, Opcode.Call, 0);
        }

        for (var i = 0; i < size; i++)
        {
            code.U8((byte)Opcode.I32Sub);
        }
    });

    /// <summary>One long block of loads and stores.</summary>
    private static Module Straight(int size) => OneFunction(1, code =>
    {
        for (var i = 0; i < size; i++)
        {
            Local(code, Opcode.LocalGet, 0);
            Local(code, Opcode.LocalGet, 0);
            code.Bytes([(byte)Opcode.I32Load, 2]);
            code.Uleb((ulong)(i % 1000 * 4));
            Constant(code, i % 50);
            code.U8((byte)Opcode.I32Add);
            code.Bytes([(byte)Opcode.I32Store, 2]);
            code.Uleb((ulong)(i % 700 * 4));
        }

        Local(code, Opcode.LocalGet, 1);
    });

    private static Module OneFunction(int locals, Action<ByteWriter> write)
    {
        var code = new ByteWriter();
        write(code);
        code.U8((byte)Opcode.End);
        ImmutableArray<LocalGroup> groups = locals > 0 ? [new LocalGroup((uint)locals, ValType.I32)] : [];
        return ModuleOf([new FunctionBody(groups, code.ToArray())]);
    }

    private static Module ModuleOf(IEnumerable<FunctionBody> bodies)
    {
        var module = new Module();
        var type = module.AddType(_unary);
        module.Memories.Add(new ModuleMemory(new Limits(1, null), null));
        module.Functions.AddRange(bodies.Select(body => new ModuleFunction(type, null, body)));
        module.Exports.Add(new Export("f", ExternKind.Function, 0));
        return module;
    }

    private static void Open(ByteWriter code, Opcode opcode) => code.Bytes([(byte)opcode, 0x40]);

    private static void Local(ByteWriter code, Opcode opcode, int index) => Index(code, opcode, index);

    private static void Index(ByteWriter code, Opcode opcode, int index)
    {
        code.U8((byte)opcode);
        code.Uleb((ulong)index);
    }

    private static void Constant(ByteWriter code, int value)
    {
        code.U8((byte)Opcode.I32Const);
        code.Sleb(value);
    }

    private static void Increment(ByteWriter code, int local)
    {
        Local(code, Opcode.LocalGet, local);
        Constant(code, 1);
        code.U8((byte)Opcode.I32Add);
        Local(code, Opcode.LocalSet, local);
    }
}
