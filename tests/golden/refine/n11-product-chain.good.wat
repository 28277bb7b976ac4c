(module (func (export "g") (param $a i32) (param $b i32) (param $c i32) (result i32)
  (i32.mul
    (i32.xor
      (i32.mul
        (i32.xor
          (i32.mul (i32.sub (i32.or (local.get $a) (local.get $b)) (i32.and (local.get $b) (local.get $a))) (local.get $c))
          (i32.shr_u (local.get $a) (i32.const 7)))
        (i32.add (i32.or (local.get $b) (local.get $c)) (i32.and (local.get $b) (local.get $c))))
      (i32.const 77))
    (local.get $a))))
