using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Passes;

/// <summary>
/// Gives each interrupt handler that uses a stack pointer an entry that keeps clear of what the interrupted function holds below it (its red
/// zone): compilers leave the stack pointer alone in functions that call nothing.
/// </summary>
/// <example><code>
/// (export "on-tick" (func $on-tick))   =>   (export "on-tick" (func $entry))
///                                           (func $entry (local $sp i32)
///                                             (global.set $__stack_pointer (i32.sub (local.tee $sp (global.get $__stack_pointer)) (i32.const 128)))
///                                             (call $on-tick)
///                                             (global.set $__stack_pointer (local.get $sp)))
/// </code></example>
internal static class InterruptEntries
{
    /// <summary>Adds to <paramref name="module"/> the entries of the <paramref name="exports"/> that need one.</summary>
    public static void Add(Module module, IEnumerable<string> exports)
    {
        var handlers = exports.Distinct(StringComparer.Ordinal).ToList();
        if (handlers.Count == 0)
        {
            return;
        }

        var program = ProgramReader.Read(module);
        var names = NameSection.Read(module);
        var pointers = StackPointers.Of(program, names);
        var count = module.Functions.Count;
        foreach (var name in handlers)
        {
            var position = module.Exports.FindIndex(e => e.Kind == ExternKind.Function && e.Name == name);
            var handler = new FuncIndex(module.Exports[position].Index);
            var touched = HandlerPlaces.Of(program, [handler.Index], out _).GlobalsTouched.Intersect(pointers).ToArray();
            if (touched.Length > 0 && module.Functions[handler.Index] is { Body: not null } function && module.TypeOf(handler).Parameters.IsEmpty)
            {
                module.Exports[position] = new Export(name, ExternKind.Function, module.Functions.Count);
                names.FunctionNames[module.Functions.Count] = $"{names.Function(handler) ?? name} (interrupt entry)";
                module.Functions.Add(new ModuleFunction(function.Type, null, Entry(handler, touched)));
            }
        }

        if (module.Functions.Count > count)
        {
            names.WriteTo(module);
        }
    }

    private static FunctionBody Entry(FuncIndex handler, int[] pointers)
    {
        var writer = new InstructionWriter(new ByteWriter());
        void Write(Opcode opcode, int index = 0, ulong constant = 0) => writer.Write(new Instruction(Opcodes.Get(opcode), 0) { A = index, Wide = constant });
        foreach (var (local, global) in pointers.Index())
        {
            Write(Opcode.GlobalGet, global);
            Write(Opcode.LocalTee, local);
            Write(Opcode.I32Const, constant: RedZones.Bytes);
            Write(Opcode.I32Sub);
            Write(Opcode.GlobalSet, global);
        }

        Write(Opcode.Call, handler.Index);
        foreach (var (local, global) in pointers.Index())
        {
            Write(Opcode.LocalGet, local);
            Write(Opcode.GlobalSet, global);
        }

        Write(Opcode.End);
        return new FunctionBody([new LocalGroup((uint)pointers.Length, ValType.I32)], writer.Output.ToArray());
    }
}
