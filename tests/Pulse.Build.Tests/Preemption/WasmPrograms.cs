using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// Random modules whose program and handlers share words, bytes and globals, call the same functions, and keep locals below a stack pointer, in
/// frames and in the red zone. What can tear (docs/on-the-chip.md) only one of them uses, or an atomic access, or a masked section.
/// </summary>
internal sealed class WasmPrograms
{
    /// <summary>Layout of the memory: stack, shared words, a shared double word, the program's own bytes, 64 of each handler.</summary>
    private const int Stack = 1152, Shared = Stack, SharedWords = 4, Wide = Shared + 16, Own = Wide + 8, HandlersOwn = Own + 96, End = HandlersOwn + (3 * 64);

    /// <summary>Bytes of a second memory, which some of the programs have and read at their end.</summary>
    public const int FarBytes = 16;

    private static readonly string[] Vectors = ["SysTick", "TIM2", "USART1"];
    private static readonly string[] Binary = ["add", "sub", "mul", "xor", "and", "or", "shl", "shr_u", "shr_s", "rotl", "lt_s", "ge_u", "eq"];
    private readonly FuzzRandom _random;
    private readonly StringBuilder _text = new();
    private int _own;
    private int _depth;
    private bool _calls;
    private bool _hasFar;

    /// <summary>Whether the function is one that the program and handlers call: it has no bytes of its own.</summary>
    private bool _isShared;
    private bool _isMasked;
    private int _labels;

    private WasmPrograms(ulong seed) => _random = new FuzzRandom(seed);

    /// <summary>The program of a number.</summary>
    public static PreemptedProgram Make(ulong seed) => new WasmPrograms(seed).Write(seed);

    /// <summary>One to three handlers <c>h0</c>, <c>h1</c>, <c>h2</c> at random priorities.</summary>
    public static ImmutableArray<InterruptHandler> Handlers(FuzzRandom random) =>
        [.. Enumerable.Range(0, 1 + random.Below(3)).Select(i => new InterruptHandler(Vectors[i], Name(i)) { Priority = random.Below(3) * 4 })];

    private static string Name(int handler) => "h" + handler.ToString(CultureInfo.InvariantCulture);

    private PreemptedProgram Write(ulong seed)
    {
        var handlers = Handlers(_random);
        _hasFar = _random.Once(3);
        _text.Append(CultureInfo.InvariantCulture, $$"""
            (module
              (import "pulse:hal/cpu" "disable" (func $disable (result i32)))
              (import "pulse:hal/cpu" "restore" (func $restore (param i32)))
              (type $binary (func (param i32 i32) (result i32)))
              (memory (export "memory") 1) {{(_hasFar ? "(memory $far 1)" : "")}} (@custom "pulse.memory" "\{{(End & 0x7F) | 0x80:x2}}\{{End >> 7:x2}}{{(_hasFar ? "\\10" : "")}}")
              (table 2 2 funcref) (elem (i32.const 0) $leaf $framed)
              (global $__stack_pointer (mut i32) (i32.const {{Stack}}))
              (global $g0 (export "g0") (mut i32) (i32.const 7)) (global $g1 (export "g1") (mut i32) (i32.const -3))
              (data (i32.const {{Shared}}) "{{string.Concat(_random.Bytes(End - Shared).Select(b => $"\\{b:x2}"))}}")

            """);
        Function("(func $leaf (type $binary) (param $a i32) (param $b i32) (result i32)", 2 + _random.Below(2), frame: 16 << _random.Below(4), isLeaf: true);
        Function("(func $framed (type $binary) (param $a i32) (param $b i32) (result i32)", 1 + _random.Below(2), frame: 16 << _random.Below(3), isLeaf: false);
        Tail();
        foreach (var (i, _) in handlers.Index())
        {
            _own = HandlersOwn + (i * 64);
            _calls = _random.Below(3) != 0;
            Function($"(func (export \"{Name(i)}\") (local $a i32) (local $b i32)", 2 + _random.Below(3), frame: _random.Once(2) ? 32 : 0, isLeaf: false);
        }

        _own = Own;
        _calls = true;
        Function("(func (export \"run\") (local $a i32) (local $b i32)", 5 + _random.Below(4), frame: _random.Once(2) ? 32 : 0, isLeaf: false);
        _text.Append(')');
        var text = _text.ToString();
        var name = string.Create(CultureInfo.InvariantCulture, $"wasm{seed}");
        var wasm = ModuleLoading.Binary(new InputFile(name + ".wat", Encoding.UTF8.GetBytes(text)));
        return new(name, wasm, handlers, StackPointer: 0, Shared, End, text);
    }

    /// <summary>A function whose frame lies below the stack pointer: lowered over it, or not when it calls nothing.</summary>
    private void Function(string head, int statements, int frame, bool isLeaf)
    {
        var hasResult = head.Contains("(result i32)", StringComparison.Ordinal);
        _isShared = hasResult;
        _calls &= !isLeaf;

        _text.Append("  ").Append(head).Append(" (local $c i32) (local $i i32) (local $m i32) (local $p i32) (local $w i64)\n");
        if (frame > 0)
        {
            _text.Append(CultureInfo.InvariantCulture, $"    (local.set $p (i32.sub (global.get $__stack_pointer) (i32.const {frame})))\n");
            if (!isLeaf)
            {
                _text.Append("    (global.set $__stack_pointer (local.get $p))\n");
            }

            for (var at = 0; at < frame; at += 16)
            {
                _text.Append(CultureInfo.InvariantCulture, $"    (i32.store offset={at} (local.get $p) {Value(1)}) (i32.store offset={at + 4} (local.get $p) {Value(1)})\n");
                _text.Append(CultureInfo.InvariantCulture, $"    (i64.store offset={at + 8} (local.get $p) (i64.const {_random.Below(1 << 20)}))\n");
            }
        }

        if (!hasResult)
        {
            Line($"(local.set $a (i32.load (i32.const {Word()}))) (local.set $b (i32.load (i32.const {_own + 20})))");
        }

        for (var i = 0; i < statements; i++)
        {
            Statement(frame);
        }

        for (var at = 0; _hasFar && !hasResult && at < FarBytes; at += 4)
        {
            Line($"(local.set $c (i32.add (i32.mul (local.get $c) (i32.const 31)) (i32.load $far (i32.const {at}))))");
        }

        for (var at = 0; at < frame; at += 4)
        {
            _text.Append(CultureInfo.InvariantCulture, $"    (local.set $c (i32.add (i32.mul (local.get $c) (i32.const 31)) (i32.load offset={at} (local.get $p))))\n");
        }

        if (frame > 0 && !isLeaf)
        {
            _text.Append(CultureInfo.InvariantCulture, $"    (global.set $__stack_pointer (i32.add (local.get $p) (i32.const {frame})))\n");
        }

        _text.Append(hasResult
            ? "    (i32.xor (local.get $c) (local.get $a)))\n"
            : $"    (i32.store offset={_own + 56} (i32.const 0) (i32.add (local.get $c) (i32.add (local.get $a) (local.get $b)))))\n");
    }

    private void Tail() => _text.Append(
        "  (func $tail (type $binary) (if (i32.and (local.get 0) (i32.const 1)) (then (return_call $framed (local.get 1) (local.get 0))))\n"
        + "    (return_call_indirect (type $binary) (local.get 0) (local.get 1) (i32.and (i32.shr_u (local.get 0) (i32.const 1)) (i32.const 1))))\n");

    private void Statement(int frame)
    {
        _depth++;
        switch (_random.Below(_depth > 2 ? 8 : 14))
        {
            case 1 when _hasFar:
                Line($"(i32.store $far (i32.const {4 * _random.Below(FarBytes / 4)}) {Value(2)})");
                break;
            case 0 or 1:
                Line($"(i32.store (i32.const {Word()}) {Value(2)})");
                break;
            case 2:
                var word = Word();
                Line($"(i32.store (i32.const {word}) (i32.add (i32.load (i32.const {word})) {Value(1)}))");
                break;
            case 3:
                var global = _random.Once(2) ? "$g0" : "$g1";
                Line($"(global.set {global} (i32.{_random.Pick(Binary)} (global.get {global}) {Value(1)}))");
                break;
            case 4:
                Line($"(local.set ${"abc"[_random.Below(3)]} {Value(2)})");
                break;
            case 5:
                Line(_random.Below(4) switch
                {
                    0 => $"(i32.store8 (i32.const {Shared + _random.Below(16)}) {Value(1)})",
                    1 => $"(i32.store16 (i32.const {Shared + (2 * _random.Below(8))}) {Value(1)})",
                    2 => $"(drop (i32.atomic.rmw.add (i32.const {Word()}) {Value(1)}))",
                    _ => $"(local.set $w (i64.atomic.rmw.{_random.Pick(["add", "xor", "xchg"])} (i32.const {Wide}) (i64.extend_i32_s {Value(1)})))",
                });
                break;
            case 6 when !_isShared:
                Line(_random.Below(4) switch
                {
                    0 => $"(i64.store (i32.const {_own}) (i64.mul (i64.extend_i32_u {Value(1)}) (i64.add (i64.load (i32.const {_own})) (i64.const 12345678901))))",
                    1 => $"(memory.copy (i32.const {_own + 16}) (i32.const {_own}) (i32.const {4 + _random.Below(13)}))",
                    2 => $"(memory.fill (i32.const {_own + 32}) {Value(0)} (i32.const {_random.Below(16)}))",
                    _ => $"(i32.store (i32.const {_own + 33}) (i32.wrap_i64 (i64.div_u (i64.load (i32.const {_own})) (i64.extend_i32_u (i32.or {Value(1)} (i32.const 1))))))",
                });
                break;
            case 7 when frame > 0:
                Line($"(i32.store offset={4 * _random.Below(frame / 4)} (local.get $p) {Value(1)})");
                break;
            case 8 or 9:
                Nested($"(if {Value(1)} (then", "))", frame, 1);
                break;
            case 10:
                var label = _labels++;
                Line("(local.set $i (i32.const 0))");
                Nested($"(loop $l{label}", $"(br_if $l{label} (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {2 + _random.Below(2)}))))", frame, 1, looping: true);
                break;
            case 11 or 12 when !_isMasked:
                // The sections may be called within each other, so each puts back what it found.
                Line("(local.set $m (call $disable))");
                _isMasked = true;
                Line($"(i64.store (i32.const {Wide}) (i64.add (i64.load (i32.const {Wide})) (i64.extend_i32_u {Value(1)})))");
                Nested("(block", ")", frame, 1);
                _isMasked = false;
                Line("(call $restore (local.get $m))");
                break;
            default:
                Line($"(local.set $a {(_calls ? Call() : Value(2))})");
                break;
        }

        _depth--;
    }

    private void Nested(string begin, string end, int frame, int statements, bool looping = false)
    {
        // A loop within a loop would count in the same local.
        _depth += looping ? 2 : 0;
        Line(begin);
        for (var i = 0; i < statements; i++)
        {
            Statement(frame);
        }

        Line(end);
        _depth -= looping ? 2 : 0;
    }

    private string Call() => _random.Below(4) switch
    {
        0 => $"(call $leaf {Value(1)} {Value(1)})",
        1 => $"(call $framed {Value(1)} {Value(1)})",
        2 => $"(call $tail {Value(1)} {Value(1)})",
        _ => $"(call_indirect (type $binary) {Value(1)} {Value(1)} (i32.const {_random.Below(2)}))",
    };

    private string Value(int depth) => _random.Below(depth > 0 ? 11 : 6) switch
    {
        0 => $"(i32.const {(int)_random.Next() >> _random.Below(31)})",
        1 or 2 => $"(local.get ${"abc"[_random.Below(3)]})",
        3 when _hasFar && _random.Once(3) => $"(i32.load $far (i32.const {4 * _random.Below(FarBytes / 4)}))",
        3 => $"(i32.load (i32.const {Word()}))",
        4 => $"(global.get {(_random.Once(2) ? "$g0" : "$g1")})",
        5 => _random.Below(3) switch
        {
            0 => $"(i32.load16_u (i32.const {Shared + (2 * _random.Below(8))}))",
            1 => $"(i32.load8_s (i32.const {Shared + _random.Below(16)}))",
            _ => $"(i32.load (i32.const {(_isShared ? Shared : _own + 20)}))",
        },
        6 => $"(i32.div_u {Value(depth - 1)} (i32.or {Value(depth - 1)} (i32.const 1)))",
        7 => $"(select {Value(depth - 1)} {Value(depth - 1)} {Value(depth - 1)})",
        8 => $"(i32.wrap_i64 (i64.rotl (i64.atomic.load (i32.const {Wide})) (i64.const {_random.Below(64)})))",
        _ => $"(i32.{_random.Pick(Binary)} {Value(depth - 1)} {Value(depth - 1)})",
    };

    private int Word() => Shared + (4 * _random.Below(SharedWords));

    private void Line(string text) => _text.Append("    ").Append(text).Append('\n');
}
