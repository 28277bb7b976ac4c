;; A matrix of readings: loops inside loops, with calls, wide values and floats.
(module
  (import "adc" "sample" (func $sample (param i32 i32) (result i32)))
  (import "adc" "scale" (global $scale f32))
  (memory (export "memory") 1)
  (global $sum (export "sum") (mut i64) (i64.const 0))
  (func (export "scan") (param $rows i32) (result f32) (local $r i32) (local $c i32) (local $v i32) (local $max f32)
    (local.set $rows (i32.and (local.get $rows) (i32.const 3)))
    (block $done
      (loop $row
        (br_if $done (i32.ge_u (local.get $r) (local.get $rows)))
        (local.set $c (i32.const 0))
        (loop $column
          (local.set $v (call $sample (local.get $r) (local.get $c)))
          (i32.store16 (i32.shl (i32.add (i32.shl (local.get $r) (i32.const 2)) (local.get $c)) (i32.const 1)) (local.get $v))
          (global.set $sum (i64.add (global.get $sum) (i64.extend_i32_s (local.get $v))))
          (local.set $max (f32.max (local.get $max) (f32.mul (f32.convert_i32_s (local.get $v)) (global.get $scale))))
          (br_if $column (i32.lt_u (local.tee $c (i32.add (local.get $c) (i32.const 1))) (i32.const 4))))
        (local.set $r (i32.add (local.get $r) (i32.const 1)))
        (br $row)))
    (local.get $max)))
