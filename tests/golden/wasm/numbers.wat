;; Literals that are easy to get wrong, and a custom section in its place.
(module
  (func $integers
    (drop (i32.const 0x80000000)) (drop (i32.const -2147483648)) (drop (i32.const 4294967295)) (drop (i32.const 1_000_000))
    (drop (i64.const 0x8000_0000_0000_0000)) (drop (i64.const -1)) (drop (i64.const 64)) (drop (i64.const -65)))
  (func $floats
    (drop (f32.const 0x1.fffffep+127)) (drop (f32.const 0x1p-149)) (drop (f32.const -0)) (drop (f32.const 16777217))
    (drop (f32.const nan)) (drop (f32.const -nan:0x1)) (drop (f32.const inf)) (drop (f32.const 3.4028235e38))
    (drop (f64.const 0x1p-1074)) (drop (f64.const 2.2250738585072011e-308)) (drop (f64.const 9007199254740993))
    (drop (f64.const nan:0x8000000000001)) (drop (f64.const -inf)) (drop (f64.const 1e23)) (drop (f64.const 0x1.8p1)))
  (func $"a name with spaces (and more)" (call $"a name with spaces (and more)"))
  (@custom "vendor.note" (after func) "kept \00\01\02")
  (@custom "first" (before first) "in front"))
