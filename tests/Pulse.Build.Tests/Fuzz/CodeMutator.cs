using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>
/// Edits function bodies instruction by instruction and leaves the rest of the module in order: the validator, and what comes after it,
/// then see code that is nearly right.
/// </summary>
internal static class CodeMutator
{
    private static readonly ValType[] Types = [ValType.I32, ValType.I64, ValType.F32, ValType.F64, ValType.V128, ValType.FuncRef, ValType.ExternRef];

    /// <summary>Edits one body of <paramref name="seed"/>; null when it is no module with code.</summary>
    public static byte[]? Mutate(byte[] seed, FuzzRandom random)
    {
        try
        {
            var module = ModuleReader.Read(seed, "seed");
            var bodies = Enumerable.Range(0, module.Functions.Count).Where(i => module.Functions[i].Body is not null).ToArray();
            if (bodies.Length == 0)
            {
                return null;
            }

            var chosen = random.Pick(bodies);
            var donor = module.Functions[random.Pick(bodies)].Body!;
            var function = module.Functions[chosen];
            var code = Edit(Split(function.Body!), Split(donor), random);
            module.Functions[chosen] = function with { Body = function.Body! with { Code = code } };
            return ModuleWriter.Write(module);
        }
        catch (DiagnosticException)
        {
            return null;
        }
    }

    private static byte[] Edit(List<byte[]> code, List<byte[]> donor, FuzzRandom random)
    {
        for (var edits = 1 + random.Below(4); edits > 0; edits--)
        {
            var at = random.Below(code.Count);
            switch (random.Below(5))
            {
                case 0:
                    code.RemoveRange(at, Math.Min(code.Count - at, random.Length(8)));
                    break;
                case 1:
                    var from = random.Below(donor.Count);
                    code.InsertRange(at, donor.GetRange(from, Math.Min(donor.Count - from, random.Length(40))));
                    break;
                case 2 when code.Count > 1:
                    var other = random.Below(code.Count);
                    (code[at], code[other]) = (code[other], code[at]);
                    break;
                default:
                    code.Insert(at, Instruction(random));
                    break;
            }
        }

        return [.. code.SelectMany(bytes => bytes)];
    }

    private static byte[] Instruction(FuzzRandom random)
    {
        var row = Opcodes.Rows[random.Below(Opcodes.Rows.Length)];
        var output = new ByteWriter();
        var writer = new InstructionWriter(output);
        switch (row.Immediate)
        {
            case ImmediateKind.None:
                writer.Op(row.Opcode);
                break;
            case ImmediateKind.MemArg:
                writer.MemArg(row.Opcode, random.Below(2), random.Below(4), random.Once(4) ? 0xFFFF_FFFF : 0);
                break;
            default:
                // The opcode as the table has it, then whatever bytes: small ones are indices, types and flags that exist.
                var code = (uint)row.Opcode;
                output.Bytes(code < 0x10000 ? [(byte)code] : [(byte)(code >> 16), .. SizedRegions.Leb(code & 0xFFFF)]);
                var immediates = new byte[random.Below(4) + 1];
                for (var i = 0; i < immediates.Length; i++)
                {
                    immediates[i] = random.Once(3) ? (byte)random.Pick(Types) : (byte)random.Below(4);
                }

                output.Bytes(immediates);
                break;
        }

        return output.ToArray();
    }

    private static List<byte[]> Split(FunctionBody body)
    {
        var parts = new List<byte[]>();
        var reader = new InstructionReader(body.Code.Span, 0, "seed");
        for (var start = 0; reader.TryRead(out _); start = reader.Position)
        {
            parts.Add(body.Code[start..reader.Position].ToArray());
        }

        return parts;
    }
}
