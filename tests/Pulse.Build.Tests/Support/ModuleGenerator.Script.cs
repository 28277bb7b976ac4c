using System.Collections.Immutable;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Support;

/// <summary>
/// Functions <c>t0</c>, <c>t1</c>, … without parameters and results: each calls its <c>f</c> with constants and leaves the bits of the results
/// in memory, and <c>dump</c> does so for globals, sizes and tables. So an engine can be watched whose host cannot see every bit or type.
/// </summary>
internal sealed partial class ModuleGenerator
{
    private const int LocalsAt = 0xC000;
    private const int ResultsAt = 0xE000;
    private const int StateAt = 0xF000;

    private void AddScript(FuncType[] types)
    {
        _next = 0;
        for (var i = 0; i < types.Length; i++)
        {
            var (type, at) = (types[i], ResultsAt + (i * 64));
            var callee = i + Imports;
            Export($"t{i}", type.Results, () =>
            {
                _code.I32Const(Calls);
                _code.Op(Opcode.GlobalSet, _fuel);
                foreach (var parameter in type.Parameters)
                {
                    Constant(parameter);
                }

                _code.Op(Opcode.Call, callee);
                for (var result = type.Results.Length - 1; result >= 0; result--)
                {
                    _code.Op(Opcode.LocalSet, result);
                }

                for (var result = 0; result < type.Results.Length; result++)
                {
                    var local = result;
                    Keep(at + (result * 16), type.Results[result], () => _code.Op(Opcode.LocalGet, local));
                }
            });
        }

        Export("dump", [], Dump);
    }

    private void Dump()
    {
        var at = StateAt;
        for (var i = 0; i < _module.Globals.Count; i++)
        {
            var global = i;
            Keep(at += 16, _module.Globals[i].Type, () => _code.Op(Opcode.GlobalGet, global));
        }

        for (var i = 0; i < _module.Memories.Count; i++)
        {
            var memory = i;
            Keep(at += 16, ValType.I32, () => _code.Op(Opcode.MemorySize, memory));
        }

        for (var i = 0; i < _module.Tables.Count; i++)
        {
            var table = i;
            Keep(at += 16, ValType.I32, () => _code.Op(Opcode.TableSize, table));
            for (var j = 0; j < (int)_module.Tables[i].Limits.Minimum; j++)
            {
                var entry = j;
                Keep(at += 16, _module.Tables[i].ElementType, () =>
                {
                    _code.I32Const(entry);
                    _code.Op(Opcode.TableGet, table);
                });
            }
        }
    }

    /// <summary>Stores a number, or whether a reference is null.</summary>
    private void Keep(int address, ValType type, Action value)
    {
        _code.I32Const(address);
        value();
        if (type.IsReference())
        {
            _code.Op(Opcode.RefIsNull);
        }

        var store = type switch
        {
            ValType.I64 => Opcode.I64Store,
            ValType.F32 => Opcode.F32Store,
            ValType.F64 => Opcode.F64Store,
            ValType.V128 => Opcode.V128Store,
            _ => Opcode.I32Store,
        };
        _code.MemArg(store, 0, 0, 0);
    }

    private void Export(string name, ImmutableArray<ValType> locals, Action body)
    {
        _output = new ByteWriter();
        _code = new InstructionWriter(_output);
        body();
        _code.End();
        _module.Exports.Add(new Export(name, ExternKind.Function, _module.Functions.Count));
        _module.Functions.Add(new ModuleFunction(
            _module.AddType(FuncType.Of([], [])), null, new FunctionBody([.. locals.Select(local => new LocalGroup(1, local))], _output.ToArray())));
    }
}
