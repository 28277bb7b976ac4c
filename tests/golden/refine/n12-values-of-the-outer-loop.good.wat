(module (memory (export "m") 1)
  (func (export "g") (param $n i32) (param $x i32) (result i32) (local $y i32) (local $i i32) (local $sum i32)
    (local.set $x (i32.add (local.get $x) (i32.const 1)))
    (loop $outer
      (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 3))))
      (local.set $y (i32.shr_u (local.get $x) (i32.const 8)))
      (local.set $i (i32.const 4))
      (loop $inner
        (local.set $sum (i32.add (local.get $sum) (local.get $i)))
        (br_if $inner (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.set $i (i32.const 4))
      (loop $second
        (local.set $sum (i32.xor (local.get $sum) (local.get $i)))
        (br_if $second (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (i32.store (i32.and (local.get $y) (i32.const 28)) (i32.mul (local.get $y) (local.get $sum)))
      (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
