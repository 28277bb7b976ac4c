(module $vectors
  (memory $m 1)
  (global $g (mut v128) (v128.const f64x2 1 nan))
  (func $all (export "all") (param $a i32) (param $v v128) (result v128)
    (v128.store offset=16 (local.get $a) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
    (v128.store16_lane offset=4 align=1 3 (local.get $a) (local.get $v))
    (global.set $g (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31 (local.get $v) (global.get $g)))
    (f32x4.replace_lane 2 (i16x8.replace_lane 7 (local.get $v) (i32.const -1)) (f32x4.extract_lane 1 (local.get $v)))
    (v128.load8_lane 15 (local.get $a) (local.get $v))
    i8x16.relaxed_swizzle
    (if (param v128) (result v128) (v128.any_true (local.get $v))
      (then (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $v) (local.get $v))))
  )
)
