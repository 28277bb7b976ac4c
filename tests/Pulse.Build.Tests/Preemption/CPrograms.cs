using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Tests.Fuzz;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// Random C that clang compiles, in two levels: LLVM's frames and its red zone, its tail calls, its copies of structures. Program and handlers share
/// volatile words and the functions that they call; what is wider only one of them uses, or an atomic access, or a masked section.
/// </summary>
internal sealed class CPrograms
{
    private const int StackSize = 2048;
    private static readonly string[] Binary = ["+", "-", "*", "^", "&", "|", "<", "=="];
    private static readonly string[] Callees = ["leaf", "small", "framed", "chosen"];
    private readonly FuzzRandom _random;
    private readonly StringBuilder _text = new();
    private string _own = "";
    private int _depth;
    private bool _calls;

    private CPrograms(ulong seed) => _random = new FuzzRandom(seed);

    /// <summary>The program of a number.</summary>
    public static PreemptedProgram Make(ulong seed) => new CPrograms(seed).Write(seed);

    private PreemptedProgram Write(ulong seed)
    {
        var handlers = WasmPrograms.Handlers(_random);
        _text.Append("""
            typedef unsigned u32; typedef unsigned short u16; typedef unsigned char u8; typedef unsigned long long u64;
            #define IMPORT(m, n) __attribute__((import_module(m), import_name(n)))
            #define EXPORT(n) __attribute__((export_name(n)))
            #define APART __attribute__((noinline)) static
            IMPORT("pulse:hal/cpu", "disable") u32 disable(void);
            IMPORT("pulse:hal/cpu", "restore") void restore(u32);
            struct record { u32 w[6]; u64 d; u8 b[5]; };

            """);
        _text.Append(CultureInfo.InvariantCulture, $"static volatile u32 word[4] = {{ {Constant()}, {Constant()}, {Constant()}, {Constant()} }}; static volatile u8 byte_[8] = {{ 3, 200 }}; static volatile u16 half[4] = {{ 77 }};\n");
        _text.Append(CultureInfo.InvariantCulture, $"static u64 wide = {Constant()}; static u32 plain[4] = {{ 9, {Constant()} }};\n");
        foreach (var owner in (string[])["m", .. handlers.Index().Select(h => $"h{h.Index}")])
        {
            _text.Append(CultureInfo.InvariantCulture, $"static struct record one_{owner} = {{ {{ 1, {Constant()} }}, {Constant()}, {{ 4 }} }}, two_{owner}; static u32 out_{owner}[2];\n");
        }

        Function("APART u32 leaf(u32 a, u32 b)", frame: 4 << _random.Below(4), isLeaf: true);
        Function("APART u32 small(u32 a, u32 b)", frame: 2 << _random.Below(3), isLeaf: true);
        _text.Append("APART u32 fill(volatile u32 *p, u32 n) { u32 s = n; for (u32 i = 0; i < 3; i++) { p[i] ^= s + i; s += p[i]; } return s; }\n");
        Function("APART u32 framed(u32 a, u32 b)", frame: 8 << _random.Below(4), isLeaf: false);
        _text.Append("APART u32 chosen(u32 a, u32 b) { u32 (*volatile f)(u32, u32) = a & 2 ? leaf : small; return b & 1 ? f(a, b) : framed(b, a); }\n");
        foreach (var (i, _) in handlers.Index())
        {
            _own = $"h{i}";
            _calls = _random.Below(3) != 0;
            Function($"EXPORT(\"h{i}\") void handler{i}(void)", frame: _random.Once(2) ? 8 : 0, isLeaf: false);
        }

        _own = "m";
        _calls = true;
        Function("EXPORT(\"run\") void run(void)", frame: _random.Once(2) ? 8 : 0, isLeaf: false);
        var name = string.Create(CultureInfo.InvariantCulture, $"c{seed}");
        var module = ModuleReader.Read(
            Clang.CompileText(
                _text.ToString(),
                ["-std=c17", _random.Once(2) ? "-Os" : "-O2", "-mbulk-memory", "-matomics", "-mtail-call"],
                "--stack-first", "-z", $"stack-size={StackSize}", "--export=__data_end"),
            name);
        var end = module.Exports.Find(export => export.Name == "__data_end")!;
        Assert.IsTrue(module.Globals[end.Index].Initial!.TryEvaluate(out var value), "the end of data is known");
        var size = ((int)value.Bits + 15) & ~15;
        module.Exports.Remove(end);
        var bytes = new ByteWriter();
        bytes.Uleb((ulong)size);
        module.CustomSections.Add(new CustomSection("pulse.memory", bytes.ToArray(), 0));
        var stackPointer = NameSection.Read(module).Names(IndexSpace.Global).First(global => global.Value == "__stack_pointer").Key;
        return new(name, ModuleWriter.Write(module), handlers, stackPointer, StackSize, size, _text.ToString());
    }

    /// <summary>A function with <paramref name="frame"/> words of locals that stay in memory.</summary>
    private void Function(string head, int frame, bool isLeaf)
    {
        var hasResult = head.Contains(" u32 ", StringComparison.Ordinal);
        (_own, _calls) = (hasResult ? "" : _own, hasResult ? !isLeaf : _calls);
        _text.Append(head).Append(" {\n");
        Line(hasResult ? "u32 c = a;" : $"u32 a = {Shared()}, b = {Shared()}, c = 1;");
        if (frame > 0)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"volatile u32 h[{frame}];"));
            for (var i = 0; i < Math.Min(frame, 8); i++)
            {
                // The first and the last words of the frame.
                Line(string.Create(CultureInfo.InvariantCulture, $"h[{Slot(i, frame)}] = {Value(1)};"));
            }
        }

        for (var i = hasResult ? 2 : 5 + _random.Below(4); i > 0; i--)
        {
            Statement(frame);
        }

        for (var i = 0; i < Math.Min(frame, 8); i++)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"c = c * 31 + h[{Slot(i, frame)}];"));
        }

        if (hasResult)
        {
            Line(!isLeaf && _random.Once(2) ? "return leaf(c, a);" : "return c ^ a;");
        }
        else
        {
            Line($"out_{_own}[0] = c; out_{_own}[1] = a + b;");
        }

        _text.Append("}\n");
    }

    private static int Slot(int i, int frame) => i < 4 ? i : frame - 1 - (i - 4);

    private void Statement(int frame)
    {
        _depth++;
        switch (_random.Below(_depth > 2 ? 7 : 12))
        {
            case 0:
                Line($"{Shared()} = {Value(2)};");
                break;
            case 1:
                Line($"{Shared()} {_random.Pick(["+=", "^=", "-=", "|="])} {Value(1)};");
                break;
            case 2:
                Line($"plain[{_random.Below(4)}] += {Value(1)};");
                break;
            case 3:
                Line(_random.Below(3) switch
                {
                    0 => $"c += __atomic_fetch_{_random.Pick(["add", "xor", "and"])}(&word[{_random.Below(4)}], {Value(1)}, __ATOMIC_SEQ_CST);",
                    1 => $"c ^= (u32)(__atomic_fetch_add(&wide, {Value(1)} * 5000000000ull, __ATOMIC_SEQ_CST) >> 7);",
                    _ => $"__atomic_store_n(&wide, (u64){Value(1)} << {_random.Below(40)}, __ATOMIC_SEQ_CST);",
                });
                break;
            case 4 when _own.Length > 0:
                Line(_random.Below(4) switch
                {
                    0 => $"two_{_own} = one_{_own};",
                    1 => $"one_{_own}.d = one_{_own}.d * {Value(1)} + 12345678901ull;",
                    2 => $"one_{_own}.w[{_random.Below(6)}] += (u32)(one_{_own}.d / ({Value(1)} | 1));",
                    _ => $"{{ struct record r = one_{_own}; r.w[{_random.Below(6)}] ^= {Value(1)}; r.b[{_random.Below(5)}]++; two_{_own} = r; }}",
                });
                break;
            case 5 when frame > 0:
                Line($"h[{Slot(_random.Below(Math.Min(frame, 8)), frame)}] += {Value(1)};");
                break;
            case 6 when frame > 2 && _calls:
                Line("c += fill(h, a);");
                break;
            case 7 or 8:
                Nested($"if ({Value(1)} & {1 << _random.Below(4)})", frame);
                break;
            case 9:
                Nested($"for (u32 i{_depth} = 0; i{_depth} < {2 + _random.Below(2)}; i{_depth}++)", frame);
                break;
            case 10:
                Line("{ u32 m = disable();");
                Line($"wide += {Value(1)}; plain[1] ^= plain[0];");
                Statement(frame);
                Line("restore(m); }");
                break;
            default:
                Line($"{"abc"[_random.Below(3)]} = {(_calls ? Call() : Value(2))};");
                break;
        }

        _depth--;
    }

    private void Nested(string head, int frame)
    {
        _depth++;
        Line(head + " {");
        Statement(frame);
        Line("}");
        _depth--;
    }

    private string Call() => $"{_random.Pick(_own.Length > 0 ? Callees : Callees[..2])}({Value(1)}, {Value(1)})";

    private string Value(int depth) => _random.Below(depth > 0 ? 9 : 5) switch
    {
        0 => Constant(),
        1 or 2 => "abc"[_random.Below(3)].ToString(),
        3 => Shared(),
        4 => $"plain[{_random.Below(4)}]",
        5 => $"({Value(depth - 1)} / ({Value(depth - 1)} | 1))",
        6 => $"({Value(depth - 1)} {_random.Pick(["<<", ">>"])} ({Value(depth - 1)} & 31))",
        _ => $"({Value(depth - 1)} {_random.Pick(Binary)} {Value(depth - 1)})",
    };

    private string Shared() => _random.Below(6) switch
    {
        0 => $"byte_[{_random.Below(8)}]",
        1 => $"half[{_random.Below(4)}]",
        _ => $"word[{_random.Below(4)}]",
    };

    private string Constant() => ((uint)_random.Next() >> _random.Below(31)).ToString(CultureInfo.InvariantCulture) + "u";

    private void Line(string text) => _text.Append("  ").Append(text).Append('\n');
}
