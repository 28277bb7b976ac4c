(module (memory (export "m") 1)
  (func (export "g") (param i32 i32) (result i32) (call 1 (call 1 (local.get 0) (local.get 1)) (local.get 0)))
  (func (param $x i32) (param $y i32) (result i32)
    (i32.store (i32.const 16) (local.get $x))
    (i32.mul
      (if (result i32) (i32.eqz (local.get $y)) (then (i32.const -1))
        (else (if (result i32) (i32.gt_u (local.get $y) (i32.const 100)) (then (i32.xor (local.get $x) (i32.const 0x1234)))
          (else (i32.add (i32.rotl (local.get $y) (i32.const 5)) (i32.sub (local.get $x) (i32.const 77)))))))
      (i32.load (i32.const 20)))))
