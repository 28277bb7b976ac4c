(module
  (func (export "g") (param $a i64) (param $b i64) (param $n i32) (result i64) (local $r i64) (local $q i64)
    (if (i32.and (local.get $n) (i32.const 1)) (then
      (local.set $a (i64.mul (local.get $a) (i64.const 7)))
      (local.set $b (i64.shr_u (local.get $b) (i64.const 9)))
      (loop $first (local.set $r (i64.add (local.get $r) (local.get $a)))
        (br_if $first (i64.lt_u (local.get $r) (i64.const 1000000))))))
    (local.set $q (i64.div_u (i64.add (local.get $a) (local.get $b)) (i64.or (local.get $b) (i64.const 1))))
    (loop $l
      (local.set $r (i64.xor (i64.shl (local.get $r) (i64.const 1)) (local.get $a)))
      (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (i64.add (local.get $r) (local.get $q))))
