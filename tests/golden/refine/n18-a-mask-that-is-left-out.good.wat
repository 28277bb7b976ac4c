(module (memory (export "m") 1)
  (func (export "g") (param $p i32) (param $n i32) (result i32) (local $c i32)
    (local.set $c (i32.const 0xffff))
    (loop $l
      (local.set $c (i32.xor
        (i32.and (i32.shl (local.get $c) (i32.const 8)) (i32.const 0xffff))
        (i32.load16_u (i32.add (local.get $p)
          (i32.shl (i32.xor (i32.shr_u (local.get $c) (i32.const 8)) (i32.load8_u (local.get $p))) (i32.const 1))))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $c)))
